"""Pictures of the world with captions that are true of them, to learn from and to be examined on.

Every draw has a stream of its own, which nothing else of the lab draws from: not the encoders' training, not a corpus,
not the truth cards.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, product
from random import Random

from PIL import Image

from faultfinder.lab.drawing import draw_scene
from faultfinder.lab.edits import ATTRIBUTES, draw_statement, edit
from faultfinder.lab.grammar import parse_statement
from faultfinder.lab.language import Phrasing, phrase
from faultfinder.lab.meaning import Quantity, Sort, Statement, Thing
from faultfinder.lab.render import render
from faultfinder.lab.scenes import Colour, Shape

__all__ = ["ATTRIBUTES", "Pair", "Shown", "can_be_drawn", "captions", "draw", "pairs", "quiz", "quiz_labels"]

_MATCHED_JOINERS = 2
"""So many denials ("and no", "without a") differ in one word from the joiner of the same number ("and", "with")."""


@dataclass(frozen=True)
class Shown:
    """A caption and a picture that it is true of, 48 by 48 pixels."""

    caption: str
    picture: Image.Image


@dataclass(frozen=True)
class Pair:
    """A caption and the same with one attribute changed; no scene fits both."""

    caption: str
    edited: str


def captions(seed: int) -> Iterator[str]:
    """Draw true captions without end, any of them perhaps more than once."""
    for index in count():
        rng = Random(f"lesson {seed} {index}")
        yield phrase(draw_statement(rng), Phrasing.at_random(rng))


def pairs(attribute: str, seed: int) -> Iterator[Pair]:
    """Draw minimal edits of one attribute without end.

    Raises:
        KeyError: no attribute has that name.
    """
    for index in count():
        rng = Random(f"lesson pair {attribute} {seed} {index}")
        statement = draw_statement(rng)
        edited = edit(attribute, statement, rng)
        if edited is None:
            continue
        phrasing = Phrasing.at_random(rng)
        if statement.absent != edited.absent:
            phrasing = replace(phrasing, joiner=phrasing.joiner % _MATCHED_JOINERS)
        yield Pair(phrase(statement, phrasing), phrase(edited, phrasing))


def can_be_drawn(text: str) -> bool:
    """Whether a text is a caption of the lab's world."""
    return parse_statement(text) is not None


def draw(text: str, dice: str) -> Image.Image:
    """Draw what a caption describes; with the same dice, what two captions leave open is alike where it can be.

    Raises:
        ValueError: the text is no caption of the lab's world.
    """
    statement = parse_statement(text)
    if statement is None:
        raise ValueError(f"{text!r} is no caption of the lab's world")
    return Image.fromarray(render(draw_scene(statement, Random(f"lesson picture {dice}"))))


def quiz_labels() -> list[str]:
    """Every shape in every colour, as captions."""
    return [f"a {colour} {shape}" for shape, colour in product(Shape, Colour)]


def quiz(seed: int) -> Iterator[Shown]:
    """Draw pictures of a single thing without end, each with the label that is true of it."""
    sorts = list(product(Shape, Colour))
    for index in count():
        rng = Random(f"lesson quiz {seed} {index}")
        shape, colour = rng.choice(sorts)
        scene = draw_scene(Statement((Thing(Quantity.ONE, Sort(shape, colour)),)), rng)
        yield Shown(f"a {colour} {shape}", Image.fromarray(render(scene)))
