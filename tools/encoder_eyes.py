"""An image-text encoder as judge of pictures: which of two texts is the picture nearer to, and by enough?

What decides is the margin, the picture's similarity to the first text less that to the second; inside the calibrated
threshold the judge says "cannot tell". A margin knows nothing of "neither": a picture of something else may be nearer
to one text all the same, so this judge never says so, and its errors are measured and corrected for instead.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from PIL.Image import Image
from pydantic import Field
from scipy.stats import binomtest

from faultfinder.memory.picture_records import Seen, Sight
from faultfinder.memory.records import Record
from faultfinder.tools.ports import FloatArray, Look, Rewriter

SURE = 0.9
"""How often a calibrated judge must be right where it decides, by the lower end of the 95 % interval."""

Margins = npt.NDArray[np.float64]


@runtime_checkable
class ImageTextEncoder(Protocol):
    """Embeds texts and pictures in one space."""

    name: str

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 (n, d), rows of unit length."""
        ...

    def embed_images(self, images: Sequence[Image]) -> FloatArray:
        """Return float32 (n, d), rows of unit length, of the same space."""
        ...


class EyesCalibration(Record):
    """From which margin an encoder's word is taken."""

    threshold: float = Field(description="margin from which it decides; infinite where it never may")
    method: str = Field(description="how it was found, in words")
    looks: int = Field(description="how many looks it rests on")
    decided: float | None = Field(default=None, description="share of the labelled looks it decides at that margin")
    right: float | None = Field(default=None, description="share of those that it decides rightly")


class EncoderEyes:
    """Judges pictures by an image-text encoder and a threshold."""

    def __init__(
        self, encoder: ImageTextEncoder, threshold: float | None = None, rewriter: Rewriter | None = None
    ) -> None:
        """Keep the encoder and the margin from which it decides.

        Args:
            encoder: embeds texts and pictures.
            threshold: the calibrated margin; None takes each look's own noise: how far apart the encoder puts the
                picture's similarities to rewordings of one text.
            rewriter: rewords texts, where there is no threshold.
        """
        self.name = encoder.name
        self._encoder, self._threshold, self._rewriter = encoder, threshold, rewriter

    def which(self, looks: Sequence[Look]) -> list[Sight]:
        """Return one sight per look, in order; "cannot tell" inside the threshold."""
        if not looks:
            return []
        found = margins(self._encoder, looks)
        thresholds = self._thresholds(looks)
        return [_sight(margin, bar) for margin, bar in zip(found, thresholds, strict=True)]

    def _thresholds(self, looks: Sequence[Look]) -> Margins:
        if self._threshold is not None or self._rewriter is None:
            return np.full(len(looks), self._threshold or 0.0)
        return reworded_noise(self._encoder, self._rewriter, looks)


def margins(encoder: ImageTextEncoder, looks: Sequence[Look]) -> Margins:
    """Return float64 (n,): similarity to the first text less similarity to the second."""
    pictures = encoder.embed_images([look.image for look in looks]).astype(np.float64)
    first = encoder.embed_texts([look.a for look in looks]).astype(np.float64)
    second = encoder.embed_texts([look.b for look in looks]).astype(np.float64)
    found: Margins = np.einsum("nd,nd->n", pictures, first - second)
    return found


def reworded_noise(encoder: ImageTextEncoder, rewriter: Rewriter, looks: Sequence[Look]) -> Margins:
    """Return float64 (n,): how much a picture's similarity to either text changes when the text is merely reworded.

    The median over both texts' rewordings r of |sim(picture, text) - sim(picture, r)|: a margin no larger than that is
    what saying the same in other words makes, and decides nothing.
    """
    pictures = encoder.embed_images([look.image for look in looks]).astype(np.float64)
    noise = []
    for picture, look in zip(pictures, looks, strict=True):
        changes = []
        for text in (look.a, look.b):
            vectors = encoder.embed_texts([text, *rewriter.rewordings(text)]).astype(np.float64) @ picture
            changes.append(np.abs(vectors[1:] - vectors[0]))
        noise.append(np.median(np.concatenate(changes)))
    return np.array(noise, dtype=np.float64)


def calibrate_eyes(encoder: ImageTextEncoder, looks: Sequence[Look], truth: Sequence[Seen]) -> EyesCalibration:
    """Find the smallest margin from which the encoder is right often enough, on labelled looks.

    Right often enough: the lower end of the Wilson interval of its decided answers is at least `SURE`. Looks whose
    truth is "neither" count as wrong wherever it decides; looks that nobody could tell are left out.

    Raises:
        ValueError: looks and truth are not of one length.
    """
    known = [(look, seen) for look, seen in zip(looks, truth, strict=True) if seen is not Seen.CANNOT_TELL]
    found = margins(encoder, [look for look, _ in known]) if known else np.zeros(0)
    right = np.array([_side(margin) is seen for margin, (_, seen) in zip(found, known, strict=True)], dtype=bool)
    for threshold in np.unique(np.abs(found)):
        decided = np.abs(found) >= threshold
        if _surely(int(right[decided].sum()), int(decided.sum())):
            return EyesCalibration(
                threshold=float(threshold),
                method=f"smallest margin that is right {SURE:.0%} of the time, at the lower end of the 95 % interval",
                looks=len(known),
                decided=float(decided.mean()),
                right=float(right[decided].mean()),
            )
    return EyesCalibration(
        threshold=float("inf"), method="no margin makes it right often enough: it never decides", looks=len(known)
    )


def _surely(hits: int, n: int) -> bool:
    return n > 0 and binomtest(hits, n).proportion_ci(0.95, method="wilson").low >= SURE


def _side(margin: float) -> Seen:
    return Seen.FIRST if margin > 0 else Seen.SECOND if margin < 0 else Seen.CANNOT_TELL


def _sight(margin: float, threshold: float) -> Sight:
    decided = abs(margin) >= threshold and margin != 0
    return Sight(
        seen=_side(margin) if decided else Seen.CANNOT_TELL,
        reason=f"margin {margin:+.3f}, decides from {threshold:.3f}",
    )
