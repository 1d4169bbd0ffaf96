"""Where two texts differ, word by word, so that a rater's eye finds it. Both are marked alike: nothing is suggested."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain

from pydantic import Field

from faultfinder.memory.records import Record

_LONGEST = 400
"""Words beyond which nothing is marked: the comparison would take long, and the marks would say little."""


class Piece(Record):
    """A stretch of a text."""

    text: str = Field(description="the words as they are, with the space behind them")
    marked: bool = Field(description="whether the other text does not have them here")


@dataclass(frozen=True)
class Marked:
    """Two texts in pieces; the pieces of each add up to the text."""

    a: tuple[Piece, ...]
    b: tuple[Piece, ...]


def marked(a: str, b: str) -> Marked:
    """Cut two texts into what they share and what they do not."""
    one, other = _words(a), _words(b)
    if max(len(one), len(other)) > _LONGEST:
        return Marked(whole(a), whole(b))
    matcher = SequenceMatcher(None, [word.strip().lower() for word in one], [word.strip().lower() for word in other])
    steps = matcher.get_opcodes()
    return Marked(
        tuple(chain.from_iterable(_piece(one[i:j], step != "equal") for step, i, j, _, _ in steps)),
        tuple(chain.from_iterable(_piece(other[i:j], step != "equal") for step, _, _, i, j in steps)),
    )


def _words(text: str) -> list[str]:
    """Split before every word, so that nothing is lost."""
    return re.findall(r"\S+\s*|^\s+", text)


def _piece(words: Sequence[str], differs: bool) -> list[Piece]:
    """Return the words as one piece; the space behind marked words is a piece of its own."""
    text = "".join(words)
    if not differs:
        return [Piece(text=text, marked=False)] if text else []
    kept, space = text.rstrip(), text[len(text.rstrip()) :]
    return [Piece(text=part, marked=mark) for part, mark in ((kept, True), (space, False)) if part]


def whole(text: str) -> tuple[Piece, ...]:
    """Return a text with nothing marked in it."""
    return (Piece(text=text, marked=False),) if text else ()
