"""The world: coloured shapes on a grid of cells, with exact truth down to the pixel.

Knows nothing of words or models. A scene is a background and some items; items of one kind form a group. Two groups
stand in the relation named by the larger component of the step between their centres, so exactly one relation holds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from random import Random

CANVAS = 48
CELL = 12
CELLS_PER_SIDE = CANVAS // CELL


class Shape(StrEnum):
    """The outline of an item."""

    CIRCLE = "circle"
    SQUARE = "square"
    TRIANGLE = "triangle"
    STAR = "star"
    RING = "ring"
    CROSS = "cross"


class Colour(StrEnum):
    """The colour of an item."""

    RED = "red"
    BLUE = "blue"
    GREEN = "green"
    YELLOW = "yellow"
    PURPLE = "purple"
    PINK = "pink"
    BROWN = "brown"
    BLACK = "black"


class Size(StrEnum):
    """The size of an item."""

    SMALL = "small"
    LARGE = "large"


class Background(StrEnum):
    """The colour behind the items; never the colour of an item."""

    WHITE = "white"
    GREY = "grey"
    BEIGE = "beige"


class Relation(StrEnum):
    """Where one group stands, seen from another."""

    LEFT = "left"
    RIGHT = "right"
    ABOVE = "above"
    BELOW = "below"

    @property
    def converse(self) -> "Relation":
        """The relation that holds when the two groups trade places."""
        return _CONVERSE[self]


_CONVERSE = {
    Relation.LEFT: Relation.RIGHT,
    Relation.RIGHT: Relation.LEFT,
    Relation.ABOVE: Relation.BELOW,
    Relation.BELOW: Relation.ABOVE,
}

EXTENT = {Size.SMALL: 7, Size.LARGE: 11}
"""Side of an item's bounding square in pixels of the 48-pixel canvas."""


@dataclass(frozen=True, order=True)
class Kind:
    """What an item is, place aside."""

    shape: Shape
    colour: Colour
    size: Size


@dataclass(frozen=True, order=True)
class Item:
    """One shape at a place; `x` and `y` are the top left corner in pixels, `y` downwards."""

    kind: Kind
    x: int
    y: int


@dataclass(frozen=True)
class Scene:
    """A picture's whole truth; `items` are sorted, so equal scenes compare equal."""

    background: Background
    items: tuple[Item, ...]

    @classmethod
    def of(cls, background: Background, items: Iterable[Item]) -> "Scene":
        """Make a scene from items in any order."""
        return cls(background, tuple(sorted(items)))

    def counts(self) -> dict[Kind, int]:
        """How many items of each kind there are."""
        kinds = [item.kind for item in self.items]
        return {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}

    def relation(self, first: Kind, second: Kind) -> Relation:
        """Where the group `first` stands, seen from the group `second`.

        Raises:
            KeyError: one of the two kinds is not in the scene.
        """
        places = {kind: [(item.x, item.y) for item in self.items if item.kind == kind] for kind in (first, second)}
        if not all(places.values()):
            raise KeyError(f"the scene has no {first} or no {second}")
        return dominant_relation(places[first], places[second])


@dataclass(frozen=True)
class Group:
    """Some items of one kind, not placed yet."""

    kind: Kind
    count: int


def dominant_relation(first: Sequence[tuple[int, int]], second: Sequence[tuple[int, int]]) -> Relation:
    """The relation of the centre of the points `first` to the centre of the points `second`."""
    right = _mean(x for x, _ in first) - _mean(x for x, _ in second)
    down = _mean(y for _, y in first) - _mean(y for _, y in second)
    if abs(right) >= abs(down):
        return Relation.LEFT if right < 0 else Relation.RIGHT
    return Relation.ABOVE if down < 0 else Relation.BELOW


def arrange(groups: Sequence[Group], relation: Relation, background: Background, rng: Random) -> Scene:
    """Place one or two groups on the canvas, the first in `relation` to the second.

    Raises:
        ValueError: there are no groups, more than two, or more items than cells.
    """
    if len(groups) == 1:
        return Scene.of(background, _place(groups[0], rng.sample(_ALL_CELLS, groups[0].count), rng))
    if len(groups) != 2:
        raise ValueError(f"a scene has one or two groups, not {len(groups)}")
    first, second = groups
    while True:
        cells = rng.sample(_HALVES[relation], first.count), rng.sample(_HALVES[relation.converse], second.count)
        items = _place(first, cells[0], rng), _place(second, cells[1], rng)
        if _stands_clearly(items[0], items[1], relation):
            return Scene.of(background, items[0] + items[1])


_ALL_CELLS = list(product(range(CELLS_PER_SIDE), range(CELLS_PER_SIDE)))
_HALF = CELLS_PER_SIDE // 2
_HALVES = {
    Relation.LEFT: [cell for cell in _ALL_CELLS if cell[0] < _HALF],
    Relation.RIGHT: [cell for cell in _ALL_CELLS if cell[0] >= _HALF],
    Relation.ABOVE: [cell for cell in _ALL_CELLS if cell[1] < _HALF],
    Relation.BELOW: [cell for cell in _ALL_CELLS if cell[1] >= _HALF],
}
_CLEAR_MARGIN = CELL / 2


def _place(group: Group, cells: Iterable[tuple[int, int]], rng: Random) -> list[Item]:
    slack = CELL - EXTENT[group.kind.size]
    return [
        Item(group.kind, column * CELL + rng.randint(0, slack), row * CELL + rng.randint(0, slack))
        for column, row in cells
    ]


def _stands_clearly(first: list[Item], second: list[Item], relation: Relation) -> bool:
    """Whether the step along the relation's axis exceeds the step across it by half a cell."""
    across = abs(_mean(item.x for item in first) - _mean(item.x for item in second))
    along = abs(_mean(item.y for item in first) - _mean(item.y for item in second))
    if relation in (Relation.LEFT, Relation.RIGHT):
        across, along = along, across
    return along >= across + _CLEAR_MARGIN


def _mean(values: Iterable[int]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers)
