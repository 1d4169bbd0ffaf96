"""Which failures to ask people about: those whose ratings would teach the model of importance most."""

from collections.abc import Sequence

import numpy as np

from faultfinder.tools.landscape.ground import Places
from faultfinder.tools.landscape.importance import Importance


def taught_most(model: Importance, pool: Places, asked: Sequence[int], count: int) -> list[int]:
    """Choose the places of a pool whose ratings would teach most, greedily, each given the ones before it.

    A rating at c lowers the variance at t by cov(t, c)^2 / (var(c) + noise), whatever it says; the one is taken that
    lowers the sum over the pool most (the active learning of Cohn, 1996; Seo et al. 2000). An action is not taken twice
    while there is another one, so that the questions are spread.

    Args:
        model: what is believed.
        pool: where failures lie.
        asked: rows of the pool that are not asked again.
        count: how many at most.
    """
    covariance, noise = model.covariance(pool), model.scales.noise
    left = np.ones(len(pool), dtype=np.bool_)
    left[list(asked)] = False
    chosen: list[int] = []
    fresh = left.copy()
    while len(chosen) < count and left.any():
        open_ = fresh if fresh.any() else left
        own = np.maximum(covariance.diagonal(), 0.0) + noise
        taught = np.where(open_, (covariance**2).sum(axis=0) / own, -1.0)
        best = int(np.argmax(np.round(taught, 9)))
        covariance = covariance - np.outer(covariance[:, best], covariance[best]) / own[best]
        chosen.append(best)
        left[best] = False
        fresh = left & fresh & (pool.actions != pool.actions[best])
    return chosen
