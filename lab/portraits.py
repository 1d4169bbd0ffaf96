"""Pictures of one item each, labelled by its colour and shape: the lab's classes, 48 of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from random import Random

from PIL import Image

from faultfinder.lab.render import render
from faultfinder.lab.scenes import Background, Colour, Group, Kind, Relation, Scene, Shape, Size, arrange

LABELS = tuple(f"{colour} {shape}" for colour, shape in product(Colour, Shape))
"""'red circle' and so on."""

MOST = 40_000
"""Portraits of one seed: under half of all different ones, so that drawing them does not slow down."""


@dataclass(frozen=True)
class Portrait:
    """A picture of one item.

    Attributes:
        label: Its colour and shape.
        scene: The whole truth.
        image: 48 by 48 pixels, as the lab's encoders were trained on them.
    """

    label: str
    scene: Scene
    image: Image.Image


def portraits(number: int, seed: int) -> Iterator[Portrait]:
    """Draw different portraits, of every label as many, but for one.

    Size, place and background are drawn at random. A larger number begins with the same portraits.

    Raises:
        ValueError: there are not so many.
    """
    if number > MOST:
        raise ValueError(f"{number} different scenes of one item are too many; {MOST} is the most")
    rng = Random(f"portraits {seed}")
    kinds = list(product(Colour, Shape))
    drawn: set[Scene] = set()
    for index in range(number):
        colour, shape = kinds[index % len(kinds)]
        scene = _another(colour, shape, drawn, rng)
        drawn.add(scene)
        yield Portrait(f"{colour} {shape}", scene, Image.fromarray(render(scene)))


def _another(colour: Colour, shape: Shape, drawn: set[Scene], rng: Random) -> Scene:
    while True:
        group = Group(Kind(shape, colour, rng.choice(list(Size))), 1)
        scene = arrange([group], Relation.LEFT, rng.choice(list(Background)), rng)
        if scene not in drawn:
            return scene
