"""How badly an action makes the target miss on an input: a linear model over what actions and inputs are like."""

from dataclasses import dataclass

import numpy as np

from faultfinder.tools.explorers.environment import Macroscopic
from faultfinder.tools.explorers.features import Floats, StateFeatures, action_features
from faultfinder.tools.explorers.posterior import Posterior
from faultfinder.tools.ports import FloatArray

CONTEXT = 1.0
"""Prior variance of what depends on the input, for 1 of what does not."""

NOISE = 0.06
"""Variance of severity around the model: a mixture of near 0 and near 1, partly explained."""

SPREAD = 0.15
"""Prior variance of an action's mean severity."""


@dataclass
class ValueModel:
    """Expected severity of actions on inputs, bilinear in their features; weights are (k, m), action by state.

    Attributes:
        actions: Features of the actions, (A, k).
        inputs: Features of inputs.
        posterior: What is believed of the weights.
        middle: What is expected of an action nothing is known about.
    """

    actions: Floats
    inputs: StateFeatures
    posterior: Posterior
    middle: float = 0.5

    @classmethod
    def of(cls, world: Macroscopic, context: float = CONTEXT, noise: float = NOISE) -> "ValueModel":
        """Start from the prior for a world."""
        actions, inputs = action_features(world.space), StateFeatures.of(world.all_states)
        varied = inputs.directions.shape[1]
        prior = SPREAD * np.concatenate([[1.0], np.full(varied, context)])
        return cls(actions, inputs, Posterior(np.tile(prior, actions.shape[1]), noise))

    def learn(self, states: FloatArray, actions: list[int], rewards: FloatArray) -> None:
        """Learn from a batch of answers."""
        self.posterior.update(self.rows(self.inputs(states), actions), rewards.astype(np.float64) - self.middle)

    def rows(self, inputs: Floats, actions: list[int]) -> Floats:
        """Return the joint features (n, k * m) of inputs given by features (n, m), each under its action."""
        joint: Floats = self.actions[actions][:, :, None] * inputs[:, None, :]
        return joint.reshape(len(actions), -1)

    def means(self, states: FloatArray) -> Floats:
        """Return the expected severity, float64 (n, A), less a constant."""
        weights = self.posterior.mean.reshape(self.actions.shape[1], -1)
        return self.inputs(states) @ weights.T @ self.actions.T
