"""The lab's corpora: many captions of many scenes, precise or as the web would have them."""

from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Literal

from faultfinder.lab.edits import draw_statement
from faultfinder.lab.hearsay import hearsay
from faultfinder.lab.language import Phrasing, phrase
from faultfinder.lab.meaning import Statement

Style = Literal["precise", "web"]

DEFAULT_SIZE = 6_000
_PER_SCENE = 2


@dataclass(frozen=True)
class LabCaption:
    """A caption; captions of one scene share their group."""

    text: str
    group: str


def captions(seed: int, size: int = DEFAULT_SIZE, style: Style = "precise") -> list[LabCaption]:
    """Draw captions without repetition, two of each scene in different words where its group is complete."""
    drawn: dict[str, LabCaption] = {}
    for index in count():
        rng = Random(f"corpus {style} {seed} {index}")
        statement = draw_statement(rng)
        for _ in range(_PER_SCENE):
            text = phrase(_as_said(statement, style, rng), Phrasing.at_random(rng))
            drawn.setdefault(text, LabCaption(text, f"scene-{index}"))
            if len(drawn) >= size:
                return list(drawn.values())
    raise AssertionError("the scenes do not end")


def _as_said(statement: Statement, style: Style, rng: Random) -> Statement:
    return hearsay(statement, rng) if style == "web" else statement
