"""The lab's language, as others use it: say a statement in many ways, compare two captions, reword one."""

from dataclasses import dataclass
from random import Random
from typing import Literal

from faultfinder.lab import words
from faultfinder.lab.grammar import parse_caption, parse_statement
from faultfinder.lab.meaning import Meaning, Quantity, Sort, Statement, Thing
from faultfinder.lab.scenes import Shape, Size

__all__ = ["Comparison", "Meaning", "Phrasing", "Statement", "compare", "parse_caption", "phrase", "rewordings"]

Comparison = Literal["same", "different", "undecided"]

_MANY = 2**16
_PLURAL_OF = {shape: noun for noun, shape in words.PLURAL.items()}
_SIZE_WORDS = {size: tuple(word for word, meant in words.SIZES.items() if meant is size) for size in Size}


@dataclass(frozen=True)
class Phrasing:
    """One way to say a statement; each field chooses among the words of equal meaning (taken modulo their number)."""

    frame: int = 0
    joiner: int = 0
    ground: int = 0
    article: int = 0
    size: int = 0
    turned: bool = False

    @classmethod
    def at_random(cls, rng: Random) -> "Phrasing":
        """Draw a phrasing that keeps the order of the things."""
        frame, joiner, ground, article, size = (rng.randrange(_MANY) for _ in range(5))
        return cls(frame, joiner, ground, article, size)


_REWORDINGS = tuple(
    Phrasing(frame, joiner=frame, ground=frame, article=frame // 2, size=frame // 3, turned=frame % 3 == 2)
    for frame in range(len(words.FRAMES))
)


def phrase(statement: Statement, phrasing: Phrasing) -> str:
    """Say a statement in the way a phrasing asks for."""
    said = statement.turned if phrasing.turned else statement
    parts = [_say_thing(said.things[0], phrasing)]
    if len(said.things) > 1:
        parts += [_pick(words.JOINERS[said.relation], phrasing.joiner), _say_thing(said.things[1], phrasing)]
    if said.absent:
        parts += [_pick(words.DENIALS, phrasing.joiner), _say_sort(said.absent, phrasing, plural=False)]
    if said.background:
        parts.append(f"{_pick(words.GROUNDS, phrasing.ground)} a {said.background} background")
    sentence = _pick(words.FRAMES, phrasing.frame).format(" ".join(parts))
    plural = said.things[0].quantity is not Quantity.ONE
    return sentence.replace("there is ", "there are ") if plural else sentence


def compare(a: str, b: str) -> Comparison:
    """Whether two captions mean the same, exclude each other, or neither.

    "undecided" is also the answer where a text is no caption of the lab's world.
    """
    first, second = parse_caption(a), parse_caption(b)
    if first is None or second is None:
        return "undecided"
    if first == second:
        return "same"
    return "different" if first.excludes(second) else "undecided"


def rewordings(text: str) -> list[str]:
    """The same meaning in other words, at least four; empty if the text is no caption of the lab's world.

    Where two things are said, fewer than half of the rewordings say them in the other order: an encoder blind to places
    takes those for another scene, and its median rewording must not be one of them.
    """
    statement = parse_statement(text)
    if statement is None:
        return []
    said = dict.fromkeys(phrase(statement, phrasing) for phrasing in _REWORDINGS)
    return [other for other in said if other != text]


def _say_thing(thing: Thing, phrasing: Phrasing) -> str:
    plural = thing.quantity is not Quantity.ONE
    return f"{_say_quantity(thing.quantity, phrasing)} {_say_sort(thing.sort, phrasing, plural=plural)}"


def _say_quantity(quantity: Quantity, phrasing: Phrasing) -> str:
    if quantity is Quantity.ONE:
        return _pick(("a", "a", "a", "one"), phrasing.article)
    if quantity is Quantity.SEVERAL:
        return _pick(("several", "some"), phrasing.article)
    return quantity.value


def _say_sort(sort: Sort, phrasing: Phrasing, *, plural: bool) -> str:
    size = [_pick(_SIZE_WORDS[sort.size], phrasing.size)] if sort.size else []
    return " ".join([*size, sort.colour, _noun(sort.shape, plural=plural)])


def _noun(shape: Shape, *, plural: bool) -> str:
    return _PLURAL_OF[shape] if plural else shape.value


def _pick(choices: tuple[str, ...], index: int) -> str:
    return choices[index % len(choices)]
