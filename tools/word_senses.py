"""Which senses of a word count: shares of parts of speech, and of senses, by how often they were met."""

from collections import defaultdict
from functools import cache

from faultfinder.tools.wordnet import Sense, WordNet

Senses = dict[str, list[Sense]]
"""Part of speech to senses, the heaviest first."""

COMMON = 0.12
"""A sense is what a word is commonly taken for with this share of the word's weight within its part of speech."""

POSSIBLE = 0.04
"""A sense may be meant with this share."""

OFTEN = 0.25
"""A word often is of a part of speech with this share of its weight."""

RARE_PART = 0.02
"""Below this share of the word's weight a part of speech does not count."""


class WordSenses:
    """Weighs the senses of words."""

    def __init__(self, wordnet: WordNet) -> None:
        """Build on WordNet's table."""
        self.wordnet = wordnet

    @cache  # noqa: B019 - one a process
    def shares(self, word: str) -> dict[str, float]:
        """Return part of speech -> its share of the word's weight; empty for unknown words."""
        weights: dict[str, float] = defaultdict(float)
        for sense in self.wordnet.senses(word):
            weights[sense.pos] += sense.weight
        return {pos: weight / sum(weights.values()) for pos, weight in weights.items()}

    @cache  # noqa: B019
    def common(self, word: str) -> Senses:
        """Return what the word is commonly taken for: at least one sense for each part of speech that counts."""
        return self._above(word, COMMON)

    @cache  # noqa: B019
    def possible(self, word: str) -> Senses:
        """Return what the word may mean, less common senses too."""
        return self._above(word, POSSIBLE)

    @cache  # noqa: B019
    def base_forms(self, word: str) -> frozenset[str]:
        """Return the word and its lemmas in the parts of speech it often has."""
        often = {pos for pos, share in self.shares(word).items() if share >= OFTEN}
        return frozenset({word, *(s.lemma for pos in often for s in self.common(word).get(pos, []))})

    def _above(self, word: str, share: float) -> Senses:
        shares = self.shares(word)
        by_pos: Senses = defaultdict(list)
        for sense in self.wordnet.senses(word):
            if shares[sense.pos] >= RARE_PART:
                by_pos[sense.pos].append(sense)
        return {pos: _heavy(senses, share) for pos, senses in by_pos.items()}


def _heavy(senses: list[Sense], share: float) -> list[Sense]:
    least = min(share * sum(sense.weight for sense in senses), senses[0].weight)
    return [sense for sense in senses if sense.weight >= least]
