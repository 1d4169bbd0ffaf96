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
BoolArray = npt.NDArray[np.bool_]


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
    """From which margin an encoder's word is taken, and how good it then is."""

    id: str = Field(description="spec of the judge")
    threshold: float | None = Field(description="margin from which it decides; null where it never may")
    method: str = Field(description="how it was found, in words")
    looks: int = Field(description="labelled looks it rests on, those it was measured on included")
    measured: int = Field(default=0, description="looks on which it was measured, none of which chose the margin")
    decided: float | None = Field(default=None, description="share of those that it decides")
    right: float | None = Field(default=None, description="share of what it decides that it decides rightly")
    interval: tuple[float, float] | None = Field(default=None, description="95 % Wilson interval of that share")


class EncoderEyes:
    """Judges pictures by an image-text encoder and a threshold."""

    def __init__(self, encoder: ImageTextEncoder, calibration: EyesCalibration | None, rewriter: Rewriter) -> None:
        """Keep the encoder and how to find the margin from which it decides.

        Args:
            encoder: embeds texts and pictures.
            calibration: the margin; None takes each look's own noise: how far apart the encoder puts the picture's
                similarities to rewordings of one text.
            rewriter: rewords texts, where nobody calibrated.
        """
        self.name = encoder.name
        self._encoder, self._calibration, self._rewriter = encoder, calibration, rewriter

    def which(self, looks: Sequence[Look]) -> list[Sight]:
        """Return one sight per look, in order; "cannot tell" inside the threshold."""
        if not looks:
            return []
        found = margins(self._encoder, looks)
        thresholds = self._thresholds(looks)
        return [_sight(margin, bar) for margin, bar in zip(found, thresholds, strict=True)]

    def _thresholds(self, looks: Sequence[Look]) -> Margins:
        if self._calibration is None:
            return reworded_noise(self._encoder, self._rewriter, looks)
        threshold = self._calibration.threshold
        return np.full(len(looks), np.inf if threshold is None else threshold)


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


def calibrate_eyes(
    encoder: ImageTextEncoder, looks: Sequence[Look], truth: Sequence[Seen], spec: str = ""
) -> EyesCalibration:
    """Find the smallest margin from which the encoder is right often enough, on labelled looks.

    Right often enough: the lower end of the Wilson interval of its decided answers is at least `SURE`. The first half
    of the looks chooses the margin, the second half measures it. Looks whose truth is "neither" count as wrong wherever
    it decides; looks that nobody could tell are left out.

    Args:
        encoder: embeds texts and pictures.
        looks: in an order that says nothing of the truth, those of one pair side by side.
        truth: what each of them shows.
        spec: the encoder's spec; its name where there is none.

    Raises:
        ValueError: looks and truth are not of one length.
    """
    known = [(look, seen) for look, seen in zip(looks, truth, strict=True) if seen is not Seen.CANNOT_TELL]
    found = margins(encoder, [look for look, _ in known]) if known else np.zeros(0)
    right = np.array([_side(margin) is seen for margin, (_, seen) in zip(found, known, strict=True)], dtype=bool)
    half = (len(known) + 1) // 2
    threshold = _smallest_sure(found[:half], right[:half])
    if threshold is None:
        never = "no margin makes it right often enough: it never decides"
        return EyesCalibration(id=spec or encoder.name, threshold=None, method=never, looks=len(known))
    return _measured(spec or encoder.name, threshold, found[half:], right[half:], len(known))


def _smallest_sure(found: Margins, right: BoolArray) -> float | None:
    for threshold in np.unique(np.abs(found[found != 0])):
        decided = np.abs(found) >= threshold
        if _wilson(int(right[decided].sum()), int(decided.sum()))[0] >= SURE:
            return float(threshold)
    return None


def _measured(spec: str, threshold: float, found: Margins, right: BoolArray, looks: int) -> EyesCalibration:
    decided = np.abs(found) >= threshold
    hits, n = int(right[decided].sum()), int(decided.sum())
    return EyesCalibration(
        id=spec,
        threshold=threshold,
        method=f"smallest margin from which it is right {SURE:.0%} of the time, at the lower end of the 95 % interval",
        looks=looks,
        measured=len(found),
        decided=float(decided.mean()) if len(found) else None,
        right=hits / n if n else None,
        interval=_wilson(hits, n) if n else None,
    )


def _wilson(hits: int, n: int) -> tuple[float, float]:
    interval = binomtest(hits, n).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def _side(margin: float) -> Seen:
    return Seen.FIRST if margin > 0 else Seen.SECOND if margin < 0 else Seen.CANNOT_TELL


def _sight(margin: float, threshold: float) -> Sight:
    decided = abs(margin) >= threshold and margin != 0
    return Sight(
        seen=_side(margin) if decided else Seen.CANNOT_TELL,
        reason=f"margin {margin:+.3f}, decides from {threshold:.3f}",
    )
