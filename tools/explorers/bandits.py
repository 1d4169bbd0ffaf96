"""Contextual bandits over one value model: epsilon-greedy, linear Thompson sampling and LinUCB.

They differ in how they choose; what they share is below. A learned choice is never spent on what was already tried on
the same input; the floor may be, so that every action keeps its chance.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from faultfinder.tools.explorers.environment import Bools, Environment, Macroscopic
from faultfinder.tools.explorers.explorer import BATCH, FLOOR, Ints, Policy, macroscopic
from faultfinder.tools.explorers.features import Floats
from faultfinder.tools.explorers.posterior import Narrowing
from faultfinder.tools.explorers.queries import Choice
from faultfinder.tools.explorers.value_model import ValueModel
from faultfinder.tools.ports import FloatArray

WIDTH = 1.0
"""Standard deviations above its mean at which UCB takes an action's value."""

DRAWS = 32
"""Draws from the belief among which Thompson sampling takes one for each input."""

REACH = 0.3
"""Share of the belief's standard deviation that draws are spread over; less than all of it explores less."""


class Chooser(Protocol):
    """Says with which chance a bandit would take each action, its floor not counted."""

    def __call__(self, model: ValueModel, states: FloatArray, tried: Bools, dice: np.random.Generator) -> Floats:
        """Return chances, float64 (n, A), rows summing to 1, for inputs (n, d); some actions (n, A) were tried."""
        ...


@dataclass(frozen=True)
class EpsilonGreedy:
    """Takes the action of highest expected severity, but for the floor.

    Attributes:
        floor: Share of queries spread evenly.
        batch: Queries chosen together.
    """

    name = "epsilon-greedy"
    floor: float = FLOOR
    batch: int = BATCH

    def explore(self, environment: Environment, seed: int) -> Policy:
        """Spend the budget."""
        return run_bandit(macroscopic(environment, self.name), seed, _greedy, self.floor, self.batch)


@dataclass(frozen=True)
class Thompson:
    """Takes the action that is best under a draw from what it believes (Agrawal and Goyal 2013).

    Several draws are made and one of them taken for each input, so that, given the draws, the chance of an action is
    known exactly: the share of draws under which it is best.

    Attributes:
        floor: Share of queries spread evenly.
        batch: Queries chosen together.
        draws: Draws made for a batch.
        reach: Share of the belief's standard deviation that draws are spread over (Chapelle and Li 2011).
    """

    name = "thompson"
    floor: float = FLOOR
    batch: int = BATCH
    draws: int = DRAWS
    reach: float = REACH

    def explore(self, environment: Environment, seed: int) -> Policy:
        """Spend the budget."""
        return run_bandit(macroscopic(environment, self.name), seed, self._chances, self.floor, self.batch)

    def _chances(self, model: ValueModel, states: FloatArray, tried: Bools, dice: np.random.Generator) -> Floats:
        inputs = model.inputs(states)
        chances = np.zeros(tried.shape)
        for weights in model.posterior.draws(self.draws, dice, self.reach):
            values = inputs @ weights.reshape(-1, inputs.shape[1]).T @ model.actions.T
            np.add.at(chances, (np.arange(len(states)), best(values, tried)), 1.0 / self.draws)
        return chances


@dataclass(frozen=True)
class Ucb:
    """Takes the action whose value could well be highest: mean plus some standard deviations (LinUCB, Li et al. 2010).

    Within a batch, belief narrows by each choice before its answer is there (GP-BUCB, Desautels et al. 2014), so that a
    batch does not ask the same thing over and over.

    Attributes:
        floor: Share of queries spread evenly.
        batch: Queries chosen together.
        width: Standard deviations.
    """

    name = "ucb"
    floor: float = FLOOR
    batch: int = BATCH
    width: float = WIDTH

    def explore(self, environment: Environment, seed: int) -> Policy:
        """Spend the budget."""
        return run_bandit(macroscopic(environment, self.name), seed, self._chances, self.floor, self.batch)

    def _chances(self, model: ValueModel, states: FloatArray, tried: Bools, dice: np.random.Generator) -> Floats:
        inputs, means, belief = model.inputs(states), model.means(states), Narrowing(model.posterior)
        chances = np.zeros(tried.shape)
        for row, seen in enumerate(inputs):
            upper = means[row] + self.width * np.sqrt(belief.variances(model.actions, seen))
            action = int(best(upper[None], tried[row : row + 1])[0])
            chances[row, action] = 1.0
            belief.assume(model.rows(seen[None], [action])[0])
        return chances


def run_bandit(world: Macroscopic, seed: int, chooser: Chooser, floor: float, batch: int) -> Policy:
    """Choose, ask and learn in batches until the budget is spent."""
    world.reset(seed=seed)
    dice, model = np.random.default_rng(seed), ValueModel.of(world)
    while examples := world.draw(batch):
        states = world.states(examples)
        chances = with_floor(chooser(model, states, world.tried(examples), dice), floor)
        actions = taken(chances, dice)
        model.learn(states, actions, world.visit_many(choices(examples, actions, chances)))
    return GreedyPolicy(model)


@dataclass(frozen=True)
class GreedyPolicy:
    """Takes the action of highest expected severity."""

    model: ValueModel

    def choose(self, states: FloatArray) -> Ints:
        """Return the action expected to fail worst for each input, int (n,)."""
        return np.asarray(self.model.means(states).argmax(axis=1), dtype=np.int64)


def with_floor(chances: Floats, floor: float) -> Floats:
    """Mix chances (n, A) with an even share of all actions."""
    mixed: Floats = (1 - floor) * chances + floor / chances.shape[1]
    return mixed


def taken(chances: Floats, dice: np.random.Generator) -> list[int]:
    """Draw an action for each row of chances (n, A)."""
    marks = dice.random((len(chances), 1)) * chances.sum(axis=1, keepdims=True)
    return [int(number) for number in (chances.cumsum(axis=1) <= marks).sum(axis=1).clip(max=chances.shape[1] - 1)]


def choices(examples: list[int], actions: list[int], chances: Floats) -> list[Choice]:
    """Put actions taken for inputs together with their chances."""
    return [Choice(e, a, float(chances[row, a])) for row, (e, a) in enumerate(zip(examples, actions, strict=True))]


def best(values: Floats, tried: Bools) -> Ints:
    """Return the best action of each row (n, A) that was not tried yet; of all, where all were."""
    open_ = np.where(tried & ~tried.all(axis=1, keepdims=True), -np.inf, values)
    return np.asarray(open_.argmax(axis=1), dtype=np.int64)


def _greedy(model: ValueModel, states: FloatArray, tried: Bools, dice: np.random.Generator) -> Floats:
    chances = np.zeros(tried.shape)
    chances[np.arange(len(states)), best(model.means(states), tried)] = 1.0
    return chances
