"""What learners are compared with: choosing at random, and trying everything in turn."""

from dataclasses import dataclass

import numpy as np

from faultfinder.tools.explorers.environment import Environment, Macroscopic
from faultfinder.tools.explorers.explorer import BATCH, Ints, Policy, macroscopic
from faultfinder.tools.explorers.features import Floats
from faultfinder.tools.explorers.queries import Choice
from faultfinder.tools.ports import FloatArray


@dataclass(frozen=True)
class Random:
    """Chooses every action with the same chance; takes small steps at random as well."""

    name = "random"

    def explore(self, environment: Environment, seed: int) -> Policy:
        """Spend the budget."""
        if not isinstance(environment, Macroscopic):
            return _wander(environment, seed)
        environment.reset(seed=seed)
        dice, measured = np.random.default_rng(seed), Measured.of(len(environment.space))
        while examples := environment.draw(BATCH):
            actions = [int(action) for action in dice.integers(len(environment.space), size=len(examples))]
            chance = 1.0 / len(environment.space)
            tried = [Choice(e, a, chance) for e, a in zip(examples, actions, strict=True)]
            measured.add(actions, environment.visit_many(tried))
        return measured


@dataclass(frozen=True)
class Exhaustive:
    """Tries every action in turn, in a new order every round: after k rounds each has been tried on k inputs."""

    name = "exhaustive"

    def explore(self, environment: Environment, seed: int) -> Policy:
        """Spend the budget."""
        world = macroscopic(environment, self.name)
        world.reset(seed=seed)
        dice, measured = np.random.default_rng(seed), Measured.of(len(world.space))
        turn: list[int] = []
        while examples := world.draw(BATCH):
            while len(turn) < len(examples):
                turn += dice.permutation(len(world.space)).tolist()
            actions, turn = turn[: len(examples)], turn[len(examples) :]
            tried = [Choice(e, a) for e, a in zip(examples, actions, strict=True)]
            measured.add(actions, world.visit_many(tried))
        return measured


@dataclass
class Measured:
    """A policy that takes the action with the highest mean so far, drawn to the mean of all as if by one more answer.

    Attributes:
        sums: Rewards per action, (A,).
        counts: Answers per action, (A,).
    """

    sums: Floats
    counts: Floats

    @classmethod
    def of(cls, actions: int) -> "Measured":
        """Start with nothing measured."""
        return cls(np.zeros(actions), np.zeros(actions))

    def add(self, actions: list[int], rewards: FloatArray) -> None:
        """Count answers in."""
        np.add.at(self.sums, actions, rewards)
        np.add.at(self.counts, actions, 1.0)

    def choose(self, states: FloatArray) -> Ints:
        """Return the one best action for every input, int (n,)."""
        return np.full(len(states), int(self.means().argmax()), dtype=np.int64)

    def means(self) -> Floats:
        """Return the means, (A,)."""
        overall = self.sums.sum() / max(1.0, self.counts.sum())
        drawn: Floats = (self.sums + overall) / (self.counts + 1)
        return drawn


def _wander(environment: Environment, seed: int) -> Policy:
    dice, measured = np.random.default_rng(seed), Measured.of(len(environment.space))
    environment.reset(seed=seed)
    while environment.left:
        step = np.int64(dice.integers(environment.moves))
        _, _, ended, cut, _ = environment.step(step)
        if ended or cut:
            environment.reset()
    return measured
