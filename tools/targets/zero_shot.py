"""A classifier made of an encoder of texts and pictures: each label is put into words, and the nearest words win.

p(label | picture) = softmax over labels of scale * cosine(picture, label), where a label's vector is the mean of the
unit vectors of its phrasings, scaled to unit length (prompt ensembling: Radford et al., 2021, section 3.1.4).
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Protocol, runtime_checkable

import numpy as np
from PIL.Image import Image
from scipy.special import softmax

from faultfinder.memory.errors import SpecError, TargetError
from faultfinder.tools.embedding import CachedEncoder
from faultfinder.tools.ports import FloatArray, ImageEncoder, Rewriter, TextEncoder

TEMPLATES = (
    "a photo of a {}.",
    "a bad photo of a {}.",
    "a close-up photo of a {}.",
    "a photo of the {}.",
    "a picture of a {}.",
    "a photo of one {}.",
    "itap of a {}.",
)
"""A small ensemble out of CLIP's own for ImageNet."""

SCALE = 100.0
"""What cosines are multiplied with where a model does not say: CLIP's own, which its training caps there."""

BATCH = 64

Phrasings = Callable[[str], Sequence[str]]
"""Says a label in words, in one way or several."""


@runtime_checkable
class PictureTextEncoder(TextEncoder, ImageEncoder, Protocol):
    """Turns texts and pictures into vectors of one space."""


def by_templates(templates: Sequence[str] = TEMPLATES) -> Phrasings:
    """Return phrasings that put a label where a template has ``{}``.

    Raises:
        SpecError: there are no templates, or one has no ``{}``, or several.
    """
    if not templates or any(template.count("{}") != 1 for template in templates):
        raise SpecError(f"a prompt template has one {{}} where the label goes; got {list(templates)}")
    return lambda label: [template.replace("{}", label) for template in templates]


def by_rewriter(rewriter: Rewriter) -> Phrasings:
    """Return phrasings in a world's own words: 'a red circle' and what means the same."""
    return lambda label: [plain := f"a {label}", *rewriter.rewordings(plain)]


class ZeroShotClassifier:
    """Classifies pictures among labels that nobody trained it on."""

    def __init__(
        self,
        encoder: PictureTextEncoder,
        labels: Sequence[str],
        phrasings: Phrasings | None = None,
        scale: float | None = None,
    ) -> None:
        """Put the labels into words and embed them.

        Args:
            encoder: of texts and pictures.
            labels: what there is to choose from, at least two.
            phrasings: how a label is said; None for `TEMPLATES`.
            scale: what cosines are multiplied with; None for the encoder's own, or `SCALE`.

        Raises:
            SpecError: there are fewer than two labels, or a scale that is not positive.
            TargetError: the encoder fails at the labels.
        """
        if len(set(labels)) != len(labels) or len(labels) < 2:
            raise SpecError(f"{encoder.name} chooses among at least two different labels, not {list(labels)[:10]}")
        own = getattr(encoder, "logit_scale", None)
        self.scale = float(scale or own or SCALE)
        if not self.scale > 0:
            raise SpecError(f"{encoder.name}: a scale of {self.scale} turns answers around; it must be positive")
        self.name = encoder.name
        self.labels = tuple(labels)
        identity = getattr(encoder, "identity", None)
        if isinstance(identity, str):
            self.identity = identity
        self.encoder = encoder
        self._rows = _label_vectors(encoder, self.labels, phrasings or by_templates())

    @property
    def label_vectors(self) -> FloatArray:
        """What the labels lie at, float32 (labels, d), rows of unit length."""
        return self._rows

    def classify(self, images: Sequence[Image]) -> FloatArray:
        """Return probabilities, float32 (n, labels), one row a picture, in order."""
        vectors = self.embed_images(images)
        return np.asarray(softmax(self.scale * vectors.astype(np.float64) @ self._rows.T, axis=1), dtype=np.float32)

    def embed_images(self, images: Sequence[Image]) -> FloatArray:
        """Return the pictures' vectors, float32 (n, d), rows of unit length.

        Raises:
            TargetError: the encoder answers with another length than for texts, or with NaN.
        """
        parts = [self._embedded(images[start : start + BATCH]) for start in range(0, len(images), BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, self._rows.shape[1]), np.float32)

    def _embedded(self, images: Sequence[Image]) -> FloatArray:
        vectors = np.asarray(self.encoder.embed_images(images), dtype=np.float32)
        if vectors.shape != (wanted := (len(images), self._rows.shape[1])):
            raise TargetError(f"{self.name} answered with shape {vectors.shape} for pictures instead of {wanted}")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise TargetError(f"{self.name} answered with NaN, infinity or a vector of zeros for a picture")
        return np.asarray(vectors / lengths, dtype=np.float32)


def _label_vectors(encoder: TextEncoder, labels: Sequence[str], phrasings: Phrasings) -> FloatArray:
    """Return float32 (labels, d), rows of unit length."""
    said = [list(phrasings(label)) for label in labels]
    checked = CachedEncoder(encoder, encoder.name)
    vectors = checked.embed_texts([text for texts in said for text in texts])
    checked.close()
    ends = np.cumsum([0, *map(len, said)])
    means = np.stack([vectors[start:end].mean(axis=0) for start, end in pairwise(ends)])
    return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), dtype=np.float32)
