"""A Bayesian optimiser over the factors' levels, which knows nothing of inputs.

It is optuna's tree-structured Parzen estimator (Bergstra et al. 2011), asked and told; imported late, with optuna.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, IntDistribution
from optuna.trial import FrozenTrial, Trial, create_trial

from faultfinder.tools.actions.space import ActionSpace
from faultfinder.tools.explorers.baselines import Measured
from faultfinder.tools.explorers.environment import Bools, Environment
from faultfinder.tools.explorers.explorer import BATCH, FLOOR, Policy, macroscopic
from faultfinder.tools.explorers.queries import Choice

MEMORY = 500
"""Actions, those tried last, that the estimator looks at: it takes time in proportion."""

ATTEMPTS = 8
"""Proposals for an input at most, where those before were tried on it already."""

_Distributions = dict[str, IntDistribution | CategoricalDistribution]


@dataclass(frozen=True)
class Bayes:
    """Proposes levels as the optimiser does, but for the floor; the policy is the action of highest mean.

    Attributes:
        floor: Share of queries spread evenly.
        batch: Queries chosen together.
    """

    name = "bayes"
    floor: float = FLOOR
    batch: int = BATCH

    def explore(self, environment: Environment, seed: int) -> Policy:
        """Spend the budget."""
        world = macroscopic(environment, self.name)
        world.reset(seed=seed)
        measured, dice = Measured.of(len(world.space)), np.random.default_rng(seed)
        with _quiet():
            optimiser = _Optimiser(world.space, seed)
            while examples := world.draw(self.batch):
                proposed = optimiser.propose(world.tried(examples), measured)
                actions = [int(dice.integers(len(world.space))) if dice.random() < self.floor else a for a in proposed]
                chances = [self._chance(a == p, len(world.space)) for a, p in zip(actions, proposed, strict=True)]
                tried = [Choice(*each) for each in zip(examples, actions, chances, strict=True)]
                measured.add(actions, world.visit_many(tried))
                optimiser.note(actions)
        return measured

    def _chance(self, proposed: bool, actions: int) -> float:
        return self.floor / actions + (1 - self.floor) * proposed


class _Optimiser:
    """Proposes actions by what was measured: the optimiser is told an action once, by the mean of its answers.

    Told every answer by itself, it would take whichever happened to be worst for the best.
    """

    def __init__(self, space: ActionSpace, seed: int) -> None:
        self._space = space
        self._sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
        self._tried: dict[int, None] = {}
        self._levels: _Distributions = {
            factor.name: IntDistribution(0, len(factor.levels) - 1)
            if factor.ordered
            else CategoricalDistribution(range(len(factor.levels)))
            for factor in space.factors
        }

    def note(self, actions: list[int]) -> None:
        """Remember that actions were tried, the latest last."""
        for action in actions:
            self._tried.pop(action, None)
            self._tried[action] = None

    def propose(self, tried: Bools, measured: Measured) -> list[int]:
        """Propose an action an input, given what was tried on each, bool (n, A), and what was measured."""
        study, means = optuna.create_study(direction="maximize", sampler=self._sampler), measured.means()
        study.add_trials([self._trial(action, float(means[action])) for action in list(self._tried)[-MEMORY:]])
        return [self._fresh(study, row) for row in tried]

    def _fresh(self, study: optuna.Study, tried: Bools) -> int:
        """Ask until an action comes that was not tried on the input; after some attempts, take what comes."""
        for _ in range(ATTEMPTS):
            action = self._action(study.ask(dict(self._levels)))
            if not tried[action]:
                break
        return action

    def _trial(self, action: int, value: float) -> FrozenTrial:
        levels = [int(level) for level in np.unravel_index(action, self._space.shape)]
        params = {factor.name: level for factor, level in zip(self._space.factors, levels, strict=True)}
        return create_trial(params=params, distributions=dict(self._levels), value=value)

    def _action(self, trial: Trial) -> int:
        levels = [int(trial.params[factor.name]) for factor in self._space.factors]
        return int(np.ravel_multi_index(levels, self._space.shape))


@contextmanager
def _quiet() -> Iterator[None]:
    loud = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(loud)
