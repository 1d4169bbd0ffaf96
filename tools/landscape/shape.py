"""The shape of a landscape in numbers: how spread out failures are, how many peaks there are, how far two are apart."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from faultfinder.memory.landscape_records import Landscape, Shape
from faultfinder.tools.actions.space import ActionSpace

Floats = npt.NDArray[np.float64]


def shape(space: ActionSpace, landscape: Landscape) -> Shape:
    """Return a landscape's shape."""
    mass = failure_mass(landscape)
    entropy = float(-(mass[mass > 0] * np.log2(mass[mass > 0])).sum())
    return Shape(entropy=round(entropy, 4), flat=round(float(np.log2(len(space))), 4), peaks=peaks(space, landscape))


def failure_mass(landscape: Landscape) -> Floats:
    """Return the share of all failures that falls to each action if all are tried alike, float64 (actions,)."""
    rates = np.array([each.rate for each in landscape.rates], dtype=np.float64)
    total = rates.sum()
    return rates / total if total > 0 else np.full(len(rates), 1 / len(rates))


def distance(space: ActionSpace, before: Landscape, after: Landscape) -> float:
    """Return the first Wasserstein distance of two landscapes' failures, with the actions' positions as support.

    0 where failures lie alike; 1 is one factor's whole extent. How many failures there are does not matter, only where
    they lie: the earth mover's distance (Rubner et al., 2000) of the two shares of failures.
    """
    from scipy.stats import wasserstein_distance, wasserstein_distance_nd

    first, second = failure_mass(before), failure_mass(after)
    places = space.positions
    if places.shape[1] == 1:
        return float(wasserstein_distance(places[:, 0], places[:, 0], first, second))
    return float(wasserstein_distance_nd(places, places, first, second))


def peaks(space: ActionSpace, landscape: Landscape) -> tuple[int, ...]:
    """Return the peaks that stand out, the highest first.

    A peak is an action with a rate that no neighbour exceeds; it stands out when the lower end of its interval lies
    above the pass that leads to higher ground (its prominence, as of a mountain; Edelsbrunner et al., 2002). The
    highest one stands out where it lies above the lowest ground.
    """
    rates = [each.rate for each in landscape.rates]
    order = sorted(range(len(rates)), key=lambda action: (-rates[action], action))
    found: list[int] = []
    summit: dict[int, int] = {}  # of every action met so far, the summit of its mountain
    for action in order:
        mountains = {_top(summit, other) for other in neighbours(space, action) if other in summit}
        highest = min(mountains, key=order.index, default=action)
        summit[action] = highest
        for lower in mountains - {highest}:
            if landscape.rates[lower].interval[0] > rates[action]:
                found.append(lower)
            summit[lower] = highest
    if landscape.rates[order[0]].interval[0] > rates[order[-1]]:
        found.append(order[0])
    return tuple(sorted(found, key=order.index))


def neighbours(space: ActionSpace, action: int) -> Iterator[int]:
    """Yield the actions that differ in one factor by one level; of a factor without order, by any."""
    place = np.unravel_index(action, space.shape)
    for axis, factor in enumerate(space.factors):
        here, levels = int(place[axis]), range(len(factor.levels))
        others: Sequence[int] = [here - 1, here + 1] if factor.ordered else levels
        for other in others:
            if other in levels and other != here:
                yield int(np.ravel_multi_index([*place[:axis], other, *place[axis + 1 :]], space.shape))


def _top(summit: dict[int, int], action: int) -> int:
    while summit[action] != action:
        action = summit[action]
    return action
