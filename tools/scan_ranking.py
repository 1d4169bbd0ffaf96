"""Put what the scan measured in order: exactly equal first, then by how consistently the target does not notice."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from faultfinder.memory.records import EditKind, MinedPair
from faultfinder.tools.pair_forest import components, spanning_first
from faultfinder.tools.word_screen import EXACT

CONSISTENT = 0.6
"""Share of sentences in which an exchange must go unnoticed to be shown as unnoticed."""

_FIRST_PAGE = 150
_SWAPS, _DROPS_AND_ADDS = 30, 30
_SWAPS_COUNTED = 60


@dataclass(frozen=True)
class Tally:
    """One exchange of words (in alphabetical order) with everything measured of it."""

    words: tuple[str, str]
    pairs: tuple[MinedPair, ...]

    @property
    def share(self) -> float:
        """Return the share of sentences in which the exchange went unnoticed."""
        return sum(pair.agreed for pair in self.pairs) / len(self.pairs)

    @property
    def exact(self) -> bool:
        """Tell whether the target gave the very same vector in most sentences."""
        return 2 * sum(pair.target_similarity >= EXACT for pair in self.pairs) > len(self.pairs)

    @property
    def consistent(self) -> bool:
        """Tell whether the exchange goes unnoticed as a rule."""
        return self.share >= CONSISTENT and (self.exact or len(self.pairs) > 1)

    @property
    def example(self) -> MinedPair:
        """Return a sentence pair that shows what the tally says."""
        return next(pair for pair in self.pairs if pair.agreed == self.consistent or len(self.pairs) == 1)


@dataclass(frozen=True)
class Ranking:
    """Pairs in the order in which a strategist should look at them."""

    agreed: list[MinedPair]
    noticed: list[MinedPair]


def sort_tallies(pairs: Iterable[MinedPair]) -> list[Tally]:
    """Group measured exchanges by their two words; exactly equal first, then the most consistent."""
    found: dict[tuple[str, str], list[MinedPair]] = defaultdict(list)
    for pair in pairs:
        if pair.edit is not None:
            first, second = sorted((pair.edit.removed[0], pair.edit.added[0]))
            found[first, second].append(pair)
    tallies = [Tally(words, tuple(of_words)) for words, of_words in found.items()]
    return sorted(tallies, key=lambda tally: (not tally.exact, -tally.share, -len(tally.pairs), tally.words))


def rank(exchanges: Sequence[Tally], others: Sequence[MinedPair], scan_round: int) -> Ranking:
    """Choose one example of each exchange and a fair sample of the other edits, and order them.

    A strategist sees 150 pairs at a time. The first page therefore holds a spanning forest of the confused words, some
    swaps, some drops and adds; later rounds begin further down the forest.
    """
    unnoticed = [tally for tally in exchanges if tally.consistent]
    order = spanning_first([tally.words for tally in unnoticed])
    forest = [unnoticed[number].example for number in order]
    swaps = [pair for pair in others if _kind(pair) is EditKind.SWAP][:_SWAPS_COUNTED]
    words = [tally for kind in (EditKind.DROP, EditKind.ADD) for tally in _by_word(others, kind)]
    extra = [pair for pair in swaps if pair.agreed][:_SWAPS] + [t.example for t in words if t.consistent][
        :_DROPS_AND_ADDS
    ]
    room = _FIRST_PAGE - len(extra)
    later = scan_round * room if scan_round * room < len(forest) else 0
    forest = forest[later:] + forest[:later]
    apart = _counterexamples_first([tally for tally in exchanges if not _agreed(tally)], unnoticed)
    noticed = [pair for pair in swaps if not pair.agreed][:_SWAPS] + [t.example for t in words if not _agreed(t)]
    return Ranking(forest[:room] + extra + forest[room:], [tally.example for tally in apart] + noticed)


def _agreed(tally: Tally) -> bool:
    return tally.example.agreed


def _kind(pair: MinedPair) -> EditKind | None:
    return pair.edit.kind if pair.edit else None


def _by_word(pairs: Sequence[MinedPair], kind: EditKind) -> list[Tally]:
    found: dict[str, list[MinedPair]] = defaultdict(list)
    for pair in pairs:
        if pair.edit and pair.edit.kind is kind:
            found[(pair.edit.removed + pair.edit.added)[0]].append(pair)
    tallies = [Tally((word, kind), tuple(of_word)) for word, of_word in found.items()]
    return sorted(tallies, key=lambda tally: (-tally.share, -len(tally.pairs), tally.words))


def _counterexamples_first(noticed: Sequence[Tally], unnoticed: Sequence[Tally]) -> list[Tally]:
    """Put the noticed exchanges of words that a chain of unnoticed ones joins before the others."""
    chain_of = {
        word: number for number, chain in enumerate(components([tally.words for tally in unnoticed])) for word in chain
    }
    return sorted(noticed, key=lambda tally: len({chain_of.get(word, word) for word in tally.words}) > 1)
