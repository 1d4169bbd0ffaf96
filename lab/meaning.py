"""What a caption means, apart from how it says it, and when two meanings exclude each other.

A `Statement` keeps the order in which things were said; its `Meaning` does not, so that "a left of b" and "b right of
a", or "a and b" and "b and a", mean the same. Captions are read closed-world: all there is, is what is mentioned.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations

from faultfinder.lab.scenes import Background, Colour, Relation, Shape, Size


class Quantity(StrEnum):
    """How many, as a caption can say it."""

    ONE = "one"
    TWO = "two"
    THREE = "three"
    FOUR = "four"
    FEW = "few"
    MANY = "many"
    SEVERAL = "several"

    @property
    def counts(self) -> frozenset[int]:
        """The numbers of items that the word is honest about."""
        return _COUNTS[self]


_COUNTS = {
    Quantity.ONE: frozenset({1}),
    Quantity.TWO: frozenset({2}),
    Quantity.THREE: frozenset({3}),
    Quantity.FOUR: frozenset({4}),
    Quantity.FEW: frozenset({2, 3, 4}),
    Quantity.MANY: frozenset({7, 8}),
    Quantity.SEVERAL: frozenset({2, 3, 4, 7, 8}),
}


@dataclass(frozen=True)
class Sort:
    """A sort of item; None leaves the size open."""

    shape: Shape
    colour: Colour
    size: Size | None = None

    def admits(self, other: "Sort") -> bool:
        """Whether some item could be of both sorts."""
        return (self.shape, self.colour) == (other.shape, other.colour) and _agree(self.size, other.size)

    def covers(self, other: "Sort") -> bool:
        """Whether every item of the other sort is of this sort."""
        return (self.shape, self.colour) == (other.shape, other.colour) and self.size in (None, other.size)


@dataclass(frozen=True)
class Thing:
    """Some items of one sort, present in the picture."""

    quantity: Quantity
    sort: Sort

    def admits(self, other: "Thing") -> bool:
        """Whether one group could be described by both."""
        return bool(self.quantity.counts & other.quantity.counts) and self.sort.admits(other.sort)

    @property
    def key(self) -> tuple[str, ...]:
        """A total order over things."""
        return (self.sort.shape, self.sort.colour, self.sort.size or "", self.quantity)


@dataclass(frozen=True)
class Meaning:
    """One or two things, how the first stands to the second, one absent sort, and the background.

    Canonical: `relation` is None, LEFT or ABOVE; without a relation the things are sorted.
    """

    things: tuple[Thing, ...]
    relation: Relation | None = None
    absent: Sort | None = None
    background: Background | None = None

    def excludes(self, other: "Meaning") -> bool:
        """Whether no scene is described honestly by both meanings."""
        if not _agree(self.background, other.background):
            return True
        if self._denies(other) or other._denies(self):
            return True
        fewer, more = sorted((self, other), key=lambda meaning: len(meaning.things))
        return not any(fewer._relation_fits(more, places) for places in fewer._matchings(more))

    @property
    def contradicts_itself(self) -> bool:
        """Whether what is said to be absent is also said to be there."""
        return self._denies(self)

    def _denies(self, other: "Meaning") -> bool:
        return self.absent is not None and any(self.absent.covers(thing.sort) for thing in other.things)

    def _matchings(self, other: "Meaning") -> Iterator[tuple[int, ...]]:
        """Every way to find each of these things among the other's, as positions there."""
        for places in permutations(range(len(other.things)), len(self.things)):
            if all(thing.admits(other.things[place]) for thing, place in zip(self.things, places, strict=True)):
                yield places

    def _relation_fits(self, other: "Meaning", places: tuple[int, ...]) -> bool:
        if self.relation is None or other.relation is None:
            return True
        seen = other.relation if places == (0, 1) else other.relation.converse
        return self.relation == seen


@dataclass(frozen=True)
class Statement:
    """A meaning in the order in which it is said."""

    things: tuple[Thing, ...]
    relation: Relation | None = None
    absent: Sort | None = None
    background: Background | None = None

    @property
    def meaning(self) -> Meaning:
        """The canonical meaning."""
        things, relation = self.things, self.relation
        turned = relation in (Relation.RIGHT, Relation.BELOW) if relation else list(things) != sorted(things, key=_key)
        if turned:
            things, relation = things[::-1], relation and relation.converse
        return Meaning(things, relation, self.absent, self.background)

    @property
    def turned(self) -> "Statement":
        """The same meaning with its two things said in the other order."""
        relation = self.relation and self.relation.converse
        return Statement(self.things[::-1], relation, self.absent, self.background)


def _key(thing: Thing) -> tuple[str, ...]:
    return thing.key


def _agree(first: StrEnum | None, second: StrEnum | None) -> bool:
    return first is None or second is None or first == second
