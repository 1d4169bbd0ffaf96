"""Draw statements at random, and change one attribute of a statement so that the old and the new exclude each other."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from faultfinder.lab.meaning import Quantity, Sort, Statement, Thing
from faultfinder.lab.scenes import Background, Colour, Relation, Shape, Size

_Choice = TypeVar("_Choice")
Edit = Callable[[Statement, Random], Statement | None]
"""Changes one attribute; None where the statement does not speak of it."""

NUMBERS = (Quantity.TWO, Quantity.THREE, Quantity.FOUR)
_AMOUNTS = (Quantity.FEW, Quantity.MANY)
_QUANTITIES = (*[Quantity.ONE] * 5, *NUMBERS, *NUMBERS, *_AMOUNTS, *_AMOUNTS)
_SIDES = (Relation.LEFT, Relation.RIGHT)
_HEIGHTS = (Relation.ABOVE, Relation.BELOW)
_SIZED, _GROUNDED = 0.5, 0.35
_ALONE, _LACKING, _JOINED = 0.25, 0.42, 0.62


def draw_statement(rng: Random) -> Statement:
    """Draw what a precise caption might say; its things differ in shape or colour."""
    things = (_draw_thing(rng), _draw_thing(rng))
    while _same_look(things[0].sort, things[1].sort):
        things = (things[0], _draw_thing(rng))
    background = rng.choice(list(Background)) if rng.random() < _GROUNDED else None
    layout = rng.random()
    if layout < _ALONE:
        return Statement(things[:1], background=background)
    if layout < _LACKING:
        return Statement(things[:1], absent=things[1].sort, background=background)
    relation = rng.choice(list(Relation)) if layout > _JOINED else None
    return Statement(things, relation, background=background)


def edit(attribute: str, statement: Statement, rng: Random) -> Statement | None:
    """Change the named attribute of a statement.

    Returns:
        A statement that no scene shares with the given one; None where the attribute is not spoken of.

    Raises:
        KeyError: no attribute has that name.
    """
    changed = _EDITS[attribute](statement, rng)
    if changed is None or changed.meaning.contradicts_itself or not changed.meaning.excludes(statement.meaning):
        return None
    return changed


def _draw_thing(rng: Random) -> Thing:
    size = rng.choice(list(Size)) if rng.random() < _SIZED else None
    return Thing(rng.choice(_QUANTITIES), Sort(rng.choice(list(Shape)), rng.choice(list(Colour)), size))


def _same_look(first: Sort, second: Sort) -> bool:
    return (first.shape, first.colour) == (second.shape, second.colour)


def _other(choices: Sequence[_Choice], than: _Choice, rng: Random) -> _Choice | None:
    """Another choice; None if the given one is not among the choices."""
    return rng.choice([choice for choice in choices if choice != than]) if than in choices else None


def _with_sort(statement: Statement, place: int, sort: Sort) -> Statement:
    things = list(statement.things)
    things[place] = replace(things[place], sort=sort)
    return replace(statement, things=tuple(things))


def _edit_colour(colours: Sequence[Colour]) -> Edit:
    def change(statement: Statement, rng: Random) -> Statement | None:
        place = rng.randrange(len(statement.things))
        sort = statement.things[place].sort
        colour = _other(colours, sort.colour, rng)
        return _with_sort(statement, place, replace(sort, colour=colour)) if colour else None

    return change


def _edit_shape(statement: Statement, rng: Random) -> Statement | None:
    place = rng.randrange(len(statement.things))
    sort = statement.things[place].sort
    shape = _other(list(Shape), sort.shape, rng)
    return _with_sort(statement, place, replace(sort, shape=shape)) if shape else None


def _edit_size(statement: Statement, rng: Random) -> Statement | None:
    sized = [place for place, thing in enumerate(statement.things) if thing.sort.size]
    if not sized:
        return None
    place = rng.choice(sized)
    sort = statement.things[place].sort
    return _with_sort(statement, place, replace(sort, size=_other(list(Size), sort.size, rng)))


def _edit_quantity(quantities: Sequence[Quantity]) -> Edit:
    def change(statement: Statement, rng: Random) -> Statement | None:
        places = [place for place, thing in enumerate(statement.things) if thing.quantity in quantities]
        if not places:
            return None
        place = rng.choice(places)
        things = list(statement.things)
        quantity = _other(quantities, things[place].quantity, rng)
        if quantity is None:
            return None
        things[place] = replace(things[place], quantity=quantity)
        return replace(statement, things=tuple(things))

    return change


def _edit_relation(relations: Sequence[Relation]) -> Edit:
    def change(statement: Statement, rng: Random) -> Statement | None:
        relation = _other(relations, statement.relation, rng)
        return replace(statement, relation=relation) if relation else None

    return change


def _swap_roles(statement: Statement, _: Random) -> Statement | None:
    return replace(statement, things=statement.things[::-1]) if statement.relation else None


def _swap(field: str) -> Edit:
    """Exchange one field between the two things' sorts."""

    def change(statement: Statement, _: Random) -> Statement | None:
        if len(statement.things) < 2:
            return None
        first, second = (thing.sort for thing in statement.things)
        mine, theirs = getattr(first, field), getattr(second, field)
        changed = _with_sort(statement, 0, replace(first, **{field: theirs}))
        return _with_sort(changed, 1, replace(second, **{field: mine}))

    return change


def _edit_presence(statement: Statement, _: Random) -> Statement | None:
    """Exchange "no y" and "a y"."""
    if statement.absent:
        things = (*statement.things, Thing(Quantity.ONE, statement.absent))
        return replace(statement, things=things, absent=None)
    if len(statement.things) < 2 or statement.relation or statement.things[1].quantity is not Quantity.ONE:
        return None
    return replace(statement, things=statement.things[:1], absent=statement.things[1].sort)


def _edit_background(statement: Statement, rng: Random) -> Statement | None:
    background = _other(list(Background), statement.background, rng)
    return replace(statement, background=background) if background else None


_EDITS: dict[str, Edit] = {
    "colour": _edit_colour(tuple(Colour)),
    "red-green": _edit_colour((Colour.RED, Colour.GREEN)),
    "shape": _edit_shape,
    "size": _edit_size,
    "background": _edit_background,
    "number": _edit_quantity(NUMBERS),
    "few-many": _edit_quantity(_AMOUNTS),
    "absence": _edit_presence,
    "left-right": _edit_relation(_SIDES),
    "above-below": _edit_relation(_HEIGHTS),
    "roles": _swap_roles,
    "colour-swap": _swap("colour"),
    "shape-swap": _swap("shape"),
}

ATTRIBUTES = tuple(_EDITS)
"""The attributes that can be edited, and that truth cards speak of."""
