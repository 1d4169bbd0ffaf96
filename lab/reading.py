"""Read a scene off any picture, cell by cell: the most likely item under even noise, and how well it explains the cell.

On a picture that `render` draws this gives what `vision.parse` gives; on a painted one it is the nearest such scene.
Least squares over every outline, colour, size and place that a cell can hold is the maximum-likelihood reading of a
rendered cell under Gaussian noise.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from faultfinder.lab.render import BACKGROUND_RGB, COLOUR_RGB, mask
from faultfinder.lab.scenes import (
    CANVAS,
    CELL,
    CELLS_PER_SIDE,
    EXTENT,
    Background,
    Item,
    Kind,
    Scene,
    Shape,
    Size,
)

Floats = npt.NDArray[np.float32]

ILLEGIBLE = 0.03
"""Mean squared error per pixel and channel (colours from 0 to 1) above which a cell shows nothing that is known."""


@dataclass(frozen=True)
class Reading:
    """The nearest scene to a picture.

    Args:
        scene: what was read.
        error: mean squared error of the worst cell, colours from 0 to 1.
    """

    scene: Scene
    error: float

    @property
    def legible(self) -> bool:
        """Whether every cell looks like something that the world holds."""
        return self.error <= ILLEGIBLE


def read(image: Image.Image) -> Reading:
    """Read a picture of any size; it is scaled to 48 by 48 pixels."""
    scaled = image.convert("RGB").resize((CANVAS, CANVAS), Image.Resampling.BOX)
    cells = _cells(np.asarray(scaled, dtype=np.float32) / np.float32(255))
    background = _background(cells)
    errors, kinds = _explain(cells, background)
    best = errors.argmin(axis=1)
    items = [
        Item(kinds[choice].kind, column * CELL + kinds[choice].x, row * CELL + kinds[choice].y)
        for (row, column), choice in zip(np.ndindex(CELLS_PER_SIDE, CELLS_PER_SIDE), best - 1, strict=True)
        if choice >= 0
    ]
    return Reading(Scene.of(background, items), float(errors.min(axis=1).max()))


@dataclass(frozen=True)
class _Place:
    """A kind of item at an offset within its cell."""

    kind: Kind
    x: int
    y: int


@dataclass(frozen=True)
class _Outlines:
    """Every outline that a cell can hold: masks float32 (n, 144), and what each one is."""

    masks: Floats
    known: tuple[tuple[Shape, Size, int, int], ...]


def _cells(pixels: Floats) -> Floats:
    """Cut (48, 48, 3) into float32 (16, 144, 3), row by row."""
    grid = pixels.reshape(CELLS_PER_SIDE, CELL, CELLS_PER_SIDE, CELL, 3).transpose(0, 2, 1, 3, 4)
    return grid.reshape(CELLS_PER_SIDE**2, CELL * CELL, 3)


def _background(cells: Floats) -> Background:
    """The background nearest to the most pixels."""
    palette = np.array([*BACKGROUND_RGB.values(), *COLOUR_RGB.values()], dtype=np.float32) / 255
    nearest = ((cells[:, :, None] - palette) ** 2).sum(axis=3).argmin(axis=2)
    votes = np.bincount(nearest.ravel(), minlength=len(palette))[: len(BACKGROUND_RGB)]
    return list(BACKGROUND_RGB)[int(votes.argmax())]


def _explain(cells: Floats, background: Background) -> tuple[Floats, list[_Place]]:
    """Errors of every explanation per cell, float32 (16, 1 + k): the empty cell, then those named."""
    outlines = _outlines()
    empty = _squared(cells, BACKGROUND_RGB[background])
    columns, places = [empty.sum(axis=1, keepdims=True)], []
    for colour, rgb in COLOUR_RGB.items():
        columns.append(columns[0] + (_squared(cells, rgb) - empty) @ outlines.masks.T)
        places += [_Place(Kind(shape, colour, size), x, y) for shape, size, x, y in outlines.known]
    return np.concatenate(columns, axis=1) / (cells.shape[1] * 3), places


def _squared(cells: Floats, rgb: tuple[int, int, int]) -> Floats:
    """Squared distance of each pixel to a colour, float32 (16, 144)."""
    difference = cells - np.array(rgb, dtype=np.float32) / 255
    squared: Floats = np.einsum("cpk,cpk->cp", difference, difference)
    return squared


@cache
def _outlines() -> _Outlines:
    masks, known = [], []
    for shape in Shape:
        for size in Size:
            side = EXTENT[size]
            for y in range(CELL - side + 1):
                for x in range(CELL - side + 1):
                    window = np.zeros((CELL, CELL), dtype=np.float32)
                    window[y : y + side, x : x + side] = mask(shape, side)
                    masks.append(window.ravel())
                    known.append((shape, size, x, y))
    return _Outlines(np.stack(masks), tuple(known))
