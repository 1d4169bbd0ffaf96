"""Surveying the map: try a few edits of one kind in texts of one subject area, for as many cells of the map as asked.

A survey says where to look closer. It spends only the exploring half of the corpus (by a hash of each text), so that
fresh texts of every cell are left for experiments.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, zip_longest
from random import Random
from typing import TypeVar

from faultfinder.memory.records import EditKind, MinedPair
from faultfinder.tools.areas import EVERYWHERE, Area
from faultfinder.tools.edit_trials import EditTrials, JudgedEdit
from faultfinder.tools.edits import EditedText, Sentence, exchange
from faultfinder.tools.kinds import Kind, Kinds
from faultfinder.tools.natural_edits import adds_in, drops_in, swaps_in
from faultfinder.tools.slots import Slots

T = TypeVar("T")

_LENGTHS = range(4, 22)
_SPARE = 3


@dataclass(frozen=True)
class Place:
    """A cell of the map: a kind of difference in a subject area."""

    kind: str
    area: str


@dataclass(frozen=True)
class Errand:
    """A cell to survey, and how many edits are wanted of it."""

    place: Place
    wanted: int


class Survey:
    """Tries edits in cells of the map."""

    def __init__(self, slots: Slots, kinds: Kinds, areas: Sequence[Area], trials: EditTrials, seed: int) -> None:
        """Keep the corpus, the map's axes and the target's trials; nothing is asked yet."""
        self._slots = slots
        self._kinds = {kind.name: kind for kind in kinds.all}
        self._areas = {area.name: area for area in areas}
        self._trials = trials
        self._seed = seed

    def run(
        self, errands: Iterable[Errand], number: int, progress: Callable[[int, int], None] | None = None
    ) -> list[MinedPair]:
        """Try the edits asked for, as far as the corpus has them; only those that change the meaning are measured.

        Args:
            errands: the cells, with the number of edits wanted of each.
            number: of the survey, from 0; each looks at other sentences.
            progress: told cells done and cells in all.
        """
        todo = list(errands)
        chosen: dict[tuple[str, str], JudgedEdit] = {}
        for done, errand in enumerate(todo):
            rng = Random(f"{self._seed} survey {number} {errand.place}")
            written = list(islice(self._edits(errand.place, rng), _SPARE * errand.wanted))
            for each in self._trials.judge(written)[: errand.wanted]:
                chosen[each.edit.a, each.edit.b] = each
            if progress:
                progress(done, len(todo))
        return self._trials.measure(list(chosen.values()))

    def _edits(self, place: Place, rng: Random) -> Iterator[EditedText]:
        """Go through edits of a cell, one to a sentence, shuffled."""
        kind = self._kinds.get(place.kind)
        if kind is None:
            return
        if kind.edit is EditKind.EXCHANGE:
            yield from self._exchanges(kind, place.area, rng)
            return
        for number in _shuffled(self._of_area[place.area], rng):
            edits = self._others(kind, self._slots.sentences[number], rng)
            if edits:
                yield rng.choice(edits)

    def _exchanges(self, kind: Kind, area: str, rng: Random) -> Iterator[EditedText]:
        inside = self._sets[area]
        spots = [[s for s in self._slots.places.get(word, ()) if s[0] in inside] for word in _shuffled(kind.words, rng)]
        seen: set[int] = set()
        for number, position in _in_turn([_shuffled(own, rng) for own in spots]):
            if number in seen:
                continue
            sentence = self._slots.sentences[number]
            partner = self._partner(kind, sentence, position, rng)
            if partner:
                seen.add(number)
                yield exchange(sentence, position, partner)

    def _partner(self, kind: Kind, sentence: Sentence, position: int, rng: Random) -> str | None:
        """Draw another word of the kind that may stand there: one that fits the slot, else one that suits it."""
        own = sentence.words[position]
        others = [word for word in kind.words if word != own]
        rng.shuffle(others)
        for goes in (self._slots.fits_word, self._slots.suits_word):
            fitting = next((word for word in others if goes(sentence, position, word)), None)
            if fitting:
                return fitting
        return None

    def _others(self, kind: Kind, sentence: Sentence, rng: Random) -> list[EditedText]:
        if kind.edit is EditKind.SWAP:
            return swaps_in(self._slots, sentence)
        if kind.edit is EditKind.DROP:
            return drops_in(self._slots, sentence)
        return adds_in(self._slots, sentence, 1, rng)

    @cached_property
    def _of_area(self) -> dict[str, list[int]]:
        """Return, for each area, the sentences of the exploring half that speak of it; for everywhere, all."""
        found: dict[str, list[int]] = defaultdict(list)
        for number, sentence in enumerate(self._slots.sentences):
            if len(sentence) in _LENGTHS and is_for_exploring(sentence.text):
                found[EVERYWHERE].append(number)
                for area in self._areas.values():
                    if area.holds(sentence):
                        found[area.name].append(number)
        return found

    @cached_property
    def _sets(self) -> dict[str, frozenset[int]]:
        return defaultdict(frozenset, {name: frozenset(numbers) for name, numbers in self._of_area.items()})


def _in_turn(rows: Sequence[Sequence[T]]) -> Iterator[T]:
    """Go through rows in turn, one of each: so that frequent words do not crowd out the others."""
    missing = object()
    for column in zip_longest(*rows, fillvalue=missing):
        yield from (thing for thing in column if thing is not missing)  # type: ignore[misc]


def is_for_exploring(text: str) -> bool:
    """Tell whether a text belongs to the half of the corpus that exploration may spend; the same in every audit."""
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 0


def _shuffled(things: Iterable[T], rng: Random) -> list[T]:
    chosen = list(things)
    rng.shuffle(chosen)
    return chosen
