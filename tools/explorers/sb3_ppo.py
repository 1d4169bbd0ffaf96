"""A policy for stable-baselines3's PPO with a floor that is part of it, known chances and fixed ends; imported late."""

from typing import Any

from stable_baselines3.common.policies import ActorCriticPolicy

from faultfinder.tools.explorers.environment import Environment, Macroscopic
from faultfinder.tools.explorers.sb3_nets import Ends


class FlooredPolicy(ActorCriticPolicy):
    """Mixes its softmax with an even share of all actions, so that what it learns from is what it does.

    While exploring, the softmax passes over actions that were tried on the same input; their chance goes to the
    others. PPO is told the chance that the action had before, since only that follows from what the policy sees.
    """

    def __init__(self, *args: Any, ends: Ends, floor: float, world: Environment, **others: Any) -> None:  # noqa: ANN401
        """Remember ends, floor and world while the vendor builds."""
        self._ends, self._floor, self._world = ends, floor, world
        super().__init__(*args, **others)

    def forward(self, obs: Any, deterministic: bool = False) -> Any:  # noqa: ANN401 - called while exploring only
        """Choose for the one current input, and announce the chance of what was chosen."""
        import torch

        hidden, judged = self.mlp_extractor(self.extract_features(obs))
        logits = self.action_net(hidden)
        chances = self._mixed(logits.masked_fill(self._passed_over(), -torch.inf))
        action = torch.multinomial(chances, 1).flatten()
        if isinstance(self._world, Macroscopic):
            self._world.announce(float(chances[0, action[0]]))
        return action, self.value_net(judged), self._mixed(logits).log()[:, action].flatten()

    def _build(self, lr_schedule: Any) -> None:  # noqa: ANN401
        from torch import nn

        super()._build(lr_schedule)
        self.mlp_extractor.policy_net = nn.Sequential(*self._ends.body())
        self.mlp_extractor.value_net = nn.Sequential(*self._ends.body())
        self.action_net = self._ends.head()
        for parameter in self.action_net.parameters():
            if parameter.requires_grad:
                nn.init.zeros_(parameter)  # at first, all actions have the same chance
        learned = [parameter for parameter in self.parameters() if parameter.requires_grad]
        self.optimizer = self.optimizer_class(learned, lr_schedule(1), **self.optimizer_kwargs)

    def _get_action_dist_from_latent(self, latent_pi: Any) -> Any:  # noqa: ANN401
        return self.action_dist.proba_distribution(action_logits=self._mixed(self.action_net(latent_pi)).log())

    def _mixed(self, logits: Any) -> Any:  # noqa: ANN401
        import torch

        return (1 - self._floor) * torch.softmax(logits, dim=1) + self._floor / logits.shape[1]

    def _passed_over(self) -> Any:  # noqa: ANN401
        import torch

        if not isinstance(self._world, Macroscopic):
            return torch.zeros((1, 1), dtype=torch.bool)
        tried = torch.from_numpy(self._world.tried([self._world.example]))
        return tried & ~tried.all(dim=1, keepdim=True)
