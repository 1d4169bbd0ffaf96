"""Screen all pairs of words at once: fill one slot with every word that may stand there, and compare all fills.

n encodings test n * (n - 1) / 2 exchanges. The slots ("carriers") are spread over the ways words are used in the corpus
so that every word meets the words used like it several times; a few carriers take every word there is, so that no pair
is left out for being unusual. What the target confuses here is a suspicion, to be verified in natural sentences.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

import numpy as np
import numpy.typing as npt

from faultfinder.tools.edits import Sentence, exchange
from faultfinder.tools.ports import FloatArray, TextEncoder
from faultfinder.tools.slots import BoolArray, Slots

CountArray = npt.NDArray[np.uint8]

EXACT = 0.9999
"""Similarity from which two vectors are the same but for rounding."""

_CENTRES = 12
_HOMES = 3
_SLOTS_EACH = 2
_OPEN_SLOTS = 2
_LENGTHS = range(7, 14)
_TILE = 1024
_SOMETIMES = 0.9
_ALIKE = 0.3


class Bars(Protocol):
    """What the scan needs of the agreement criterion."""

    def bars(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 (n,): the similarity from which the target takes a text for a rewording of each."""
        ...


@dataclass(frozen=True)
class Carrier:
    """A slot in a sentence and the words to fill it with."""

    sentence: Sentence
    position: int
    fills: npt.NDArray[np.intp]


@dataclass(frozen=True)
class Confusions:
    """How often each pair of words was tried in one slot, and how often the target did not notice; (words, words)."""

    tried: CountArray
    agreed: CountArray
    exact: CountArray
    texts: frozenset[str]
    encodings: int

    def suspects(self, use: FloatArray, per_word: int) -> list["Suspicion"]:
        """Return the pairs unnoticed at least half the time, each word with its most suspicious partners, best first.

        A target passes over many exchanges of one filler word for another that nobody would make ("of" for "also");
        so a confusion weighs by how alike the two are in use, unless the vectors are exactly equal.

        Args:
            use: float32 (words, k), unit rows, of `Slots`.
            per_word: partners at most.
        """
        weights = self._weights(use)
        found: dict[tuple[int, int], Suspicion] = {}
        for word in np.flatnonzero(weights.any(axis=1)):
            row = weights[word]
            partners = np.flatnonzero(row)
            for partner in partners[np.argsort(-row[partners], kind="stable")[:per_word]]:
                key = (int(min(word, partner)), int(max(word, partner)))
                found[key] = Suspicion(*key, float(row[partner]))
        return sorted(found.values(), key=lambda each: (-each.weight, each.first, each.second))

    def _weights(self, use: FloatArray) -> FloatArray:
        """Return float32 (words, words): 0 where nothing is suspicious, over 1 where vectors were exactly equal."""
        tried = np.maximum(self.tried, 1).astype(np.float32)
        alike = use @ use.T
        weights = self.agreed / (tried + 1) * alike
        weights[(self.tried < 2) | (2 * self.agreed < self.tried) | (alike < _ALIKE)] = 0.0
        equal = (self.exact >= 2) & (2 * self.exact > self.tried)
        weights[equal] = 1 + alike[equal]
        sometimes = (self.exact >= 2) & ~equal  # vectors are not equal by chance: in some texts the two are confused
        weights[sometimes] = _SOMETIMES
        np.fill_diagonal(weights, 0.0)
        return weights


@dataclass(frozen=True)
class Suspicion:
    """Two words, by number, and how suspicious they are."""

    first: int
    second: int
    weight: float

    @property
    def exact(self) -> bool:
        """Tell whether the target gave the very same vector for both."""
        return self.weight >= 1


class WordScreen:
    """Confuses words with one another, all with all."""

    def __init__(self, slots: Slots, encoder: TextEncoder, agreement: Bars, seed: int) -> None:
        """Keep what is needed; nothing is computed yet."""
        self._slots = slots
        self._encoder = encoder
        self._agreement = agreement
        self._seed = seed

    def run(self, scan_round: int, words: int, progress: Callable[[int, int], None] | None = None) -> Confusions:
        """Fill the carriers of a round with the most frequent words and compare.

        Args:
            scan_round: from 0; each round uses other carriers.
            words: how many of the vocabulary's words take part.
            progress: told carriers done and carriers in all.
        """
        carriers = self.carriers(scan_round, words)
        size = len(self._slots.vocabulary)
        tried, agreed, exact = (np.zeros((size, size), dtype=np.uint8) for _ in range(3))
        bars = self._agreement.bars([carrier.sentence.text for carrier in carriers]) if carriers else ()
        for done, (carrier, bar) in enumerate(zip(carriers, bars, strict=True)):
            self._compare(carrier, float(bar), tried, agreed, exact)
            if progress:
                progress(done + 1, len(carriers))
        texts = frozenset(carrier.sentence.text for carrier in carriers)
        return Confusions(tried, agreed, exact, texts, sum(len(carrier.fills) for carrier in carriers))

    def _compare(self, carrier: Carrier, bar: float, tried: CountArray, agreed: CountArray, exact: CountArray) -> None:
        """Add one carrier's outcome to the counts, a tile of rows at a time."""
        names = [self._slots.vocabulary[word] for word in carrier.fills]
        vectors = self._encoder.embed_texts([exchange(carrier.sentence, carrier.position, name).b for name in names])
        for start in range(0, len(vectors), _TILE):
            similar = vectors[start : start + _TILE] @ vectors.T
            cells = np.ix_(carrier.fills[start : start + _TILE], carrier.fills)
            tried[cells] += 1
            agreed[cells] += similar >= min(bar, EXACT)
            exact[cells] += similar >= EXACT

    def carriers(self, scan_round: int, words: int) -> list[Carrier]:
        """Choose the carriers of a round: some for each way of use, a few open to every word."""
        centres = spread_centres(self._slots.use[:words], _CENTRES)
        homes = _homes(self._slots.use[:words], centres)
        rng = Random(f"{self._seed} carriers {scan_round}")
        each = _SLOTS_EACH if scan_round == 0 else 1
        carriers = []
        for number, centre in enumerate(centres):
            fills = np.flatnonzero(homes[:, number])
            for sentence, position in self._best_slots(centre, fills, rng)[:each]:
                carriers.append(Carrier(sentence, position, fills))
        open_to_all = sorted(carriers, key=lambda carrier: -len(carrier.fills))[: each * _OPEN_SLOTS : each]
        everything = np.arange(words)
        spare = [
            self._best_slots(self._slots.index[c.sentence.words[c.position]], c.fills, rng)[:1] for c in open_to_all
        ]
        return carriers + [Carrier(sentence, position, everything) for slot in spare for sentence, position in slot]

    def _best_slots(self, centre: int, fills: npt.NDArray[np.intp], rng: Random) -> list[tuple[Sentence, int]]:
        """Choose slots of a word's that take most of the fills as the corpus knows them."""
        places = self._slots.places[self._slots.vocabulary[centre]]
        sample = rng.sample(places, min(len(places), 200))
        ranked = []
        for number, position in sample:
            sentence = self._slots.sentences[number]
            taken = int(self._slots.fits(sentence, position)[fills].sum())
            ranked.append((len(sentence) not in _LENGTHS, -taken, number, position))
        chosen: dict[tuple[str, str], tuple[Sentence, int]] = {}
        for _, _, number, position in sorted(ranked):
            sentence = self._slots.sentences[number]
            chosen.setdefault(self._slots.neighbours(sentence, position), (sentence, position))
        return list(chosen.values())[:_SLOTS_EACH]


def spread_centres(use: FloatArray, most: int) -> list[int]:
    """Choose words such that every word has one that is used like it (greedy facility location).

    Args:
        use: float32 (words, k), unit rows.
        most: how many to choose at most.
    """
    alike = use @ use.T
    covered = np.zeros(len(use), dtype=np.float32)
    centres: list[int] = []
    while len(centres) < min(most, len(use)):
        gains = np.maximum(alike - covered, 0).sum(axis=1)
        centres.append(int(gains.argmax()))
        covered = np.maximum(covered, alike[centres[-1]])
    return centres


def _homes(use: FloatArray, centres: list[int]) -> BoolArray:
    """Return bool (words, centres): each word's most alike centres, one at least."""
    alike = use @ use[centres].T
    if not centres:
        return np.zeros(alike.shape, dtype=np.bool_)
    rank = np.argsort(np.argsort(-alike, axis=1, kind="stable"), axis=1)
    homes: BoolArray = (rank == 0) | ((rank < _HOMES) & (alike >= 0.2))
    return homes
