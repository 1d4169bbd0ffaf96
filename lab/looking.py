"""Which of two captions does a scene show? Pairwise, as a person would be asked: the nearer description, or neither.

A picture of two red circles is nearer to "three red circles" than to "three blue ones": what the captions share does
not decide, what they differ in does. Where both are equally far, the picture shows neither.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Literal

from faultfinder.lab.grammar import parse_statement
from faultfinder.lab.meaning import Sort, Statement, Thing
from faultfinder.lab.reading import Reading
from faultfinder.lab.scenes import Colour, Item, Relation, Scene, Shape, Size, dominant_relation
from faultfinder.lab.words import PLURAL

Shown = Literal["first", "second", "neither", "cannot tell"]

_PLURAL_OF = {shape: word for word, shape in PLURAL.items()}

_MISSING = 4.0
"""Of a thing that is not there: as much as shape, colour, size and number all wrong."""
_UNCALLED = 1.0
"""Of a group of items that nothing in the caption calls for."""


def which(reading: Reading, first: str, second: str) -> Shown:
    """Say which caption a picture shows, from what was read off it.

    "cannot tell" where the picture is illegible, one text is no caption of the lab's world, or both captions hold.
    """
    said = parse_statement(first), parse_statement(second)
    if not reading.legible or said[0] is None or said[1] is None:
        return "cannot tell"
    return _nearer(distance(reading.scene, said[0]), distance(reading.scene, said[1]))


def say(reading: Reading) -> str:
    """Put what was read into words: "2 large red circles, 1 small blue star, on white"."""
    if not reading.legible:
        return "nothing that can be read"
    groups = [
        f"{n} {kind.size} {kind.colour} {_PLURAL_OF[kind.shape] if n > 1 else kind.shape}"
        for kind, n in reading.scene.counts().items()
    ]
    return f"{', '.join(groups) or 'nothing'} on {reading.scene.background}"


@dataclass(frozen=True)
class Distance:
    """How far a scene is from a caption.

    Args:
        wrong: how many of the caption's claims the scene breaks; shares where part of a group breaks one.
        found: how many of the things said to be there are there in some form.
    """

    wrong: float
    found: int


@dataclass(frozen=True)
class _Party:
    """The items of one shape and colour."""

    shape: Shape
    colour: Colour
    items: tuple[Item, ...]

    def share_of(self, size: Size) -> float:
        return sum(item.kind.size is size for item in self.items) / len(self.items)


def distance(scene: Scene, statement: Statement) -> Distance:
    """Count what a scene breaks of a caption, things matched with the items that fit them best."""
    parties = _parties(scene)
    best = min((_with(chosen, parties, statement) for chosen in _choices(parties, statement)), key=_order)
    ground = statement.background is not None and statement.background is not scene.background
    return Distance(best.wrong + ground + _denied(parties, statement.absent), best.found)


def _order(distance: Distance) -> tuple[float, int]:
    return distance.wrong, -distance.found


def _nearer(first: Distance, second: Distance) -> Shown:
    if first.wrong == second.wrong:
        return "cannot tell" if first.wrong == 0 else "neither"
    nearer, name = min(((first, "first"), (second, "second")), key=lambda told: told[0].wrong)
    if not nearer.found:
        return "neither"
    return "first" if name == "first" else "second"


def _parties(scene: Scene) -> list[_Party]:
    looks = dict.fromkeys((item.kind.shape, item.kind.colour) for item in scene.items)
    return [
        _Party(shape, colour, tuple(i for i in scene.items if (i.kind.shape, i.kind.colour) == (shape, colour)))
        for shape, colour in looks
    ]


def _choices(parties: Sequence[_Party], statement: Statement) -> Iterator[tuple[_Party | None, ...]]:
    """Every way to say which items a caption's things are; None for a thing that is not there."""
    return permutations([*parties, *[None] * len(statement.things)], len(statement.things))


def _with(chosen: Sequence[_Party | None], parties: Sequence[_Party], statement: Statement) -> Distance:
    claims = [_mismatch(party, thing) for party, thing in zip(chosen, statement.things, strict=True)]
    uncalled = sum(party not in chosen for party in parties) * _UNCALLED
    there = [party for party, wrong in zip(chosen, claims, strict=True) if party and wrong < _MISSING]
    return Distance(sum(claims) + uncalled + _misplaced(chosen, statement.relation), len(there))


def _mismatch(party: _Party | None, thing: Thing) -> float:
    if party is None:
        return _MISSING
    wrong_shape, wrong_colour = party.shape is not thing.sort.shape, party.colour is not thing.sort.colour
    if wrong_shape and wrong_colour:
        return _MISSING
    wrong_size = 1 - party.share_of(thing.sort.size) if thing.sort.size else 0.0
    return wrong_shape + wrong_colour + wrong_size + (len(party.items) not in thing.quantity.counts)


def _misplaced(chosen: Sequence[_Party | None], relation: Relation | None) -> float:
    if relation is None:
        return 0.0
    first, second = chosen
    if first is None or second is None:
        return 1.0
    places = [[(item.x, item.y) for item in party.items] for party in (first, second)]
    return float(dominant_relation(places[0], places[1]) is not relation)


def _denied(parties: Sequence[_Party], absent: Sort | None) -> float:
    """Whether something is there that the caption says is not."""
    if absent is None:
        return 0.0
    alike = [party for party in parties if (party.shape, party.colour) == (absent.shape, absent.colour)]
    there = any(absent.size is None or party.share_of(absent.size) > 0 for party in alike)
    return float(there)
