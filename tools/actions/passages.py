"""A text about to be edited, what came of it, and how the places to touch are chosen."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from random import Random
from typing import TypeVar

from faultfinder.tools.sentences import is_word, pieces, sentences

Place = TypeVar("Place")


@dataclass(frozen=True)
class Passage:
    """A text, and what an edit may know besides.

    Attributes:
        text: The text.
        seed: Of whatever is chosen by chance.
        others: Other inputs, of which a sentence may be taken.
        answer: What was answered to the text as it is; edits that change the meaning change what it speaks of, if they
            can.
    """

    text: str
    seed: int = 0
    others: tuple[str, ...] = ()
    answer: str = ""

    @cached_property
    def pieces(self) -> list[str]:
        """Words and what stands between them; joined they are the text."""
        return pieces(self.text)

    @cached_property
    def sentences(self) -> list[str]:
        """The sentences, stripped."""
        return sentences(self.text)

    @cached_property
    def words(self) -> list[int]:
        """Positions of the words among the pieces."""
        return [position for position, piece in enumerate(self.pieces) if is_word(piece)]

    def dice(self, purpose: str) -> Random:
        """Return a source of chance that depends on the text, the seed and the purpose only, on every machine."""
        said = f"{self.seed} {purpose} {self.text}".encode("utf-8", "surrogatepass")
        return Random(int.from_bytes(hashlib.sha256(said).digest()[:8], "big"))

    def exchanged(self, puts: dict[int, str]) -> str:
        """Return the text with other pieces at some positions."""
        return "".join(puts.get(position, piece) for position, piece in enumerate(self.pieces))


@dataclass(frozen=True)
class Edited:
    """What came of an edit.

    Attributes:
        text: The edited text.
        added: What was put in from outside: a reader need not find it in the original.
        carry: Makes the same change in an answer, for edits that change the meaning; it returns None where the answer
            does not speak of what was changed.
        taken_up: Tells of an answer before and one after the edit whether the latter took the change up in words of its
            own; None where that cannot be told.
    """

    text: str
    added: str = ""
    carry: Callable[[str], str | None] | None = None
    taken_up: Callable[[str, str], bool] | None = None


def some(places: Sequence[Place], share: float, dice: Random) -> list[Place]:
    """Return a share of the places, at least one where there is one, in their order.

    A larger share of the same places, with the same dice, holds all that a smaller one does.
    """
    order = list(range(len(places)))
    dice.shuffle(order)
    return [places[number] for number in sorted(order[: ceil(round(share * len(places), 9))])]


def capitalised_like(word: str, model: str) -> str:
    """Return a word in capitals, with a capital or in small letters, as another word is written."""
    if len(model) > 1 and model.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if model[:1].isupper() else word
