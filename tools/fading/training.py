"""Contrastive fine-tuning of an image-text encoder on hard negatives, held near to the model as it was.

The loss is CLIP's (Radford et al., 2021) with the edited captions as further negatives, as in NegCLIP (Yuksekgonul et
al., 2023), between pictures and captions, between pictures and the captions' rewordings (Fan et al., 2023), and between
captions and their rewordings (the supervised form of SimCSE; Gao et al., 2021): what an encoder puts in one place can
only be pulled apart where something says which words still mean the same. A further term keeps, on ordinary pairs, the
distribution of similarities as it was (learning without forgetting, Li & Hoiem, 2016; for such encoders ZSCL, Zheng et
al., 2023).

Knows tensors; not where batches come from, nor when to stop.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch  # noqa: TID253 - imported only where a model is trained
from PIL.Image import Image
from torch.nn.functional import cross_entropy, kl_div, log_softmax, normalize  # noqa: TID253

from faultfinder.tools.fading.learner import Learner, Tensor
from faultfinder.tools.fading.recipe import Recipe
from faultfinder.tools.ports import Trainable

_HIGHEST_SCALE = math.log(100.0)


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


class Student(Learner[Trainable, Batch]):
    """An encoder in training, both towers."""

    def __init__(self, model: Trainable, recipe: Recipe) -> None:
        """Begin with the model as it is."""
        super().__init__(model, model.module, recipe)
        self._before = _Memory(model)

    def settle(self) -> None:
        """Hold the scale of similarities to CLIP's bounds."""
        self.module.logit_scale.clamp_(0.0, max(_HIGHEST_SCALE, float(self.original["logit_scale"])))

    def loss(self, batch: Batch) -> Tensor:
        """Return the loss of a batch."""
        n = len(batch.captions)
        texts = self.model.tokens([*batch.captions, *batch.rewordings, *batch.edited])
        pixels = self.model.pixels(batch.pictures)
        pictures, said = _rows(self.module.encode_image(pixels)), _rows(self.module.encode_text(texts))
        captions, again, edited = said[:n], said[n : 2 * n], said[2 * n :]
        scale = self.module.logit_scale.exp()
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
