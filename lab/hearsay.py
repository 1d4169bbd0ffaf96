"""Say a scene the way alt text on the web does: what is there, reliably; where, how many and what is missing, not.

Places are mentioned seldom and at random, any plural number word stands for any plural number, and a thing that is
there is sometimes said to be missing. A model trained on this has nothing to learn these words from.
"""

from random import Random

from faultfinder.lab.edits import NUMBERS
from faultfinder.lab.meaning import Quantity, Statement, Thing
from faultfinder.lab.scenes import Relation

_PLURALS = (*NUMBERS, Quantity.FEW, Quantity.MANY, Quantity.SEVERAL)
_PLAIN, _DENIED = 0.5, 0.3

RELIABLE = ("colour", "shape", "size", "background", "colour-swap", "shape-swap")
"""The attributes about which hearsay tells the truth."""


def hearsay(statement: Statement, rng: Random) -> Statement:
    """Blur a true statement into what the web would say about the same scene."""
    said = statement if rng.random() < 0.5 else statement.turned
    things = tuple(_blur(thing, rng) for thing in said.things)
    if len(things) == 1 or rng.random() < _PLAIN:
        return Statement(things, background=said.background)
    if things[1].quantity is Quantity.ONE and rng.random() < _DENIED:
        return Statement(things[:1], absent=things[1].sort, background=said.background)
    relation = rng.choice([None, *Relation])
    return Statement(things, relation, background=said.background)


def _blur(thing: Thing, rng: Random) -> Thing:
    return thing if thing.quantity is Quantity.ONE else Thing(rng.choice(_PLURALS), thing.sort)
