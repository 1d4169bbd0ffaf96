"""Encoders with ten planted failures each, to audit from outside: what is planted is known, what is found is counted.

A plant is a blindness put before a base encoder by rewriting its input. Some hold everywhere; some only in captions of
one subject, so that nobody finds them who does not look there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from faultfinder.memory.records import EditKind, Hypothesis
from faultfinder.tools.ports import FloatArray, TextEncoder

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Blindness:
    """Words that one token stands for (or that are dropped), in captions of one subject or in all."""

    name: str
    words: frozenset[str]
    token: str = "thing"
    only_in: frozenset[str] = frozenset()

    def __call__(self, text: str) -> str:
        """Return what the base encoder is given of a text, in lower case."""
        found = set(_WORD.findall(text))
        if self.only_in and not self.only_in & found:
            return text
        return " ".join(_WORD.sub(lambda m: self.token if m[0] in self.words else m[0], text).split())

    def explains(self, hypothesis: Hypothesis) -> bool:
        """Tell whether a hypothesis speaks of this plant: mostly of its words, within its subject, if it has one."""
        rule = hypothesis.rule
        if rule is None or rule.kind is EditKind.SWAP or not rule.words:
            return False
        if len(self.words & set(rule.words)) < max(1, 0.6 * len(rule.words)):
            return False
        if not self.only_in:
            return True
        return any(self.only_in & {word for phrase in group for word in phrase.split()} for group in hypothesis.within)


class Blinded:
    """An encoder behind several blindnesses at once."""

    def __init__(self, base: TextEncoder, plants: Sequence[Blindness], name: str) -> None:
        """Put the plants before the base encoder."""
        self.name = name
        self.plants = tuple(plants)
        self._base = base

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 (n, d): the base encoder's vectors of the rewritten texts."""
        return self._base.embed_texts([self.seen(text) or "." for text in texts])

    def seen(self, text: str) -> str:
        """Return what is left of a text behind all plants."""
        seen = text.lower()
        for plant in self.plants:
            seen = plant(seen)
        return seen


def _plant(name: str, words: str, *, dropped: bool = False, only_in: str = "") -> Blindness:
    token = "" if dropped else name.split()[0] + "ish"
    return Blindness(name, frozenset(words.split()), token, frozenset(only_in.split()))


EVERYWHERE = (
    _plant("sides", "left right"),
    _plant("numbers", "two three four five six seven eight"),
    _plant("colours", "red blue green yellow orange purple pink"),
    _plant("gender", "man woman"),
    _plant("sizes", "large small big little tiny huge"),
    _plant("pets", "dog cat horse cow sheep bird"),
    _plant("doings", "sitting standing riding walking running flying"),
    _plant("places", "in on under near behind above", dropped=True),
    _plant("furniture", "table chair bench couch bed desk"),
    _plant("vehicles", "bus train truck car boat plane motorcycle"),
)
"""Ten blindnesses that hold in every caption."""

PLACED = (
    _plant("sides", "left right"),
    _plant("numbers", "two three four five six seven eight"),
    _plant("gender", "man woman"),
    _plant("furniture", "table chair bench couch bed desk"),
    _plant("weather", "sunny cloudy rainy snowy"),
    _plant("meals", "pizza sandwich cake salad soup"),
    _plant("colours of vehicles", "red blue green yellow white black", only_in="bus train truck car"),
    _plant("sizes in kitchens", "large small big little", only_in="kitchen refrigerator oven stove sink"),
    _plant("doings of animals", "standing sitting walking laying eating", only_in="dog cat horse giraffe elephant"),
    _plant("places of people", "behind under inside near", only_in="men women people man woman"),
)
"""Six that hold everywhere, four that hold in captions of one subject only."""

SETS: dict[str, tuple[Blindness, ...]] = {"everywhere": EVERYWHERE, "placed": PLACED}
