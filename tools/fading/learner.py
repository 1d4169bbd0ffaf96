"""What every training has in common: one step after another, the running average, and the line to the original.

What is used is a running average of the weights (Polyak & Juditsky, 1992), which does not swing with the last batches.
Between the original's weights and it lies a line, and any point of that is a model (WiSE-FT, Wortsman et al., 2022).

Knows tensors; not where batches come from, nor when to stop.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import torch  # noqa: TID253 - imported only where a model is trained

from faultfinder.tools.fading.recipe import Recipe

Tensor = torch.Tensor
State = dict[str, Tensor]
Model = TypeVar("Model")
Step = TypeVar("Step")
_BETAS = (0.9, 0.98)
_FIRST_STEPS = 10


class Learner(ABC, Generic[Model, Step]):
    """A model in training, beside itself as it was; a kind of training says its loss.

    It is trained in eval mode: what drops out or adapts to the batch stays as it is in use.
    """

    def __init__(self, model: Model, module: Any, recipe: Recipe) -> None:  # noqa: ANN401 - a torch module
        """Begin with the model as it is.

        Args:
            model: what is asked, examined and saved.
            module: the torch module whose weights are trained, saved in checkpoints and put on the line: the whole
                model's or a part of it, as adapters are. Parameters that need no gradient are left alone.
            recipe: how.
        """
        self.model, self.module, self.recipe, self.step = model, module.eval(), recipe, 0
        self.original = weights_of(module)
        self.average = weights_of(module)
        self._learning = [each for each in module.parameters() if each.requires_grad]
        self.optimiser = torch.optim.AdamW(self._learning, lr=0.0, betas=_BETAS, weight_decay=recipe.decay)

    @abstractmethod
    def loss(self, batch: Step) -> Tensor:
        """Return the loss of a batch, a number that can be differentiated."""

    def settle(self) -> None:
        """Put right what a step must not do; nothing by default."""

    def learn(self, batch: Step) -> float:
        """Take one step and return its loss.

        Where loss or gradient is no number any more no step is taken, and the loss returned is NaN.
        """
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.recipe, self.step)
        loss = self.loss(batch)
        self.optimiser.zero_grad()
        loss.backward()
        if not torch.isfinite(torch.nn.utils.clip_grad_norm_(self._learning, 1.0)):
            return math.nan
        self.optimiser.step()
        with torch.no_grad():
            self.settle()
        self.step += 1
        self._move_average()
        return float(loss.detach())

    @contextmanager
    def at(self, weights: Mapping[str, Tensor], alpha: float = 1.0) -> Iterator[Model]:
        """Give the model the weights between the original (alpha 0) and these (1), as long as the block lasts."""
        kept = weights_of(self.module)
        self.module.load_state_dict(between(self.original, weights, alpha))
        try:
            yield self.model
        finally:
            self.module.load_state_dict(kept)

    def _move_average(self) -> None:
        """Move the average towards the weights, faster in the first steps."""
        share = 1 - min(self.recipe.average, self.step / (self.step + _FIRST_STEPS))
        for name, tensor in self.module.state_dict().items():
            if tensor.is_floating_point():
                self.average[name].lerp_(tensor, share)


def learning_rate(recipe: Recipe, step: int) -> float:
    """Return the rate of a step, from 0: a linear rise, then half a cosine down to nothing."""
    rise = max(1, round(recipe.warm_up * recipe.steps))
    if step < rise:
        return recipe.rate * (step + 1) / rise
    return recipe.rate * 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, recipe.steps - rise)))


def weights_of(module: Any) -> State:  # noqa: ANN401
    """Return a copy of a module's weights and buffers."""
    return {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}


def between(original: Mapping[str, Tensor], changed: Mapping[str, Tensor], alpha: float) -> State:
    """Return the weights on the line from the original (alpha 0) to the changed (1); whole numbers are the changed."""
    return {
        name: torch.lerp(original[name], tensor, alpha) if tensor.is_floating_point() else tensor
        for name, tensor in changed.items()
    }
