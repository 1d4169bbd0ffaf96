"""Contrastive fine-tuning of an image-text encoder on hard negatives, held near to the model as it was.

The loss is CLIP's (Radford et al., 2021) with the edited captions as further negatives, as in NegCLIP (Yuksekgonul et
al., 2023), between pictures and captions, between pictures and the captions' rewordings (Fan et al., 2023), and between
captions and their rewordings (the supervised form of SimCSE; Gao et al., 2021): what an encoder puts in one place can
only be pulled apart where something says which words still mean the same. A further term keeps, on ordinary pairs, the
distribution of similarities as it was (learning without forgetting, Li & Hoiem, 2016; for such encoders ZSCL, Zheng et
al., 2023). What is used is a running average of the weights (Polyak & Juditsky, 1992), which does not swing with the
last batches. Between the original's weights and it lies a line, and any point of that is a model (WiSE-FT, Wortsman et
al., 2022).

Knows tensors; not where batches come from, nor when to stop.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch  # noqa: TID253 - imported only where a model is trained
from PIL.Image import Image
from torch.nn.functional import cross_entropy, kl_div, log_softmax, normalize  # noqa: TID253

from faultfinder.tools.fading.recipe import Recipe
from faultfinder.tools.ports import Trainable

Tensor = torch.Tensor
State = dict[str, Tensor]
_HIGHEST_SCALE = math.log(100.0)
_BETAS = (0.9, 0.98)
_FIRST_STEPS = 10


@dataclass(frozen=True)
class Batch:
    """What one step learns from.

    Attributes:
        captions: n captions, each true of the picture at its place.
        rewordings: n texts that mean the same.
        pictures: n pictures.
        edited: captions that are true of none of the pictures that they were made for.
        ordinary: how many of the n, at the end, are ordinary pairs.
    """

    captions: Sequence[str]
    rewordings: Sequence[str]
    pictures: Sequence[Image]
    edited: Sequence[str]
    ordinary: int


class Student:
    """A model in training, beside itself as it was.

    It is trained in eval mode: what drops out or adapts to the batch in a tower stays as it is in use.
    """

    def __init__(self, model: Trainable, recipe: Recipe) -> None:
        """Begin with the model as it is."""
        self.model, self.recipe, self.step = model, recipe, 0
        self._module = model.module.eval()
        self.original = weights_of(model)
        self.average = weights_of(model)
        self._before = _Memory(model)
        self.optimiser = torch.optim.AdamW(self._module.parameters(), lr=0.0, betas=_BETAS, weight_decay=recipe.decay)

    def learn(self, batch: Batch) -> float:
        """Take one step and return its loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.recipe, self.step)
        loss = self._loss(batch)
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._module.parameters(), 1.0)
        self.optimiser.step()
        with torch.no_grad():
            self._module.logit_scale.clamp_(0.0, max(_HIGHEST_SCALE, float(self.original["logit_scale"])))
        self.step += 1
        self._average()
        return float(loss.detach())

    @contextmanager
    def at(self, weights: Mapping[str, Tensor], alpha: float = 1.0) -> Iterator[Trainable]:
        """Give the model the weights between the original (alpha 0) and these (1), as long as the block lasts."""
        kept = weights_of(self.model)
        self._module.load_state_dict(between(self.original, weights, alpha))
        try:
            yield self.model
        finally:
            self._module.load_state_dict(kept)

    def _average(self) -> None:
        """Move the average towards the weights, faster in the first steps."""
        share = 1 - min(self.recipe.average, self.step / (self.step + _FIRST_STEPS))
        for name, tensor in self._module.state_dict().items():
            if tensor.is_floating_point():
                self.average[name].lerp_(tensor, share)

    def _loss(self, batch: Batch) -> Tensor:
        n = len(batch.captions)
        texts = self.model.tokens([*batch.captions, *batch.rewordings, *batch.edited])
        pixels = self.model.pixels(batch.pictures)
        pictures, said = _rows(self._module.encode_image(pixels)), _rows(self._module.encode_text(texts))
        captions, again, edited = said[:n], said[n : 2 * n], said[2 * n :]
        scale = self._module.logit_scale.exp()
        total = (
            _contrast(scale, pictures, captions, edited)
            + _contrast(scale, pictures, again, edited)
            + _contrast(scale, captions, again, edited)
        ) / 3
        if not batch.ordinary or not self.recipe.keep:
            return total
        own = slice(n - batch.ordinary, n)
        return total + self.recipe.keep * self._before.strayed(
            texts[own], pixels[own], scale * pictures[own] @ captions[own].T
        )


class _Memory:
    """The model as it was, to compare with."""

    def __init__(self, model: Trainable) -> None:
        import copy

        self._module = copy.deepcopy(model.module).eval().requires_grad_(False)

    def strayed(self, texts: Tensor, pixels: Tensor, logits: Tensor) -> Tensor:
        """Return how far similarities (n, n), scaled, are from the original's: mean Kullback-Leibler divergence."""
        with torch.no_grad():
            pictures, said = _rows(self._module.encode_image(pixels)), _rows(self._module.encode_text(texts))
        before = self._module.logit_scale.exp() * pictures @ said.T
        return (_divergence(before, logits) + _divergence(before.T, logits.T)) / 2


def _rows(vectors: Tensor) -> Tensor:
    return normalize(vectors.float(), dim=-1)


def _divergence(before: Tensor, now: Tensor) -> Tensor:
    return kl_div(log_softmax(now, 1), log_softmax(before, 1), log_target=True, reduction="batchmean")


def _contrast(scale: Tensor, rows: Tensor, columns: Tensor, further: Tensor) -> Tensor:
    """Return the loss of rows (n, d) finding their columns (n, d) among these and further ones (m, d), and back."""
    own = torch.arange(len(rows))
    onward = scale * rows @ torch.cat([columns, further]).T
    return (cross_entropy(onward, own) + cross_entropy(scale * columns @ rows.T, own)) / 2


def learning_rate(recipe: Recipe, step: int) -> float:
    """Return the rate of a step, from 0: a linear rise, then half a cosine down to nothing."""
    rise = max(1, round(recipe.warm_up * recipe.steps))
    if step < rise:
        return recipe.rate * (step + 1) / rise
    return recipe.rate * 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, recipe.steps - rise)))


def weights_of(model: Trainable) -> State:
    """Return a copy of a model's weights and buffers."""
    return {name: tensor.detach().clone() for name, tensor in model.module.state_dict().items()}


def between(original: Mapping[str, Tensor], changed: Mapping[str, Tensor], alpha: float) -> State:
    """Return the weights on the line from the original (alpha 0) to the changed (1); whole numbers are the changed."""
    return {
        name: torch.lerp(original[name], tensor, alpha) if tensor.is_floating_point() else tensor
        for name, tensor in changed.items()
    }
