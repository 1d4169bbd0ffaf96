"""Read mined pairs: which words does the target confuse with one another, and which of them belong together?

Words whose exchange leaves the vector exactly as it was form a group of their own; the others join by average linkage,
where a pair the target keeps apart counts against joining. Knows nothing of what words mean.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from faultfinder.agent.offline.blame import WordPair
from faultfinder.memory.records import EditKind, MinedPair, Rule
from faultfinder.tools.pair_forest import components

EXACT = 0.9999
_MOSTLY = 0.6
_FEWEST_SWAPS = 5


@dataclass(frozen=True)
class Confusion:
    """Two words (in alphabetical order), with the pairs that show them confused or kept apart."""

    words: WordPair
    agreed: tuple[MinedPair, ...] = ()
    noticed: tuple[MinedPair, ...] = ()

    @property
    def confused(self) -> bool:
        """Tell whether the exchange goes unnoticed more often than not."""
        return len(self.agreed) > len(self.noticed)

    @property
    def exact(self) -> bool:
        """Tell whether the target's vector did not change at all."""
        return self.confused and all(pair.target_similarity >= EXACT for pair in self.agreed)


@dataclass(frozen=True)
class Group:
    """Edits that go unnoticed together: the seed of one hypothesis."""

    kind: EditKind
    words: tuple[str, ...]
    evidence: tuple[MinedPair, ...]
    excluded: tuple[WordPair, ...] = ()
    exact: bool = False

    @property
    def rule(self) -> Rule:
        """Return the group as a rule."""
        return Rule(kind=self.kind, words=self.words, excluded=self.excluded)

    @property
    def margin(self) -> float:
        """Return how far above its bar the target puts the evidence, on average."""
        return sum(pair.target_similarity - pair.bar for pair in self.evidence) / len(self.evidence)


def exchange_groups(agreed: Sequence[MinedPair], noticed: Sequence[MinedPair]) -> list[Group]:
    """Group the words whose exchange goes unnoticed; exactly confused groups first, larger before smaller."""
    confusions = _confusions(agreed, noticed)
    exact = components([words for words, confusion in confusions.items() if confusion.exact])
    taken = {word for group in exact for word in group}
    close = [
        words
        for words, confusion in confusions.items()
        if confusion.confused and not confusion.exact and not taken & set(words)
    ]
    linked = [cluster for chain in components(close) for cluster in _average_linkage(sorted(chain), confusions)]
    found = [_group(words, confusions, exact=True) for words in exact]
    found += [_group(words, confusions, exact=False) for words in linked if len(words) > 1]
    return sorted(found, key=lambda group: (not group.exact, -len(group.words), -group.margin, group.words))


def _confusions(agreed: Sequence[MinedPair], noticed: Sequence[MinedPair]) -> dict[WordPair, Confusion]:
    sides: tuple[dict[WordPair, list[MinedPair]], ...] = (defaultdict(list), defaultdict(list))
    for pairs, by_words in zip((agreed, noticed), sides, strict=True):
        for pair in pairs:
            if (words := pair.exchanged) is not None:
                by_words[words].append(pair)
    keys = sorted({*sides[0], *sides[1]})
    return {words: Confusion(words, tuple(sides[0].get(words, ())), tuple(sides[1].get(words, ()))) for words in keys}


def _group(words: Iterable[str], confusions: dict[WordPair, Confusion], *, exact: bool) -> Group:
    inside = [confusions[pair] for pair in combinations(sorted(words), 2) if pair in confusions]
    evidence = tuple(pair for confusion in inside if confusion.confused for pair in confusion.agreed)
    excluded = tuple(confusion.words for confusion in inside if not confusion.confused)
    return Group(EditKind.EXCHANGE, tuple(sorted(words)), evidence, excluded, exact)


def _average_linkage(words: Sequence[str], confusions: dict[WordPair, Confusion]) -> list[list[str]]:
    """Join the two clusters with the best balance of confused over known pairs, while it is good enough.

    Source: agglomerative clustering with average linkage, on a signed graph; pairs nobody tried count neither way.
    """
    clusters = [[word] for word in words]
    while len(clusters) > 1:
        rated = [(_bond(a, b, confusions), i, j) for (i, a), (j, b) in combinations(enumerate(clusters), 2)]
        bond, i, j = max(rated, key=lambda entry: (entry[0], -entry[1], -entry[2]))
        if bond <= 0:
            break
        clusters[i] += clusters.pop(j)
    return clusters


def _bond(first: Sequence[str], second: Sequence[str], confusions: dict[WordPair, Confusion]) -> float:
    """Return how confused two clusters are, from 0 (kept apart, or unknown) to 1 (every pair confused)."""
    keys = [(min(a, b), max(a, b)) for a in first for b in second]
    known = [confusions[key].confused for key in keys if key in confusions]
    if not known or sum(known) < _MOSTLY * len(known):
        return 0.0
    return sum(known) / len(keys)


def word_groups(kind: EditKind, agreed: Sequence[MinedPair], noticed: Sequence[MinedPair]) -> list[Group]:
    """Collect the words that go unnoticed when they are dropped (or added), one group for each word."""
    unnoticed, kept = _by_word(kind, agreed), _by_word(kind, noticed)
    return [
        Group(kind, (word,), tuple(pairs), exact=all(pair.target_similarity >= EXACT for pair in pairs))
        for word, pairs in unnoticed.items()
        if len(pairs) > len(kept.get(word, ()))
    ]


def _by_word(kind: EditKind, pairs: Sequence[MinedPair]) -> dict[str, list[MinedPair]]:
    found: dict[str, list[MinedPair]] = defaultdict(list)
    for pair in pairs:
        if pair.edit is not None and pair.edit.kind is kind:
            found[" ".join(pair.edit.removed or pair.edit.added)].append(pair)
    return found


def swap_groups(
    agreed: Sequence[MinedPair], noticed: Sequence[MinedPair], confused: frozenset[str] = frozenset()
) -> list[Group]:
    """Return the swaps as one group when most go unnoticed, else one for each relation word whose swaps do.

    Args:
        agreed: pairs the target takes for the same.
        noticed: pairs it keeps apart.
        confused: words whose exchange goes unnoticed already: that two of them change places shows nothing further.
    """
    swapped, kept = ([pair for pair in pairs if _is_swap(pair, confused)] for pairs in (agreed, noticed))
    if len(swapped) >= _FEWEST_SWAPS and len(swapped) >= _MOSTLY * (len(swapped) + len(kept)):
        exact = all(pair.target_similarity >= EXACT for pair in swapped)
        return [Group(EditKind.SWAP, (), tuple(swapped), exact=exact)]
    relations = sorted({word for pair in swapped for word in _between(pair)})
    found = []
    for word in relations:
        with_word = tuple(pair for pair in swapped if word in _between(pair))
        against = sum(word in _between(pair) for pair in kept)
        if len(with_word) >= _FEWEST_SWAPS and len(with_word) >= _MOSTLY * (len(with_word) + against):
            found.append(Group(EditKind.SWAP, (word,), with_word))
    return sorted(found, key=lambda group: (-len(group.evidence), group.words))


def _is_swap(pair: MinedPair, confused: frozenset[str]) -> bool:
    edit = pair.edit
    return edit is not None and edit.kind is EditKind.SWAP and not confused.issuperset(edit.removed + edit.added)


def _between(pair: MinedPair) -> tuple[str, ...]:
    return tuple(word for word in pair.edit.between if word.isalpha()) if pair.edit else ()
