"""Draw scenes: hard-edged at 48 pixels, where every pixel tells the truth, and smooth at any size for people."""

from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from faultfinder.lab.scenes import CANVAS, EXTENT, Background, Colour, Scene, Shape

Pixels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

COLOUR_RGB = {
    Colour.RED: (222, 40, 40),
    Colour.BLUE: (40, 80, 225),
    Colour.GREEN: (30, 150, 60),
    Colour.YELLOW: (248, 208, 20),
    Colour.PURPLE: (135, 45, 180),
    Colour.PINK: (255, 130, 190),
    Colour.BROWN: (130, 78, 40),
    Colour.BLACK: (20, 20, 20),
}
BACKGROUND_RGB = {
    Background.WHITE: (255, 255, 255),
    Background.GREY: (168, 172, 178),
    Background.BEIGE: (236, 222, 190),
}
_OVERSAMPLING = 8
_RING_HOLE = 0.28
_CROSS_ARM = 0.32


def render(scene: Scene) -> Pixels:
    """Draw a scene exactly as uint8 (48, 48, 3); only the palette's colours occur."""
    pixels = np.empty((CANVAS, CANVAS, 3), dtype=np.uint8)
    pixels[:] = BACKGROUND_RGB[scene.background]
    for item in scene.items:
        side = EXTENT[item.kind.size]
        window = pixels[item.y : item.y + side, item.x : item.x + side]
        window[mask(item.kind.shape, side)] = COLOUR_RGB[item.kind.colour]
    return pixels


def paint(scene: Scene, size: int) -> Image.Image:
    """Draw a scene for people: smooth edges, `size` by `size` pixels."""
    scale = size * _OVERSAMPLING / CANVAS
    canvas = Image.new("RGB", (size * _OVERSAMPLING, size * _OVERSAMPLING), BACKGROUND_RGB[scene.background])
    for item in scene.items:
        stencil = _stencil(item.kind.shape, round(EXTENT[item.kind.size] * scale))
        canvas.paste(COLOUR_RGB[item.kind.colour], (round(item.x * scale), round(item.y * scale)), stencil)
    return canvas.resize((size, size), Image.Resampling.BOX)


@cache
def mask(shape: Shape, side: int) -> Mask:
    """The pixels that a shape covers within its bounding square, bool (side, side)."""
    fine = _stencil(shape, side * _OVERSAMPLING).resize((side, side), Image.Resampling.BOX)
    return np.asarray(fine) > 127


def _stencil(shape: Shape, side: int) -> Image.Image:
    """A shape in white on black, grey-scale, `side` by `side` pixels."""
    image = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(image)
    if shape in (Shape.CIRCLE, Shape.RING):
        draw.ellipse((0, 0, side - 1, side - 1), fill=255)
        if shape is Shape.RING:
            near, far = side * _RING_HOLE, side * (1 - _RING_HOLE) - 1
            draw.ellipse((near, near, far, far), fill=0)
    else:
        draw.polygon([(x * (side - 1), y * (side - 1)) for x, y in _corners(shape)], fill=255)
    return image


def _corners(shape: Shape) -> list[tuple[float, float]]:
    """The corners of a polygonal shape in the unit square."""
    if shape is Shape.SQUARE:
        return [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    if shape is Shape.TRIANGLE:
        return [(0.5, 0.0), (1.0, 1.0), (0.0, 1.0)]
    if shape is Shape.STAR:
        return _star_corners()
    near, far = _CROSS_ARM, 1 - _CROSS_ARM
    arm = [(near, 0.0), (far, 0.0), (far, near), (1.0, near), (1.0, far), (far, far)]
    return arm + [(1 - x, 1 - y) for x, y in arm]


def _star_corners() -> list[tuple[float, float]]:
    """Five outer and five inner corners, stretched to fill the unit square."""
    angles = np.pi * (np.arange(10) / 5 - 0.5)
    radii = np.where(np.arange(10) % 2 == 0, 1.0, 0.42)
    points = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)
    low, high = points.min(axis=0), points.max(axis=0)
    return [(float(x), float(y)) for x, y in (points - low) / (high - low)]
