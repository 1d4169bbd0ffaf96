"""Generators for tests: they draw what lab captions say, exactly, or with one failure planted."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from PIL import Image

from faultfinder.lab.drawing import draw_scene
from faultfinder.lab.grammar import parse_statement
from faultfinder.lab.render import render
from faultfinder.lab.scenes import CANVAS, Background, Colour, Item, Scene

Change = Callable[[Scene], Scene]


class Draughtsman:
    """Draws captions of the lab's world; a prompt and a seed give one scene, which may then be changed."""

    def __init__(self, name: str, change: Change = lambda scene: scene) -> None:
        self.name = name
        self.identity = name
        self.painted = 0
        self._change = change

    def generate(self, prompts: Sequence[str], seeds: Sequence[int]) -> list[Image.Image]:
        self.painted += len(prompts)
        return [self._draw(prompt, seed) for prompt, seed in zip(prompts, seeds, strict=True)]

    def _draw(self, prompt: str, seed: int) -> Image.Image:
        statement = parse_statement(prompt)
        if statement is None:
            return Image.new("RGB", (CANVAS, CANVAS), "white")
        return Image.fromarray(render(self._change(draw_scene(statement, Random(seed)))))


def _one_fewer(scene: Scene) -> Scene:
    """Leave out one item of every group of more than one."""
    kept: list[Item] = []
    for kind, count in scene.counts().items():
        own = [item for item in scene.items if item.kind == kind]
        kept += own[: max(1, count - 1)]
    return Scene.of(scene.background, kept)


def _mirrored(scene: Scene) -> Scene:
    """Turn the scene over from left to right."""
    return Scene.of(scene.background, [replace(item, x=CANVAS - item.x - _width(item)) for item in scene.items])


def _on_white(scene: Scene) -> Scene:
    """Forget the background."""
    return Scene.of(Background.WHITE, scene.items)


def _width(item: Item) -> int:
    from faultfinder.lab.scenes import EXTENT

    return EXTENT[item.kind.size]


def truthful() -> Draughtsman:
    """Draws what it is told."""
    return Draughtsman("truthful")


def one_fewer() -> Draughtsman:
    """Draws one object fewer than it is told."""
    return Draughtsman("one fewer", _one_fewer)


def mirrored() -> Draughtsman:
    """Draws left for right."""
    return Draughtsman("mirrored", _mirrored)


def on_white() -> Draughtsman:
    """Draws every background white."""
    return Draughtsman("on white", _on_white)


def unsigned() -> Draughtsman:
    """Draws one object fewer, and does not tell one version of itself from another."""
    painter = one_fewer()
    del painter.identity
    return painter


def _blue_as_green(scene: Scene) -> Scene:
    """Paint everything green that is to be blue."""
    items = [
        replace(item, kind=replace(item.kind, colour=Colour.GREEN)) if item.kind.colour is Colour.BLUE else item
        for item in scene.items
    ]
    return Scene.of(scene.background, items)


def blue_as_green() -> Draughtsman:
    """Make a generator that has no blue."""
    return Draughtsman("blue-as-green", _blue_as_green)
