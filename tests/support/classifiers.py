"""Classifiers of coloured discs whose faults are planted, and the discs."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

COLOURS = {"red": (210, 40, 40), "green": (40, 160, 60), "blue": (50, 80, 215), "yellow": (235, 200, 40)}
EACH = 60


def discs(folder: Path, each: int = EACH) -> Path:
    """Write pictures of one disc each into a sub-folder per colour."""
    for label, colour in COLOURS.items():
        (folder / label).mkdir(parents=True, exist_ok=True)
        for number in range(each):
            rng = random.Random(f"{label} {number}")
            picture = Image.new("RGB", (48, 48), (225, 225, 225))
            left, top, side = rng.randint(2, 20), rng.randint(2, 20), rng.randint(14, 24)
            box = (left, top, left + side, top + side)
            ImageDraw.Draw(picture).ellipse(box, fill=tuple(max(0, c - rng.randint(0, 12)) for c in colour))
            picture.save(folder / label / f"{number:03d}.png")
    return folder


class ByColour:
    """Names the colour that stands out most, whatever the light; a fault can be planted."""

    labels = tuple(COLOURS)

    def __init__(self, name: str, dark: float = 0.0, bright: float = 256.0) -> None:
        """Plant faults.

        Args:
            name: what it is called.
            dark: mean brightness (0 to 255) below which it always names the wrong colour.
            bright: mean brightness above which it always names the wrong colour.
        """
        self.name, self.identity = name, name
        self._dark, self._bright = dark, bright

    def classify(self, images: Sequence[Image.Image]) -> np.ndarray:
        """Return probabilities, float32 (n, 4)."""
        return np.stack([self._row(np.asarray(image.convert("RGB"), dtype=float)) for image in images])

    def _row(self, values: np.ndarray) -> np.ndarray:
        hues = values / np.maximum(values.max(axis=2, keepdims=True), 1)
        disc = (values.max(axis=2) - values.min(axis=2)) / np.maximum(values.max(axis=2), 1) > 0.35
        seen = hues[disc].mean(axis=0) if disc.any() else np.ones(3)
        known = np.array([np.array(colour) / max(colour) for colour in COLOURS.values()])
        best = int(np.abs(known - seen).sum(axis=1).argmin())
        if not self._dark <= values.mean() <= self._bright:
            best = (best + 1) % len(self.labels)
        row = np.full(len(self.labels), 0.01)
        row[best] = 0.97
        return row.astype(np.float32)


def sound() -> ByColour:
    return ByColour("sound")


def blind_in_the_dark() -> ByColour:
    return ByColour("blind-in-the-dark", dark=140.0)


def always_wrong() -> ByColour:
    return ByColour("always-wrong", dark=256.0)


def blinded_by_any_light() -> ByColour:
    return ByColour("blinded-by-any-light", dark=140.0, bright=214.0)
