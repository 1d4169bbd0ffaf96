"""Where failures lie for a model of importance, and how alike two such places are.

Importance is believed to be a sum of parts that know nothing of one another: what all failures share, the effect of
every factor by itself, of all factors together, of the topic, and of what the input is like. Effects of ordered factors
are smooth over neighbouring levels (squared-exponential with a reach), those of others are not (additive Gaussian
processes: Duvenaud et al. 2011; Rasmussen and Williams 2006, chapter 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faultfinder.tools.actions.space import ActionSpace, Factor

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

REACHES = (0.15, 0.35, 0.8)
"""Distances, as shares of a factor's extent, over which a level may speak for its neighbours."""


@dataclass(frozen=True)
class Places:
    """Where n failures lie. A place may stand for an average over inputs: shares of topics, a mean state.

    Attributes:
        actions: Indices, int64 (n,).
        topics: Shares of the topics, float64 (n, topics).
        states: What the inputs are like, float64 (n, m).
    """

    actions: Ints
    topics: Floats
    states: Floats

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.actions)


@dataclass(frozen=True)
class Scales:
    """How much each part of importance varies, and how far levels speak for one another.

    Attributes:
        variances: Of what is shared, of every factor, of all factors together, of the topic and of the state.
        noise: Variance of a rating around its place's importance.
        reach: Of ordered factors.
    """

    variances: tuple[float, ...]
    noise: float
    reach: float

    @classmethod
    def usual(cls, factors: int, reach: float = REACHES[1]) -> "Scales":
        """Return what is believed before any rating: together the parts vary by one half."""
        return cls((0.1, *[0.09 / factors] * factors, 0.02, 0.02, 0.02), 0.02, reach)


class Ground:
    """The actions and topics over which importance is learnt, and the covariance of places."""

    def __init__(self, space: ActionSpace, topics: Sequence[str]) -> None:
        """Take the actions, and all topics that places may name."""
        self.space = space
        self.topics = {topic: number for number, topic in enumerate(sorted(set(topics)))}
        self._levels = np.stack(np.unravel_index(np.arange(len(space)), space.shape), axis=1)

    def places(self, actions: Sequence[int], topics: Sequence[str], states: Floats) -> Places:
        """Return single failures as places; a topic that is not known shares nothing with any other."""
        shares = np.zeros((len(actions), len(self.topics)))
        for row, topic in enumerate(topics):
            if topic in self.topics:
                shares[row, self.topics[topic]] = 1.0
        return Places(np.asarray(actions, dtype=np.int64), shares, states)

    def over_inputs(self, actions: Sequence[int], inputs: Places) -> Places:
        """Return actions averaged over inputs, as places."""
        topics, states = inputs.topics.mean(axis=0), inputs.states.mean(axis=0)
        rows = (len(actions), 1)
        return Places(np.asarray(actions, dtype=np.int64), np.tile(topics, rows), np.tile(states, rows))

    def parts(self, one: Places, other: Places, reach: float) -> Floats:
        """Return every part's covariance at unit variance, float64 (parts, n, m), in the order of `Scales`."""
        near = [
            _nearness(factor, reach)[np.ix_(self._levels[one.actions, i], self._levels[other.actions, i])]
            for i, factor in enumerate(self.space.factors)
        ]
        together = np.prod(near, axis=0)
        alike = [one.topics @ other.topics.T, one.states @ other.states.T]
        return np.stack([np.ones_like(together), *near, together, *alike])

    def covariance(self, one: Places, other: Places, scales: Scales) -> Floats:
        """Return the covariance of importance, float64 (n, m), before any rating."""
        found: Floats = np.tensordot(np.array(scales.variances), self.parts(one, other, scales.reach), axes=1)
        return found

    def variance(self, places: Places, scales: Scales) -> Floats:
        """Return the diagonal of the covariance of places with themselves, float64 (n,)."""
        shared, *effects = scales.variances
        varied = sum(effects[:-2])  # every nearness of a level to itself is 1
        topics, states = (places.topics**2).sum(axis=1), (places.states**2).sum(axis=1)
        found: Floats = shared + varied + effects[-2] * topics + effects[-1] * states
        return found


def _nearness(factor: Factor, reach: float) -> Floats:
    """Return how alike the effects of a factor's levels are, float64 (levels, levels)."""
    count = len(factor.levels)
    if not factor.ordered:
        return np.eye(count)
    places = np.linspace(0.0, 1.0, count)
    near: Floats = np.exp(-((places[:, None] - places[None, :]) ** 2) / (2 * reach**2))
    return near
