"""A scene as a painter plans it: the background, then what stands in each cell, row by row; seventeen numbers.

Where in its cell an item stands is left open. A plan can be drawn as the mean of all pictures that follow it.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

from faultfinder.lab.render import BACKGROUND_RGB, COLOUR_RGB, mask
from faultfinder.lab.scenes import CELL, CELLS_PER_SIDE, EXTENT, Background, Colour, Kind, Scene, Shape, Size

Floats = npt.NDArray[np.float32]

BACKGROUNDS = tuple(Background)
KINDS = (None, *(Kind(*parts) for parts in product(Shape, Colour, Size)))
"""What a cell can hold: nothing, or an item of a kind."""

LENGTH = 1 + CELLS_PER_SIDE**2
"""The background and every cell."""


def layout_of(scene: Scene) -> list[int]:
    """Return the index of the background among `BACKGROUNDS`, then that of each cell's content among `KINDS`."""
    cells = [0] * CELLS_PER_SIDE**2
    for item in scene.items:
        cells[item.y // CELL * CELLS_PER_SIDE + item.x // CELL] = KINDS.index(item.kind)
    return [BACKGROUNDS.index(scene.background), *cells]


def content_of(layout: Sequence[int]) -> tuple[Background, tuple[Kind | None, ...]]:
    """Return a layout's background and what stands in each cell."""
    return BACKGROUNDS[layout[0]], tuple(KINDS[cell] for cell in layout[1:])


def mean_cells() -> Floats:
    """Return the mean picture of every content of a cell, float32 (backgrounds, kinds, 3, 12, 12) in [-1, 1]."""
    grounds = np.array([BACKGROUND_RGB[background] for background in BACKGROUNDS], dtype=np.float32)
    cells = np.empty((len(BACKGROUNDS), len(KINDS), 3, CELL, CELL), dtype=np.float32)
    cells[:] = grounds[:, None, :, None, None]
    for number, kind in enumerate(KINDS):
        if kind is not None:
            covered = _covered(kind.shape, kind.size)
            ink = np.array(COLOUR_RGB[kind.colour], dtype=np.float32)[None, :, None, None]
            cells[:, number] = cells[:, number] * (1 - covered) + ink * covered
    scaled: Floats = (cells / 127.5 - 1).astype(np.float32)
    return scaled


def _covered(shape: Shape, size: Size) -> Floats:
    """How often an item covers each pixel of its cell, over every place that it can have there."""
    side = EXTENT[size]
    places = range(CELL - side + 1)
    covered = np.zeros((CELL, CELL), dtype=np.float32)
    for y, x in product(places, places):
        covered[y : y + side, x : x + side] += mask(shape, side)
    covered /= len(places) ** 2
    return covered
