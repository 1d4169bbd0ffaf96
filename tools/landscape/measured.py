"""From queries to a landscape: the failure rate of every action, with an interval.

An explorer does not choose at random, so the inputs an action was tried on are not like all inputs. Where it says with
what chance it would have chosen the action, every query is weighted by the inverse of that chance (Horvitz & Thompson,
1952; the weights of an action are divided by their sum, Hajek, 1971). Weighted queries of an action count as
n = (sum w)^2 / sum w^2 queries (Kish, 1965). Queries that nobody chose (of unchanged inputs) count as they are, beside.

Rates are partially pooled with those of neighbouring actions (`pooling`): nearness is a Gaussian of the actions'
distance whose reach the data choose, so a landscape that is smooth is smoothed, and one that is not is left alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faultfinder.memory.landscape_records import ActionRate, Landscape, Visit
from faultfinder.memory.records import Outcome
from faultfinder.tools.actions.space import ActionSpace
from faultfinder.tools.landscape.pooling import Pooled, alike, pool

Floats = npt.NDArray[np.float64]

REACHES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2)
"""Standard deviations of the Gaussian that are tried, as shares of a factor's extent; 0 pools with all alike."""

_SCORED = (Outcome.FAIL, Outcome.PASS)


@dataclass(frozen=True)
class Counts:
    """Weighted queries by action.

    Attributes:
        n: Effective number of scored queries, float64 (actions,).
        fail: Effective number of failures, float64 (actions,).
    """

    n: Floats
    fail: Floats


def measure(space: ActionSpace, visits: Sequence[Visit]) -> Landscape:
    """Return the landscape that queries show.

    Args:
        space: the actions.
        visits: the queries, of one explorer or several.
    """
    counts = weighted_counts(space, visits)
    pooled = pool(counts.n, counts.fail, [(reach, nearness(space, reach)) for reach in REACHES])
    by_action: list[list[Visit]] = [[] for _ in range(len(space))]
    for visit in visits:
        by_action[visit.action].append(visit)
    return Landscape(
        rates=tuple(_rate(tried, pooled, action) for action, tried in enumerate(by_action)),
        reach=pooled.reach,
        strength=pooled.strength,
        mean=round(float(pooled.rate.mean()), 6),
    )


def weighted_counts(space: ActionSpace, visits: Sequence[Visit]) -> Counts:
    """Count scored queries by action, weighted by how seldom they would be chosen."""
    scored = [visit for visit in visits if visit.outcome in _SCORED]
    action = np.array([visit.action for visit in scored], dtype=np.int64)
    failed = np.array([visit.outcome is Outcome.FAIL for visit in scored], dtype=np.float64)
    weight = weights(len(space), scored)
    fixed = np.array([visit.propensity is None for visit in scored], dtype=np.bool_)
    asked, chosen = (_counted(len(space), action[part], failed[part], weight[part]) for part in (fixed, ~fixed))
    return Counts(asked.n + chosen.n, asked.fail + chosen.fail)


def _counted(actions: int, action: npt.NDArray[np.int64], failed: Floats, weight: Floats) -> Counts:
    total, squares, fails = (
        np.bincount(action, weights=values, minlength=actions) for values in (weight, weight**2, weight * failed)
    )
    n = np.divide(total**2, squares, out=np.zeros(actions), where=squares > 0)
    rate = np.divide(fails, total, out=np.zeros(actions), where=total > 0)
    return Counts(n, n * rate)


def weights(actions: int, visits: Sequence[Visit]) -> Floats:
    """Return the weight of every query, float64 (n,): 1 where its action was fixed, else the inverse of its chance.

    The chance of an action chosen uniformly at random gives weight 1.
    """
    return np.array([1.0 if v.propensity is None else 1 / (actions * v.propensity) for v in visits], dtype=np.float64)


def nearness(space: ActionSpace, reach: float) -> Floats:
    """Return how near actions are, float64 (actions, actions), zero on the diagonal; with no reach all are alike."""
    if not reach:
        return alike(len(space))
    apart = space.positions[:, None, :] - space.positions[None, :, :]
    near: Floats = np.exp(-(apart**2).sum(axis=2) / (2 * reach**2))
    np.fill_diagonal(near, 0.0)
    return near


def _rate(tried: Sequence[Visit], pooled: Pooled, action: int) -> ActionRate:
    scored = [visit for visit in tried if visit.outcome in _SCORED]
    invalid = sum(visit.outcome is Outcome.INVALID for visit in tried)
    return ActionRate(
        n=len(scored),
        fail=sum(visit.outcome is Outcome.FAIL for visit in scored),
        invalid=invalid,
        other=len(tried) - len(scored) - invalid,
        rate=round(float(pooled.rate[action]), 6),
        interval=(round(float(pooled.low[action]), 6), round(float(pooled.high[action]), 6)),
        severity=round(sum(visit.severity or 0.0 for visit in scored) / len(scored), 6) if scored else 0.0,
    )
