"""Whether a person could still see in a changed picture what was in it.

A picture is read by its edges. Of the edges of the original (in any colour channel, at the scale of 96 pixels to the
longer side, which is about what a glance resolves) a changed picture must keep enough: an edge is kept where the step
in the changed picture is one that people see on a screen, and stands out from what the change has added everywhere. The
comparison is made at two scales, fine and coarse, and the mean of both counts: under noise people see shapes, no lines.

The smallest step is one per cent of full scale. The values of a picture are nearly even steps of lightness, and a
difference of one in lightness (CIE L*, 0 to 100) is about what people just notice. It is a bound on what can be asked
of anybody, not a measure of comfort.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Floats = npt.NDArray[np.float32]

FEWEST = 0.25
"""Share of the original's edges that must be left; with fewer the picture is no fair question."""

JUST_SEEN = 0.01 * 255
"""Smallest step between neighbouring values that people see, in 8-bit values."""

_SIDE = 96
_SCALES = (0.7, 2.0)  # pixels that are averaged over: fine detail, and shapes
_ABOVE_NOISE = 2.0  # an edge must be so many times what lies where there was none
_SALIENT = 2 * JUST_SEEN


@dataclass(frozen=True)
class Legibility:
    """How much of a picture is left to be seen.

    Attributes:
        share: Of the original's edges, from 0 to 1, weighted by how strong they were.
    """

    share: float

    @property
    def ok(self) -> bool:
        """Tell whether a person could still read it."""
        return self.share >= FEWEST

    @property
    def reason(self) -> str:
        """Say it in a few words."""
        return f"{self.share:.0%} of its edges can still be seen, {FEWEST:.0%} must be"


class Original:
    """What there is to be seen in a picture, to be looked for in changed ones of the same size."""

    def __init__(self, picture: Image.Image) -> None:
        """Find a picture's edges."""
        self._edges = [_edges(picture, scale) for scale in _SCALES]

    def left_in(self, changed: Image.Image) -> Legibility:
        """Say how much of it can still be seen in a changed picture, in which everything is still in its place."""
        pairs = zip(self._edges, _SCALES, strict=True)
        return Legibility(float(np.mean([_kept(before, _edges(changed, scale)) for before, scale in pairs])))


def in_view(original: Image.Image, left: float) -> float:
    """Return how much of what was to be seen lies in the middle part of a picture.

    Args:
        original: the whole picture.
        left: share of both sides that the part keeps.
    """
    edges = _edges(original, _SCALES[0])
    rows, columns = (_middle(extent, left) for extent in edges.shape)
    whole = float(edges.sum())
    return float(edges[rows, columns].sum()) / whole if whole else 1.0


def _middle(extent: int, left: float) -> slice:
    margin = round(extent * (1 - left) / 2)
    return slice(margin, extent - margin)


def _kept(before: Floats, after: Floats) -> float:
    salient = before >= _SALIENT
    if not salient.any():
        return 1.0  # there was nothing to be seen in the first place
    noise = float(np.median(after[~salient])) if (~salient).any() else 0.0
    kept = after >= max(JUST_SEEN, _ABOVE_NOISE * noise)
    return float(before[salient & kept].sum() / before[salient].sum())


def _edges(picture: Image.Image, scale: float) -> Floats:
    """Return the step to the next pixel, the largest over channels and both directions, float32 (h, w)."""
    small = picture.convert("RGB")
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    values = np.asarray(small.filter(ImageFilter.GaussianBlur(scale)), dtype=np.float32)
    steps = np.zeros(values.shape, dtype=np.float32)
    steps[:, :-1] = np.abs(np.diff(values, axis=1))
    steps[:-1] = np.maximum(steps[:-1], np.abs(np.diff(values, axis=0)))
    widest: Floats = steps.max(axis=2)
    return widest
