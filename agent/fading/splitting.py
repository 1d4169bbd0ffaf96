"""Inputs are split before anything is learned: by a hash of the picture's identity, and no text in two parts.

The test part is filled first. What shares a text with it leaves the other parts, what shares one with the validation
part leaves training, and whatever the audit has used is in none.
"""

import hashlib
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from faultfinder.tools.ports import Contrast, Lesson

Input = TypeVar("Input", Lesson, Contrast)
_SHARES = 20
_VALIDATION, _TEST = range(3), range(3, 8)
"""Of twenty shares three are for validation and five for the test; the rest is for training."""


class Part(StrEnum):
    """What an input is for."""

    TEST = "test"
    VALIDATION = "validation"
    TRAIN = "train"


def part_of(key: str) -> Part:
    """Return which part a picture belongs to; the same one in every run and on every machine."""
    place = int.from_bytes(hashlib.sha256(f"fade {key}".encode()).digest()[:8]) % _SHARES
    return Part.VALIDATION if place in _VALIDATION else Part.TEST if place in _TEST else Part.TRAIN


@dataclass(frozen=True)
class Parts(Generic[Input]):
    """Inputs by part."""

    train: Sequence[Input]
    validation: Sequence[Input]
    test: Sequence[Input]

    def of(self, part: Part) -> Sequence[Input]:
        """Return one part."""
        return {Part.TRAIN: self.train, Part.VALIDATION: self.validation, Part.TEST: self.test}[part]


def split(inputs: Iterable[Input], fixed: Part | None = None) -> Parts[Input]:
    """Split inputs by their pictures.

    Args:
        inputs: what to split.
        fixed: the part that all of them are for, where that is settled already.
    """
    found: dict[Part, list[Input]] = {part: [] for part in Part}
    for each in inputs:
        lesson = each.lesson if isinstance(each, Contrast) else each
        found[fixed or part_of(lesson.key)].append(each)
    return Parts(found[Part.TRAIN], found[Part.VALIDATION], found[Part.TEST])


@dataclass
class Sieve:
    """Keeps texts from being in two parts; parts have to be sieved in the order of `Part`.

    Attributes:
        spent: Texts that may be in none.
        reserved: Further texts that may not be learned from.
        left_out: How many inputs were left out.
    """

    spent: Set[str]
    reserved: Set[str] = frozenset()
    left_out: int = 0
    _taken: dict[Part, set[str]] = field(default_factory=lambda: {part: set() for part in Part})

    def keep(self, part: Part, inputs: Iterable[Input], enough: int | None = None) -> list[Input]:
        """Return the inputs that may be in a part, at most so many, and remember their texts as that part's."""
        kept: list[Input] = []
        for each in inputs:
            if enough is not None and len(kept) >= enough:
                break
            texts = texts_of(each)
            if self._barred(part, texts):
                self.left_out += 1
            else:
                kept.append(each)
                self._taken[part] |= texts
        return kept

    def texts(self, *parts: Part) -> frozenset[str]:
        """Return the texts of some parts."""
        return frozenset().union(*(self._taken[part] for part in parts))

    def _barred(self, part: Part, texts: set[str]) -> bool:
        others = [self._taken[other] for other in Part if other is not part]
        further: list[Set[str]] = [self.reserved] if part is Part.TRAIN else []
        return any(texts & barred for barred in [self.spent, *others, *further])


def texts_of(each: Lesson | Contrast) -> set[str]:
    """Return the texts of an input."""
    return {each.lesson.caption, each.edited} if isinstance(each, Contrast) else {each.caption}
