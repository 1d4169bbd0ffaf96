"""Whether two words have so much to do with each other that they may be said of the same thing, or are antonyms."""

from faultfinder.tools.word_senses import WordSenses
from faultfinder.tools.wordnet import Sense

_STEM = 4
_STEM_SHARE = 0.7
_SUFFIXES = ("s", "er", "ers", "ing", "ed", "y", "ier")
_SHARED_GLOSS = 2


class WordRelations:
    """Reads WordNet's relations between the senses that two words may have."""

    def __init__(self, senses: WordSenses) -> None:
        """Build on the weighed senses."""
        self._senses = senses
        self._wordnet = senses.wordnet

    def opposed(self, a: str, b: str) -> bool:
        """Tell antonyms: the words themselves, or adjectives like two that are."""
        first, second = self._senses.common(a), self._senses.common(b)
        return any(self._opposed(x, y) for pos in first.keys() & second.keys() for x in first[pos] for y in second[pos])

    def related(self, a: str, b: str) -> bool:
        """Tell words of one stem, synonyms, ancestors, parts and wholes, likes, and words that define each other."""
        if _one_stem(a, b):
            return True
        first, second = self._senses.possible(a), self._senses.possible(b)
        return any(self._near(x, y) for pos in first.keys() & second.keys() for x in first[pos] for y in second[pos])

    def heads(self, sense: Sense) -> set[int]:
        """Return the synset of a sense and those similar to it."""
        return {sense.synset, *self._wordnet.synset(sense.synset).like}

    def _opposed(self, x: Sense, y: Sense) -> bool:
        table = self._wordnet.antonyms
        if x.pos == "a":
            theirs = self.heads(y)
            return any(theirs & table.get(head, {}).keys() for head in self.heads(x))
        return table.get(x.synset, {}).get(y.synset) == frozenset({x.lemma, y.lemma})

    def _near(self, x: Sense, y: Sense) -> bool:
        above_x, above_y = self._wordnet.ancestors(x.synset), self._wordnet.ancestors(y.synset)
        if y.synset in above_x or x.synset in above_y or self._define_each_other(x, y):
            return True
        if x.pos == "a":
            return not self.heads(x).isdisjoint(self.heads(y))
        ours, theirs = self._wordnet.synset(x.synset), self._wordnet.synset(y.synset)
        return y.synset in ours.whole + ours.like or x.synset in theirs.whole

    def _define_each_other(self, x: Sense, y: Sense) -> bool:
        ours, theirs = self._wordnet.gloss(x.synset), self._wordnet.gloss(y.synset)
        return y.lemma in ours or x.lemma in theirs or len(ours & theirs) >= _SHARED_GLOSS


def _one_stem(a: str, b: str) -> bool:
    """Tell words like skate, skater; print, printer; ornament, ornamental."""
    short, long = sorted((a, b), key=len)
    if long in {short + suffix for suffix in _SUFFIXES} | {short + short[-1] + suffix for suffix in _SUFFIXES}:
        return True
    stem = next((i for i, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    return stem >= max(_STEM, _STEM_SHARE * len(short))
