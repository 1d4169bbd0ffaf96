"""The port of an explorer: where to look next, and what it would do once it has looked.

Every learner keeps a floor: a share of its queries is spread evenly over all actions, whatever it has learned, so that
each action keeps a known chance and the landscape can be estimated without bias by weighting with its inverse
(Horvitz and Thompson 1952).
"""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from faultfinder.memory.errors import OptionError
from faultfinder.tools.explorers.environment import Environment, Macroscopic
from faultfinder.tools.ports import FloatArray

FLOOR = 0.1
"""Share of queries that a learner spreads evenly over all actions."""

BATCH = 16
"""Queries that are chosen and asked together; a model answers a batch much faster than one by one."""

Ints = npt.NDArray[np.int64]


class Policy(Protocol):
    """What an explorer has learned, applied greedily."""

    def choose(self, states: FloatArray) -> Ints:
        """Return the action expected to fail worst for each input, int (n,), given embeddings float32 (n, d)."""
        ...


class Explorer(Protocol):
    """A way to choose where to look."""

    @property
    def name(self) -> str:
        """What it is called: 'thompson'."""
        ...

    def explore(self, environment: Environment, seed: int) -> Policy:
        """Spend the environment's budget; the same seed makes the same choices, given the same answers.

        Raises:
            OptionError: it cannot explore an environment of this kind.
            ExplorerError: it was to learn and did not.
        """
        ...


def macroscopic(environment: Environment, explorer: str) -> Macroscopic:
    """Return the environment, if it takes whole actions.

    Raises:
        OptionError: it takes small steps.
    """
    if not isinstance(environment, Macroscopic):
        raise OptionError(f"{explorer} chooses whole actions; small steps are for dqn, ppo and random")
    return environment
