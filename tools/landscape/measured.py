"""From queries to a landscape: the failure rate of every action, with an interval.

An explorer does not choose at random, so the inputs an action was tried on are not like all inputs. Where it says with
what chance it would have chosen the action, every query is weighted by the inverse of that chance (Horvitz & Thompson,
1952; the weights of an action are divided by their sum, Hajek, 1971). Weighted queries of an action count as
n = (sum w)^2 / sum w^2 queries (Kish, 1965).

Rates are partially pooled by empirical Bayes (Morris, 1983). An action's prior is Beta(s m, s (1 - m)): m is the mean
of its neighbours, weighted by a Gaussian of their distance and by how often they were tried, and s says how many
queries that is worth. The reach of the Gaussian and s maximise the likelihood of each action given all others
(beta-binomial), so a landscape that is smooth is smoothed, and one that is not is left alone. The interval holds the
middle 95 % of the posterior.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faultfinder.memory.landscape_records import ActionRate, Landscape, Visit
from faultfinder.memory.records import Outcome
from faultfinder.tools.actions.space import ActionSpace

Floats = npt.NDArray[np.float64]

REACHES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2)
"""Standard deviations of the Gaussian that are tried, as shares of a factor's extent; 0 pools with all alike."""

STRENGTHS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Worths of the neighbours' word that are tried, in queries."""

_SCORED = (Outcome.FAIL, Outcome.PASS)
_TAIL = 0.025
_PRIOR = 1.0  # the mean of the neighbours is drawn to one half by so many queries in all, so that it is never 0 or 1


@dataclass(frozen=True)
class Counts:
    """Weighted queries by action.

    Attributes:
        n: Effective number of scored queries, float64 (actions,).
        fail: Effective number of failures, float64 (actions,).
    """

    n: Floats
    fail: Floats


@dataclass(frozen=True)
class _Pooling:
    reach: float
    strength: float
    prior: Floats
    evidence: float


def measure(space: ActionSpace, visits: Sequence[Visit]) -> Landscape:
    """Return the landscape that queries show.

    Args:
        space: the actions.
        visits: the queries, of one explorer or several.
    """
    counts = weighted_counts(space, visits)
    best = max((_pooled(space, counts, r, s) for r in REACHES for s in STRENGTHS), key=lambda found: found.evidence)
    alpha = best.strength * best.prior + counts.fail
    beta = best.strength * (1 - best.prior) + counts.n - counts.fail
    return _landscape(space, visits, best, alpha, beta)


def weighted_counts(space: ActionSpace, visits: Sequence[Visit]) -> Counts:
    """Count scored queries by action, weighted by how seldom they would be chosen."""
    scored = [visit for visit in visits if visit.outcome in _SCORED]
    action = np.array([visit.action for visit in scored], dtype=np.int64)
    failed = np.array([visit.outcome is Outcome.FAIL for visit in scored], dtype=np.float64)
    weight = weights(len(space), scored)
    total, squares, fails = (
        np.bincount(action, weights=values, minlength=len(space)) for values in (weight, weight**2, weight * failed)
    )
    n = np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0)
    rate = np.divide(fails, total, out=np.zeros_like(total), where=total > 0)
    return Counts(n, n * rate)


def weights(actions: int, visits: Sequence[Visit]) -> Floats:
    """Return the weight of every query, float64 (n,): 1 where its action was fixed, else the inverse of its chance.

    The chance of an action chosen uniformly at random gives weight 1.
    """
    return np.array([1.0 if v.propensity is None else 1 / (actions * v.propensity) for v in visits], dtype=np.float64)


def _pooled(space: ActionSpace, counts: Counts, reach: float, strength: float) -> _Pooling:
    from scipy.special import betaln

    prior = _neighbours_mean(space, counts, reach)
    alpha, beta = strength * prior, strength * (1 - prior)
    each = betaln(alpha + counts.fail, beta + counts.n - counts.fail) - betaln(alpha, beta)
    return _Pooling(reach, strength, prior, float(each.sum()))


def _neighbours_mean(space: ActionSpace, counts: Counts, reach: float) -> Floats:
    """Return what the other actions say of each, float64 (actions,)."""
    if reach:
        apart = space.positions[:, None, :] - space.positions[None, :, :]
        near = np.exp(-(apart**2).sum(axis=2) / (2 * reach**2))
    else:
        near = np.ones((len(space), len(space)))
    np.fill_diagonal(near, 0.0)
    overall = (counts.fail.sum() + 0.5 * _PRIOR) / (counts.n.sum() + _PRIOR)
    mean: Floats = (near @ counts.fail + overall * _PRIOR) / (near @ counts.n + _PRIOR)
    return mean


def _landscape(
    space: ActionSpace, visits: Sequence[Visit], pooling: _Pooling, alpha: Floats, beta: Floats
) -> Landscape:
    from scipy.stats import beta as beta_distribution

    mean = alpha / (alpha + beta)
    low, high = (beta_distribution.ppf(q, alpha, beta) for q in (_TAIL, 1 - _TAIL))
    by_action: list[list[Visit]] = [[] for _ in range(len(space))]
    for visit in visits:
        by_action[visit.action].append(visit)
    rates = tuple(_rate(tried, float(mean[i]), (float(low[i]), float(high[i]))) for i, tried in enumerate(by_action))
    return Landscape(rates=rates, reach=pooling.reach, strength=pooling.strength, mean=round(float(mean.mean()), 6))


def _rate(tried: Sequence[Visit], rate: float, interval: tuple[float, float]) -> ActionRate:
    scored = [visit for visit in tried if visit.outcome in _SCORED]
    invalid = sum(visit.outcome is Outcome.INVALID for visit in tried)
    return ActionRate(
        n=len(scored),
        fail=sum(visit.outcome is Outcome.FAIL for visit in scored),
        invalid=invalid,
        other=len(tried) - len(scored) - invalid,
        rate=round(rate, 6),
        interval=(round(interval[0], 6), round(interval[1], 6)),
        severity=round(sum(visit.severity or 0.0 for visit in scored) / len(scored), 6) if scored else 0.0,
    )
