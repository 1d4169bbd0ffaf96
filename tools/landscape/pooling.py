"""Partial pooling of rates by empirical Bayes: each group's word counts, and what the others say is its prior.

A group's prior is Beta(w m, w (1 - m)), m the mean of the others weighted by their nearness. A group of n tries speaks
with the weight n s / (n + s), where s says how alike groups are: however often one was tried, it knows no more of
another than that (random effects: DerSimonian & Laird, 1986). The prior is worth w = s W / (s + W) tries, W the weight
behind m, so that the word of others that were hardly tried is worth little. Every nearness and s on offer is given the
weight of its likelihood, that of each group given all others (beta-binomial), so groups that are alike are drawn
together and others are left alone (Morris, 1983; Hoeting et al., 1999). The interval holds the middle 95 % of the
mixture.
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
_NEGLIGIBLE = 1e-3
_GRID = 1001  # rates at which the mixture's distribution is worked out


@dataclass(frozen=True)
class Pooled:
    """Rates of n groups.

    Attributes:
        rate: Posterior means, float64 (n,).
        low: Lower ends of the 95 % intervals, float64 (n,).
        high: Upper ends, float64 (n,).
        reach: Mean reach of the nearness, by weight.
        strength: How many tries the others' word is worth, the mean over groups by weight.
    """

    rate: Floats
    low: Floats
    high: Floats
    reach: float
    strength: float


@dataclass(frozen=True)
class _Posterior:
    """What one nearness and one likeness make of all groups."""

    reach: float
    worth: float
    a: Floats
    b: Floats
    evidence: float


def pool(n: Floats, fail: Floats, near: Sequence[tuple[float, Floats]]) -> Pooled:
    """Pool groups that lie near one another.

    Args:
        n: tries of each group, float64 (groups,); effective numbers need not be whole.
        fail: failures among them, float64 (groups,).
        near: candidates for how near groups are, float64 (groups, groups) with a zero diagonal, each under its reach.
    """
    all_of_them = [_posterior(n, fail, reach, nearness, s) for reach, nearness in near for s in STRENGTHS]
    best = max(each.evidence for each in all_of_them)
    found = [each for each in all_of_them if each.evidence > best + np.log(_NEGLIGIBLE)]
    weight = np.exp([each.evidence - best for each in found])
    weight /= weight.sum()
    low, high = _middle(found, weight)
    rate = np.einsum("k,kg->g", weight, np.array([each.a / (each.a + each.b) for each in found]))
    return Pooled(
        rate=rate,
        low=np.minimum(low, rate),
        high=np.maximum(high, rate),
        reach=float(weight @ [each.reach for each in found]),
        strength=float(weight @ [each.worth for each in found]),
    )


def pool_groups(n: Floats, fail: Floats) -> Pooled:
    """Pool groups of which none is nearer to another than a third, as `pool` does."""
    return pool(n, fail, [(0.0, alike(len(n)))])


def alike(groups: int) -> Floats:
    """Return nearness 1 between all groups, float64 (groups, groups), zero on the diagonal."""
    return np.ones((groups, groups)) - np.eye(groups)


def _posterior(n: Floats, fail: Floats, reach: float, near: Floats, strength: float) -> _Posterior:
    from scipy.special import betaln

    word = n * strength / (n + strength)
    failing = word * np.divide(fail, n, out=np.zeros_like(n), where=n > 0)
    overall = (failing.sum() + 0.5 * _PRIOR) / (word.sum() + _PRIOR)
    behind = near @ word + _PRIOR
    mean = (near @ failing + overall * _PRIOR) / behind
    worth = strength * behind / (strength + behind)
    a, b = worth * mean, worth * (1 - mean)
    likelihood = betaln(a + fail, b + n - fail) - betaln(a, b)
    return _Posterior(reach, float(worth.mean()), a + fail, b + n - fail, float(likelihood.sum()))


def _middle(found: Sequence[_Posterior], weight: Floats) -> tuple[Floats, Floats]:
    """Return where the mixture's middle 95 % begins and ends, float64 (groups,) each."""
    from scipy.special import betainc

    grid = np.linspace(0.0, 1.0, _GRID)
    below = sum(w * betainc(each.a[:, None], each.b[:, None], grid) for each, w in zip(found, weight, strict=True))
    low, high = (np.array([np.interp(tail, row, grid) for row in below]) for tail in (_TAIL, 1 - _TAIL))
    return low, high
