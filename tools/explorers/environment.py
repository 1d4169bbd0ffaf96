"""An explorer's world as Gymnasium environments: it sees an input, changes it, and is paid for failures of the target.

Macroscopic: an episode is one action, a level of every factor at once (a contextual bandit). Microscopic: small steps
from the neutral action, each moving one factor to its neighbouring level, each paid for, until it stops.
"""

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from faultfinder.memory.errors import BudgetSpent, OptionError
from faultfinder.tools.actions.space import ActionSpace
from faultfinder.tools.explorers.queries import Answer, Choice, Queries
from faultfinder.tools.ports import FloatArray

STEP_COST = 0.02
"""What a small step costs, in units of severity."""

HORIZON = 12
"""Small steps of an episode at most."""

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Step = tuple[FloatArray, float, bool, bool, dict[str, Any]]


class Environment(gymnasium.Env[FloatArray, np.int64]):
    """What both ways of exploring share: inputs in an order that the seed decides, and a wall on queries.

    Inputs come in rounds: each once, in a new order, before any comes again.
    """

    def __init__(self, queries: Queries, examples: Sequence[int]) -> None:
        """Open a world.

        Args:
            queries: asks the task, within its budget.
            examples: the inputs to explore with, by number; what is held out for evaluation is not among them.

        Raises:
            OptionError: there are no inputs, or one is named twice.
        """
        if not examples or len(set(examples)) != len(examples):
            raise OptionError(f"an exploration needs inputs, each of them once, not {list(examples)[:10]}")
        self.queries = queries
        self.examples = tuple(examples)
        self.all_states = queries.task.states(self.examples)
        self._rows = {example: row for row, example in enumerate(self.examples)}
        self._round: list[int] = []
        self._propensity: float | None = None
        self.example = self.examples[0]

    @property
    def space(self) -> ActionSpace:
        """What can be done to an input."""
        return self.queries.task.space

    @property
    def moves(self) -> int:
        """How many actions the environment has: those of the space, or the small steps."""
        raise NotImplementedError

    @property
    def left(self) -> int:
        """Queries left."""
        return self.queries.left

    def states(self, examples: Sequence[int]) -> FloatArray:
        """Return the embeddings of inputs to explore with, float32 (n, d)."""
        return self.all_states[[self._rows[example] for example in examples]]

    def announce(self, propensity: float | None) -> None:
        """Say with what chance the coming step's action was chosen; without it, the visit says nothing of chance."""
        self._propensity = propensity

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[FloatArray, dict[str, Any]]:
        """Go on to the next input; a seed starts the order of inputs anew. What is spent stays spent."""
        super().reset(seed=seed)
        if seed is not None:
            self._round = []
        self.example = self._next(1)[0]
        return self._observed(), {"input": self.queries.task.examples[self.example].key}

    def _next(self, count: int) -> list[int]:
        """Draw inputs, at most as many as are left of the round."""
        if not self._round:
            self._round = [self.examples[row] for row in self.np_random.permutation(len(self.examples))]
        drawn, self._round = self._round[:count], self._round[count:]
        return drawn

    def _query(self, action: int) -> Answer:
        propensity, self._propensity = self._propensity, None
        return self.queries.answer([Choice(self.example, action, propensity)])[0]

    def _observed(self) -> FloatArray:
        raise NotImplementedError


class Macroscopic(Environment):
    """One action an episode. Observation: the input's embedding; reward: severity times importance, 0 if not scored."""

    def __init__(self, queries: Queries, examples: Sequence[int]) -> None:
        """Open a world, as `Environment` does."""
        super().__init__(queries, examples)
        self.action_space = spaces.Discrete(self.moves)
        self.observation_space = spaces.Box(-1.0, 1.0, (self.all_states.shape[1],), np.float32)

    @property
    def moves(self) -> int:
        """How many actions there are."""
        return len(self.space)

    def draw(self, count: int) -> list[int]:
        """Draw the next inputs, at most `count`, all different, and no more than there are queries left."""
        return self._next(min(count, self.left))

    def tried(self, examples: Sequence[int]) -> Bools:
        """Tell which actions have been tried on inputs, bool (n, actions)."""
        tried = np.zeros((len(examples), len(self.space)), dtype=np.bool_)
        for row, example in enumerate(examples):
            tried[row, list(self.queries.tried(example))] = True
        return tried

    def visit_many(self, choices: Sequence[Choice]) -> FloatArray:
        """Try actions on inputs in one batch, and return the rewards, float32 (n,).

        Raises:
            BudgetSpent: there are more than queries left.
        """
        return np.array([answer.reward for answer in self.queries.answer(choices)], dtype=np.float32)

    def step(self, action: np.int64) -> Step:
        """Try an action on the current input.

        Raises:
            BudgetSpent: no query is left.
        """
        answer = self._query(int(action))
        return self._observed(), answer.reward, True, False, {"outcome": answer.visit.outcome.value}

    def _observed(self) -> FloatArray:
        return self.states([self.example]).reshape(-1)


class Microscopic(Environment):
    """Small steps from the neutral action.

    Action 2f moves factor f one level down, 2f + 1 one level up, the last one stops. Ordered factors end at their
    ends; names go round. Observation: the input's embedding, then the current action's position. Reward: severity
    gained by the step, times importance, less its cost. The look at the unchanged input is a query as well.
    """

    def __init__(
        self, queries: Queries, examples: Sequence[int], *, cost: float = STEP_COST, horizon: int = HORIZON
    ) -> None:
        """Open a world.

        Args:
            queries: as for `Environment`.
            examples: as for `Environment`.
            cost: what a step costs, in units of severity.
            horizon: steps of an episode at most.

        Raises:
            OptionError: as `Environment` does; or the space has no neutral action, the cost is negative, or the
                horizon below 1.
        """
        super().__init__(queries, examples)
        if self.space.neutral is None:
            raise OptionError(f"small steps start at an action that changes nothing, and {self.space.name} has none")
        if cost < 0 or horizon < 1:
            raise OptionError(
                f"small steps need a cost of at least 0 and a horizon of at least 1, not {cost}, {horizon}"
            )
        self.cost, self.horizon = cost, horizon
        dimensions = self.all_states.shape[1] + self.space.positions.shape[1]
        self.action_space = spaces.Discrete(self.moves)
        self.observation_space = spaces.Box(-1.0, 1.0, (dimensions,), np.float32)
        self.place = self.space.neutral
        self._steps, self._severity = 0, 0.0

    @property
    def moves(self) -> int:
        """How many small steps there are, stopping among them."""
        return 2 * len(self.space.factors) + 1

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[FloatArray, dict[str, Any]]:
        """Go on to the next input, unchanged, and look how the target does there, if a query is left."""
        assert self.space.neutral is not None  # refused when the world was opened
        self.place, self._steps = self.space.neutral, 0
        observed, info = super().reset(seed=seed, options=options)
        self._severity = self._query(self.place).reward if self.left else 0.0
        return observed, info

    def step(self, action: np.int64) -> Step:
        """Take a small step, or stop.

        Raises:
            BudgetSpent: no query is left.
        """
        if not self.left:
            raise BudgetSpent(f"the budget of {self.queries.budget} queries is spent")
        if stopping := int(action) == 2 * len(self.space.factors):
            return self._observed(), 0.0, stopping, False, {"outcome": ""}
        self._steps += 1
        place, gain, outcome = moved(self.space, self.place, int(action)), 0.0, ""
        if place != self.place:
            answer = self._query(place)
            gain, outcome = answer.reward - self._severity, answer.visit.outcome.value
            self.place, self._severity = place, answer.reward
        return self._observed(), gain - self.cost, False, self._steps >= self.horizon, {"outcome": outcome}

    def _observed(self) -> FloatArray:
        return observations(self.space, self.states([self.example]), np.array([self.place])).reshape(-1)


def moved(space: ActionSpace, place: int, step: int) -> int:
    """Return the action that a small step leads to; the same one at the end of an ordered factor, or for a stop."""
    factor, up = divmod(step, 2)
    if factor >= len(space.factors):
        return place
    levels = list(np.unravel_index(place, space.shape))
    there = int(levels[factor]) + (1 if up else -1)
    last = space.shape[factor] - 1
    levels[factor] = np.intp(min(max(there, 0), last) if space.factors[factor].ordered else there % (last + 1))
    return int(np.ravel_multi_index(levels, space.shape))


def observations(space: ActionSpace, states: FloatArray, places: Ints) -> FloatArray:
    """Put together what is seen during small steps: float32 (n, d + dimensions of the positions)."""
    return np.concatenate([states, space.positions[places].astype(np.float32)], axis=1)
