"""A Bayesian optimiser over the factors' levels, which knows nothing of inputs.

It is optuna's tree-structured Parzen estimator (Bergstra et al. 2011), asked and told; imported late, with optuna.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, IntDistribution
from optuna.trial import Trial, TrialState, create_trial

from faultfinder.tools.actions.space import ActionSpace
from faultfinder.tools.explorers.baselines import Measured
from faultfinder.tools.explorers.environment import Environment
from faultfinder.tools.explorers.explorer import BATCH, FLOOR, Policy, macroscopic
from faultfinder.tools.explorers.queries import Choice

MEMORY = 500
"""Latest answers that the estimator looks at: it takes time in proportion, and a few hundred fill its tails."""

_FORGET = 250  # answers between which the older ones are dropped
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
                trials = optimiser.ask(len(examples))
                proposed = [optimiser.action(trial) for trial in trials]
                actions = [int(dice.integers(len(world.space))) if dice.random() < self.floor else a for a in proposed]
                chances = [self._chance(a == p, len(world.space)) for a, p in zip(actions, proposed, strict=True)]
                tried = [Choice(*each) for each in zip(examples, actions, chances, strict=True)]
                rewards = world.visit_many(tried)
                measured.add(actions, rewards)
                for trial, action, reward in zip(trials, actions, rewards, strict=True):
                    optimiser.tell(trial, action, float(reward))
        return measured

    def _chance(self, proposed: bool, actions: int) -> float:
        return self.floor / actions + (1 - self.floor) * proposed


class _Optimiser:
    """An optuna study over the levels of a space."""

    def __init__(self, space: ActionSpace, seed: int) -> None:
        self._space = space
        self._sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
        self._study = optuna.create_study(direction="maximize", sampler=self._sampler)
        self._levels: _Distributions = {
            factor.name: IntDistribution(0, len(factor.levels) - 1)
            if factor.ordered
            else CategoricalDistribution(range(len(factor.levels)))
            for factor in space.factors
        }
        self._told = 0

    def ask(self, count: int) -> list[Trial]:
        """Propose some."""
        if self._told >= _FORGET:
            self._forget()
        return [self._study.ask(dict(self._levels)) for _ in range(count)]

    def action(self, trial: Trial) -> int:
        """Return the action proposed."""
        levels = [int(trial.params[factor.name]) for factor in self._space.factors]
        return int(np.ravel_multi_index(levels, self._space.shape))

    def tell(self, trial: Trial, action: int, reward: float) -> None:
        """Tell what came of an action, the one proposed or another."""
        if action == self.action(trial):
            self._study.tell(trial, reward)
        else:
            self._study.tell(trial, state=TrialState.FAIL)
            levels = [int(level) for level in np.unravel_index(action, self._space.shape)]
            params = {factor.name: level for factor, level in zip(self._space.factors, levels, strict=True)}
            self._study.add_trial(create_trial(params=params, distributions=dict(self._levels), value=reward))
        self._told += 1

    def _forget(self) -> None:
        self._told = 0
        done = [t for t in self._study.get_trials(deepcopy=False) if t.state == TrialState.COMPLETE][-MEMORY:]
        self._study = optuna.create_study(direction="maximize", sampler=self._sampler)
        self._study.add_trials(done)


@contextmanager
def _quiet() -> Iterator[None]:
    loud = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(loud)
