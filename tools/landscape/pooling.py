"""Partial pooling of rates by empirical Bayes: each group's word counts, and what the others say is its prior.

A group's prior is Beta(s m, s (1 - m)), m the mean of the others weighted by their nearness and by how often they were
tried, s how many tries that is worth. Nearness and s maximise the likelihood of each group given all others (that of
the beta-binomial distribution), so groups that are alike are drawn together and others are left alone (Morris, 1983).
The interval holds the middle 95 % of the posterior.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

STRENGTHS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Worths of the others' word that are tried, in tries."""

_TAIL = 0.025
_PRIOR = 1.0  # the others' mean is drawn to the overall rate by so many tries, and that to one half: never 0 or 1


@dataclass(frozen=True)
class Pooled:
    """Rates of n groups.

    Attributes:
        rate: Posterior means, float64 (n,).
        low: Lower ends of the 95 % intervals, float64 (n,).
        high: Upper ends, float64 (n,).
        reach: The reach of the nearness that was chosen.
        strength: How many tries the others' word is worth.
    """

    rate: Floats
    low: Floats
    high: Floats
    reach: float
    strength: float


@dataclass(frozen=True)
class _Prior:
    reach: float
    strength: float
    mean: Floats
    evidence: float


def pool(n: Floats, fail: Floats, near: Sequence[tuple[float, Floats]]) -> Pooled:
    """Pool groups that lie near one another.

    Args:
        n: tries of each group, float64 (groups,); effective numbers need not be whole.
        fail: failures among them, float64 (groups,).
        near: candidates for how near groups are, float64 (groups, groups) with a zero diagonal, each under its reach.
    """
    from scipy.stats import beta

    priors = (_prior(n, fail, reach, nearness, strength) for reach, nearness in near for strength in STRENGTHS)
    best = max(priors, key=lambda prior: prior.evidence)
    a = best.strength * best.mean + fail
    b = best.strength * (1 - best.mean) + n - fail
    low, high = (np.asarray(beta.ppf(tail, a, b), dtype=np.float64) for tail in (_TAIL, 1 - _TAIL))
    return Pooled(a / (a + b), low, high, best.reach, best.strength)


def pool_groups(n: Floats, fail: Floats) -> Pooled:
    """Pool groups of which none is nearer to another than a third, as `pool` does."""
    return pool(n, fail, [(0.0, alike(len(n)))])


def alike(groups: int) -> Floats:
    """Return nearness 1 between all groups, float64 (groups, groups), zero on the diagonal."""
    return np.ones((groups, groups)) - np.eye(groups)


def _prior(n: Floats, fail: Floats, reach: float, near: Floats, strength: float) -> _Prior:
    from scipy.special import betaln

    overall = (fail.sum() + 0.5 * _PRIOR) / (n.sum() + _PRIOR)
    mean = (near @ fail + overall * _PRIOR) / (near @ n + _PRIOR)
    a, b = strength * mean, strength * (1 - mean)
    likelihood = betaln(a + fail, b + n - fail) - betaln(a, b)
    return _Prior(reach, strength, mean, float(likelihood.sum()))
