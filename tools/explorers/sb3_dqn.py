"""stable-baselines3's DQN with a floor, known chances, and networks that know where actions lie; imported late."""

from typing import Any

import numpy as np
from stable_baselines3 import DQN
from stable_baselines3.dqn.policies import DQNPolicy, QNetwork

from faultfinder.tools.explorers.environment import Environment, Macroscopic
from faultfinder.tools.explorers.sb3_nets import Ends, unplayed


class ActionQNetwork(QNetwork):
    """A Q-network between fixed ends."""

    def __init__(self, *args: Any, ends: Ends, **others: Any) -> None:  # noqa: ANN401 - handed to the vendor as it is
        """Build as the vendor does, then put the network between its ends."""
        super().__init__(*args, **others)
        self.q_net = ends.network()


class ActionQPolicy(DQNPolicy):
    """A policy of Q-networks between fixed ends."""

    def __init__(self, *args: Any, ends: Ends, **others: Any) -> None:  # noqa: ANN401
        """Remember the ends while the vendor builds."""
        self._ends = ends
        super().__init__(*args, **others)

    def make_q_net(self) -> QNetwork:
        """Build a network."""
        parts = self._update_features_extractor(self.net_args, features_extractor=None)
        return ActionQNetwork(**parts, ends=self._ends).to(self.device)


class FlooredDqn(DQN):
    """DQN whose share of random actions is announced to the environment as a chance; greedy ones are not repeated."""

    def watch(self, environment: Environment, seed: int) -> "FlooredDqn":
        """Say whose inputs it acts on, and seed its own dice."""
        self._world, self._dice = environment, np.random.default_rng(seed)
        return self

    def _sample_action(
        self,
        learning_starts: int,
        action_noise: Any = None,  # noqa: ANN401
        n_envs: int = 1,
    ) -> tuple[np.ndarray, np.ndarray]:
        warming = self.num_timesteps < learning_starts
        action = self._choose(1.0 if warming else self.exploration_rate)
        return np.array([action]), np.array([action])

    def _choose(self, share: float) -> int:
        count = self._world.moves
        greedy = self._greedy(count)
        action = int(self._dice.integers(count)) if self._dice.random() < share else greedy
        if isinstance(self._world, Macroscopic):
            self._world.announce(share / count + (1 - share) * (action == greedy))
        return action

    def _greedy(self, count: int) -> int:
        import torch

        with torch.no_grad():
            assert self._last_obs is not None  # there is one once training has begun
            observed = self.policy.obs_to_tensor(self._last_obs)[0]
            values = self.policy.q_net(observed).numpy()[0]
        world = self._world
        tried = world.tried([world.example])[0] if isinstance(world, Macroscopic) else np.zeros(count, dtype=bool)
        return unplayed(values, tried)
