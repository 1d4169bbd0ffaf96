"""What a caption says, fact by fact: what a painter reads off an embedding before it plans anything."""

from faultfinder.lab.meaning import Quantity, Sort, Statement
from faultfinder.lab.scenes import Background, Colour, Relation, Shape, Size

_SHAPES, _COLOURS, _QUANTITIES = list(Shape), list(Colour), list(Quantity)
_SIZES, _RELATIONS, _BACKGROUNDS = [None, *Size], [None, *Relation], [None, *Background]
_ABSENT, _NOTHING = len(_QUANTITIES), len(_QUANTITIES) + 1
_SLOT = {"shape": len(_SHAPES) + 1, "colour": len(_COLOURS) + 1, "size": len(_SIZES), "quantity": _NOTHING + 1}
FACTS = {f"{name} {slot}": n for slot in (1, 2) for name, n in _SLOT.items()} | {
    "relation": len(_RELATIONS),
    "background": len(_BACKGROUNDS),
}
"""What a caption can say, and how many answers each has; its things in a fixed order, however it orders them."""


def facts_of(statement: Statement) -> list[int]:
    """Return what a statement says, one answer for each of `FACTS`."""
    slots = [(thing.sort, _QUANTITIES.index(thing.quantity)) for thing in statement.things]
    relation = statement.relation
    if statement.absent:
        slots.append((statement.absent, _ABSENT))
    if len(slots) > 1 and _look(slots[1][0]) < _look(slots[0][0]):
        slots, relation = slots[::-1], relation and relation.converse
    said = [answer for sort, quantity in slots for answer in (*_look(sort), _SIZES.index(sort.size), quantity)]
    nothing = [len(_SHAPES), len(_COLOURS), 0, _NOTHING] * (2 - len(slots))
    return [*said, *nothing, _RELATIONS.index(relation), _BACKGROUNDS.index(statement.background)]


def _look(sort: Sort) -> tuple[int, int]:
    return _SHAPES.index(sort.shape), _COLOURS.index(sort.colour)
