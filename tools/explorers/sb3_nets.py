"""The small networks of DQN and PPO, and what both are run with; imported late, since it brings torch with it.

A network that had to learn each of a hundred actions by itself would need thousands of queries. So the last layer is
fixed: it turns few outputs into a value per action by the actions' features, in which neighbours lie close.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback

from faultfinder.memory.errors import ExplorerError
from faultfinder.tools.explorers.environment import Bools, Environment, Macroscopic, moved, observations
from faultfinder.tools.explorers.explorer import Ints
from faultfinder.tools.explorers.features import Floats, StateFeatures, action_features
from faultfinder.tools.ports import FloatArray

HIDDEN = 64
"""Units of the hidden layer."""

DIRECTIONS = 16
"""Main directions in which inputs vary that a network sees."""


@dataclass(frozen=True)
class Ends:
    """The fixed first and last layers of a network.

    Attributes:
        first: What an observation is turned into, float64 (m, d); a middle is taken off by `shift`, (m,).
        shift: See `first`.
        last: What the outputs are turned into, float64 (actions, k); None leaves one output an action.
        actions: Actions of the environment.
    """

    first: Floats
    shift: Floats
    last: Floats | None
    actions: int

    @classmethod
    def of(cls, environment: Environment) -> "Ends":
        """Fit the ends to a world: whitened main directions of its inputs, features of its actions."""
        seen = StateFeatures.of(environment.all_states, DIRECTIONS)
        spread = np.maximum(seen(environment.all_states)[:, 1:].std(axis=0), 1e-6)
        first, shift = seen.directions.T / spread[:, None], (seen.middle @ seen.directions) / spread
        if isinstance(environment, Macroscopic):
            return cls(first, shift, action_features(environment.space), len(environment.space))
        places = environment.space.positions.shape[1]
        wide = np.block(
            [[first, np.zeros((len(first), places))], [np.zeros((places, first.shape[1])), 4 * np.eye(places)]]
        )
        return cls(wide, np.concatenate([shift, np.full(places, 2.0)]), None, environment.moves)

    def network(self, hidden: int = HIDDEN) -> Any:  # noqa: ANN401 - a torch.nn.Module; torch is imported late
        """Build a network from observation to a value per action."""
        from torch import nn

        outputs = self.actions if self.last is None else self.last.shape[1]
        layers = [*self.body(hidden), nn.Linear(hidden, outputs)]
        return nn.Sequential(*layers, *([] if self.last is None else [_fixed(self.last)]))

    def body(self, hidden: int = HIDDEN) -> list[Any]:
        """Build the layers up to the hidden one."""
        from torch import nn

        return [_fixed(self.first, -self.shift), nn.Linear(len(self.first), hidden), nn.ReLU()]

    def head(self, hidden: int = HIDDEN) -> Any:  # noqa: ANN401
        """Build the layers from the hidden one to a value per action."""
        from torch import nn

        outputs = self.actions if self.last is None else self.last.shape[1]
        return nn.Sequential(nn.Linear(hidden, outputs), *([] if self.last is None else [_fixed(self.last)]))


def _fixed(weights: Floats, shift: Floats | None = None) -> Any:  # noqa: ANN401
    import torch

    layer = torch.nn.Linear(weights.shape[1], weights.shape[0], bias=shift is not None)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weights))
        if shift is not None:
            layer.bias.copy_(torch.from_numpy(shift))
    return layer.requires_grad_(False)


class UntilSpent(BaseCallback):
    """Stops training when the environment's budget is spent."""

    def __init__(self, environment: Environment) -> None:
        """Watch an environment."""
        super().__init__()
        self._environment = environment

    def _on_step(self) -> bool:
        return self._environment.left > 0


def train(model: BaseAlgorithm, environment: Environment, name: str) -> None:
    """Train until the budget is spent.

    Raises:
        ExplorerError: no update was made, or none changed a parameter.
    """
    before = [parameter.detach().clone() for parameter in model.policy.parameters()]
    while environment.left:
        model.learn(environment.left, callback=UntilSpent(environment), reset_num_timesteps=False)
    changed = any(bool((old != new).any()) for old, new in zip(before, model.policy.parameters(), strict=True))
    if not changed or updates(model) < 1:
        raise ExplorerError(
            f"{name} made {updates(model)} updates in {environment.queries.spent} queries and has learned nothing; "
            "give it a larger budget, or let it learn earlier (`warm_up`, `rollout`)"
        )


def updates(model: BaseAlgorithm) -> int:
    """Return how many updates a model has made."""
    made: int = getattr(model, "_n_updates", 0)
    return made


@contextmanager
def own_dice() -> Iterator[None]:
    """Leave the global generators of random numbers, which stable-baselines3 seeds and uses, as they were.

    Within, torch computes in one thread: so small a network is faster so, and rounds the same on every machine.
    """
    import torch

    kept = random.getstate(), np.random.get_state(), torch.get_rng_state(), torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])
        torch.set_rng_state(kept[2])
        torch.set_num_threads(kept[3])


@dataclass(frozen=True)
class NetworkPolicy:
    """A trained network, applied greedily; over small steps it walks until it stops, without asking the target.

    Attributes:
        model: The trained model.
        environment: Where it was trained.
    """

    model: BaseAlgorithm
    environment: Environment

    def choose(self, states: FloatArray) -> Ints:
        """Return the action for each input, int (n,)."""
        if isinstance(self.environment, Macroscopic):
            return self._greedy(states)
        return self._walked(states)

    def _greedy(self, observed: FloatArray) -> Ints:
        with own_dice():
            chosen, _ = self.model.predict(observed, deterministic=True)
        return np.asarray(chosen, dtype=np.int64).reshape(-1)

    def _walked(self, states: FloatArray) -> Ints:
        space = self.environment.space
        places = np.full(len(states), space.neutral, dtype=np.int64)
        going = np.ones(len(states), dtype=bool)
        for _ in range(getattr(self.environment, "horizon", 0)):
            steps = self._greedy(observations(space, states, places))
            going &= steps < 2 * len(space.factors)
            places = np.array(
                [moved(space, int(p), int(s)) if g else p for p, s, g in zip(places, steps, going, strict=True)]
            )
        return places


def unplayed(values: FloatArray, tried: Bools) -> int:
    """Return the action of highest value among those not tried, or among all if all were."""
    open_ = np.where(tried, -np.inf, values) if not tried.all() else values
    return int(np.argmax(open_))
