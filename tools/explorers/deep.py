"""Deep reinforcement learning as explorers: DQN and PPO by stable-baselines3, on the CPU, seeded.

The published agents never made an update, since the library starts learning after 50,000 steps by default. Here
learning starts within the first queries, and a run without any update is an error.
"""

from dataclasses import dataclass

from faultfinder.tools.explorers.environment import Environment, Macroscopic
from faultfinder.tools.explorers.explorer import FLOOR, Policy

FORESIGHT = 0.95
"""How much a small step counts what follows it; a whole action is followed by nothing."""


@dataclass(frozen=True)
class Dqn:
    """Deep Q-network (Mnih et al. 2015), by whole actions or small steps.

    Attributes:
        floor: Share of queries spread evenly at last; it comes down from 1 in the first tenth of the budget.
        warm_up: Queries before it learns.
        gradient_steps: Updates per query.
        rate: Learning rate.
    """

    name = "dqn"
    floor: float = FLOOR
    warm_up: int = 48
    gradient_steps: int = 4
    rate: float = 2e-3

    def explore(self, environment: Environment, seed: int) -> Policy:
        """Spend the budget.

        Raises:
            ExplorerError: no update was made.
        """
        from faultfinder.tools.explorers.sb3_dqn import ActionQPolicy, FlooredDqn
        from faultfinder.tools.explorers.sb3_nets import Ends, NetworkPolicy, own_dice, train

        with own_dice():
            environment.reset(seed=seed)
            model = FlooredDqn(
                ActionQPolicy,
                environment,
                learning_rate=self.rate,
                buffer_size=environment.queries.budget * 4,
                learning_starts=self.warm_up,
                batch_size=64,
                gamma=foresight(environment),
                train_freq=4,
                gradient_steps=4 * self.gradient_steps,
                target_update_interval=20,
                exploration_fraction=0.1,
                exploration_final_eps=self.floor,
                policy_kwargs={"ends": Ends.of(environment)},
                seed=seed,
                device="cpu",
            )
            train(model.watch(environment, seed), environment, self.name)
        return NetworkPolicy(model, environment)


@dataclass(frozen=True)
class Ppo:
    """Proximal policy optimisation (Schulman et al. 2017), by whole actions or small steps.

    Attributes:
        floor: Share of queries spread evenly; part of the policy.
        rollout: Queries between updates.
        epochs: Passes over a rollout.
        rate: Learning rate.
    """

    name = "ppo"
    floor: float = FLOOR
    rollout: int = 16
    epochs: int = 10
    rate: float = 1e-2

    def explore(self, environment: Environment, seed: int) -> Policy:
        """Spend the budget.

        Raises:
            ExplorerError: no update was made.
        """
        from stable_baselines3 import PPO

        from faultfinder.tools.explorers.sb3_nets import Ends, NetworkPolicy, own_dice, train
        from faultfinder.tools.explorers.sb3_ppo import FlooredPolicy

        with own_dice():
            environment.reset(seed=seed)
            model = PPO(
                FlooredPolicy,
                environment,
                learning_rate=self.rate,
                n_steps=self.rollout,
                batch_size=self.rollout,
                n_epochs=self.epochs,
                gamma=foresight(environment),
                ent_coef=0.01,
                policy_kwargs={"ends": Ends.of(environment), "floor": self.floor, "world": environment},
                seed=seed,
                device="cpu",
            )
            train(model, environment, self.name)
        return NetworkPolicy(model, environment)


def foresight(environment: Environment) -> float:
    """Return how much what follows a step counts."""
    return 0.0 if isinstance(environment, Macroscopic) else FORESIGHT
