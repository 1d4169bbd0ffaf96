"""Regions of the map: edits that go unnoticed in some texts only, and which texts those are.

A family is the pairs of one kind of difference. Where some of its pairs go unnoticed, the words around the edits say
where; the words exchanged there are grouped as everywhere else. Half of the pairs (by a hash of their ids) find the
region; how often it fails is read off the other half, so that what was picked out of many does not look better than it
is.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from faultfinder.agent.explore.contexts import MOSTLY, Seen, telling_words
from faultfinder.agent.explore.covering import covered, words_of
from faultfinder.agent.offline.groups import Group, exchange_groups
from faultfinder.agent.offline.words import proposal
from faultfinder.agent.restricting import BREAKS
from faultfinder.agent.strategist import Proposal
from faultfinder.memory.records import EditKind, Hypothesis, MinedPair
from faultfinder.tools.edits import Sentence
from faultfinder.tools.kinds import Kinds
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.lexicon_words import WordList

_FEWEST = 3
"""Unnoticed pairs in the finding half below which a family is not looked at."""

DEEP = 240
"""Tries of a family from which its regions are sought; fewer show but a part of them."""

PATIENCE = 8
"""Looks at the map after which regions are sought in whatever tries there are: the corpus has no more."""

_IN_TITLE = 3
_CONTENT = frozenset({"noun", "verb", "adjective"})


@dataclass(frozen=True)
class Region:
    """A group of edits, and the words in whose company they go unnoticed; no words where that is everywhere."""

    group: Group
    within: tuple[str, ...]


class Regions:
    """Finds the regions that the tries of an audit show."""

    def __init__(self, kinds: Kinds, lexicon: Lexicon) -> None:
        """Keep the kinds of difference and the lexicon, which names things and tells words of content from others."""
        self._kinds = kinds
        self._lexicon = lexicon
        self._grammar = WordList.load().function | BREAKS

    def find(self, pairs: Iterable[MinedPair], proven: Sequence[Hypothesis], looks: int) -> list[Region]:
        """Return the regions, those with the most evidence first.

        Args:
            pairs: everything tried so far, unnoticed and noticed.
            proven: what is proven already: its pairs count no more.
            looks: looks at the map so far.
        """
        tried = list(pairs)
        explained = {pair.id for hypothesis in proven for pair in covered(hypothesis, tried)}
        families: dict[tuple[EditKind, str], list[MinedPair]] = defaultdict(list)
        for pair in tried:
            if pair.edit is not None and pair.id not in explained:
                families[pair.edit.kind, self._family(pair)].append(pair)
        deep = [family for family in families.values() if len(family) >= DEEP or looks >= PATIENCE]
        found = [region for family in deep for region in self._of_family(family)]
        return sorted(found, key=lambda region: (-len(region.group.evidence), region.group.words, region.within))

    def _family(self, pair: MinedPair) -> str:
        return "" if pair.edit is None or pair.edit.kind is EditKind.SWAP else self._kinds.of_words(words_of(pair.edit))

    def _of_family(self, family: Sequence[MinedPair]) -> list[Region]:
        learning = [pair for pair in family if is_for_finding(pair)]
        unnoticed = [pair for pair in learning if pair.agreed]
        if len(unnoticed) < _FEWEST:
            return []
        suspects = {word for pair in unnoticed for word in _edited(pair)}
        tries = [pair for pair in learning if suspects.issuperset(_edited(pair))]
        if len(unnoticed) >= MOSTLY * len(tries):
            return [Region(group, ()) for group in self._groups(tries)]
        within = self._within(tries, suspects)
        inside = [pair for pair in tries if not self.context(pair).isdisjoint(within)]
        found = []
        for group in self._groups(inside):
            closer = self._within([pair for pair in tries if set(_edited(pair)) <= set(group.words)], set(group.words))
            if closer:
                found.append(Region(group, closer))
        return found

    def _within(self, tries: Sequence[MinedPair], barred: set[str]) -> tuple[str, ...]:
        return telling_words([Seen(self.context(pair) - barred, pair.agreed) for pair in tries])

    def _groups(self, pairs: Sequence[MinedPair]) -> list[Group]:
        """Group what goes unnoticed: words exchanged for one another; words left out or added; the swaps as a whole."""
        agreed, noticed = ([pair for pair in pairs if pair.agreed is said] for said in (True, False))
        kind = pairs[0].edit.kind if pairs and pairs[0].edit else None
        if kind is EditKind.EXCHANGE:
            return [group for group in exchange_groups(agreed, noticed) if len(group.evidence) >= _FEWEST]
        if kind is None or len(agreed) < _FEWEST:
            return []
        words = sorted({word for pair in agreed for word in _edited(pair)})
        return [Group(kind, () if kind is EditKind.SWAP else tuple(words), tuple(agreed))]

    def context(self, pair: MinedPair) -> frozenset[str]:
        """Return the words of content that both texts of a pair hold."""
        both = set(Sentence(pair.a).words) & set(Sentence(pair.b).words)
        return frozenset(word for word in both if self._is_content(word))

    def _is_content(self, word: str) -> bool:
        return word not in self._grammar and self._lexicon.part_of_speech(word) in _CONTENT


def propose(region: Region, lexicon: Lexicon) -> Proposal:
    """Put a region into words."""
    said = proposal(region.group, lexicon)
    if not region.within:
        return said
    return restricted(said, region.within, lexicon)


def restricted(said: Proposal, within: Sequence[str], lexicon: Lexicon) -> Proposal:
    """Restrict a proposal to texts that speak of one of some things."""
    name = _class_of(within, lexicon)
    few = ", ".join(within[:_IN_TITLE]) + (" and more" if len(within) > _IN_TITLE else "")
    where = f"{name} ({few})" if name else few
    return said.model_copy(
        update={
            "title": f"{said.title}, where {where} are spoken of" if len(within) > 1 else f"{said.title}, with {few}",
            "description": f"{said.description} This is said of captions that hold one of these words only: "
            f"{', '.join(within)}.",
            "within": (tuple(within),),
        }
    )


def _class_of(words: Sequence[str], lexicon: Lexicon) -> str | None:
    """Return the class of words that most of some words are of."""
    votes = Counter(name for word in words for name in lexicon.classes(word))
    name, count = votes.most_common(1)[0] if votes else ("", 0)
    return name if count > 1 and count >= MOSTLY * len(words) else None


def is_for_finding(pair: MinedPair) -> bool:
    """Tell whether a pair is one that regions are found from; from the others their rate is read off."""
    return hashlib.sha256(pair.id.encode()).digest()[0] % 2 == 0


def _edited(pair: MinedPair) -> tuple[str, ...]:
    return () if pair.edit is None or pair.edit.kind is EditKind.SWAP else words_of(pair.edit)
