"""Read a rendered picture back into the scene it shows, exactly; the inverse of `render`."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from faultfinder.lab.render import BACKGROUND_RGB, COLOUR_RGB, Mask, Pixels, mask
from faultfinder.lab.scenes import CANVAS, CELL, EXTENT, Background, Colour, Item, Kind, Scene, Shape, Size


class NotASceneError(ValueError):
    """The picture is not one that `render` draws."""


def parse(pixels: Pixels) -> Scene:
    """Recover the scene from uint8 (48, 48, 3).

    Raises:
        NotASceneError: wrong size, or pixels that no scene has.
    """
    if pixels.shape != (CANVAS, CANVAS, 3):
        raise NotASceneError(f"expected a picture of shape ({CANVAS}, {CANVAS}, 3), got {pixels.shape}")
    background = _background(pixels)
    corners = [(x, y) for y in range(0, CANVAS, CELL) for x in range(0, CANVAS, CELL)]
    found = [_item(pixels[y : y + CELL, x : x + CELL], background, x, y) for x, y in corners]
    return Scene.of(background, [item for item in found if item is not None])


def _background(pixels: Pixels) -> Background:
    for background, colour in BACKGROUND_RGB.items():
        if (pixels == colour).all(axis=2).any():
            return background
    raise NotASceneError("no pixel of the picture has a background colour")


def _item(cell: Pixels, background: Background, left: int, top: int) -> Item | None:
    """The item in one cell, or None where the cell is empty."""
    covered = (cell != BACKGROUND_RGB[background]).any(axis=2)
    if not covered.any():
        return None
    seen = _cut(covered)
    colours = {tuple(int(channel) for channel in pixel) for pixel in cell[covered]}
    for (shape, size), known in _outlines().items():
        if np.array_equal(seen.drawn, known.drawn):
            kind = Kind(shape, _colour(colours), size)
            return Item(kind, left + seen.column - known.column, top + seen.row - known.row)
    raise NotASceneError(f"the cell at ({left}, {top}) holds no known shape")


def _colour(found: set[tuple[int, ...]]) -> Colour:
    for colour, value in COLOUR_RGB.items():
        if found == {value}:
            return colour
    raise NotASceneError(f"an item has the colours {sorted(found)}, which is no single colour of the palette")


@dataclass(frozen=True)
class _Outline:
    """A shape's mask cut to its covered rows and columns, and how many were cut off at the top and left."""

    drawn: Mask
    row: int
    column: int


@cache
def _outlines() -> dict[tuple[Shape, Size], _Outline]:
    return {(shape, size): _cut(mask(shape, EXTENT[size])) for shape in Shape for size in Size}


def _cut(covered: Mask) -> _Outline:
    rows, columns = np.nonzero(covered.any(axis=1))[0], np.nonzero(covered.any(axis=0))[0]
    drawn = covered[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return _Outline(drawn, int(rows[0]), int(columns[0]))
