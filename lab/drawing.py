"""Turn statements into scenes and pictures that they describe honestly."""

from random import Random

from PIL import Image

from faultfinder.lab.grammar import parse_statement
from faultfinder.lab.meaning import Sort, Statement, Thing
from faultfinder.lab.render import paint
from faultfinder.lab.scenes import Background, Group, Kind, Relation, Scene, Size, arrange

_TYPICAL = {"few": 3, "several": 4}


def draw_scene(statement: Statement, rng: Random) -> Scene:
    """Draw a scene that the statement describes; whatever it leaves open is drawn at random."""
    groups = [
        Group(_draw_kind(thing, statement, rng), rng.choice(sorted(thing.quantity.counts)))
        for thing in statement.things
    ]
    relation = rng.choice(list(Relation))
    background = rng.choice(list(Background))
    return arrange(groups, statement.relation or relation, statement.background or background, rng)


def picture(text: str, size: int = 192) -> Image.Image | None:
    """Draw the scene that a caption describes for people to look at, `size` by `size` pixels.

    The same meaning gives the same picture, and what captions leave open is filled in alike, so that the pictures of
    two captions differ in what the captions say. None if the text is no caption of the lab's world.
    """
    statement = parse_statement(text)
    return paint(_typical_scene(statement), size) if statement else None


def _draw_kind(thing: Thing, statement: Statement, rng: Random) -> Kind:
    size = rng.choice(list(Size))
    return _kind(thing, statement, size)


def _kind(thing: Thing, statement: Statement, size: Size) -> Kind:
    """The kind with the size that is said, else the given one unless just that is said to be absent."""
    sort = thing.sort
    if statement.absent and statement.absent.covers(Sort(sort.shape, sort.colour, size)):
        size = next(other for other in Size if other is not size)
    return Kind(sort.shape, sort.colour, sort.size or size)


def _typical_scene(statement: Statement) -> Scene:
    said = Statement(statement.meaning.things, statement.meaning.relation, statement.absent, statement.background)
    groups = [
        Group(_kind(thing, said, Size.LARGE), _TYPICAL.get(thing.quantity, min(thing.quantity.counts)))
        for thing in said.things
    ]
    return arrange(groups, said.relation or Relation.LEFT, said.background or Background.WHITE, Random(0))
