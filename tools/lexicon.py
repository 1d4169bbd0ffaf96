"""The lexicon: which words mean the same, which exclude each other, what a group of words is called.

Answers from the hand-made list first, then from WordNet. It is made to be precise: what is neither clearly the same nor
clearly different is left open. Word senses are weighed by how often they were met in tagged text, so that rare meanings
("cat" for a man) do not count.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import combinations
from math import ceil

from faultfinder.tools.group_names import GroupNames
from faultfinder.tools.lexicon_words import UNNAMED, WordClass, WordList
from faultfinder.tools.spelling import same_spelling
from faultfinder.tools.word_kinds import WordKinds
from faultfinder.tools.word_relations import WordRelations
from faultfinder.tools.word_senses import WordSenses
from faultfinder.tools.wordnet import WordNet

_COVERING = 0.7
_HALF = 0.5
_POSITIONS = {"n": "noun", "v": "verb", "a": "adjective", "r": "adverb"}


class Lexicon:
    """Words and what they have to do with each other."""

    def __init__(self, wordnet: WordNet, words: WordList) -> None:
        """Build on WordNet's table and the hand-made list."""
        self.words = words
        self._wordnet = wordnet
        self._senses = WordSenses(wordnet)
        self._relations = WordRelations(self._senses)
        self._kinds = WordKinds(self._senses, self._relations, words.people)
        self._group_names = GroupNames(self._senses, words.unsaying)

    @staticmethod
    @cache
    def load() -> "Lexicon":
        """Open the lexicon that ships with the package, once a process."""
        return Lexicon(WordNet.load(), WordList.load())

    def lemmas(self, word: str) -> frozenset[tuple[str, str]]:
        """Return the (lemma, part of speech n, v, a or r) a word may be a form of; empty for unknown words."""
        return self._wordnet.lemmas(word.lower())

    @cache  # noqa: B019 - one lexicon a process
    def part_of_speech(self, word: str) -> str | None:
        """Return what a word most often is: noun, verb, adjective or adverb; None for unknown words."""
        shares = self._senses.shares(word.lower())
        return _POSITIONS[max(sorted(shares), key=shares.__getitem__)] if shares else None

    @cache  # noqa: B019
    def is_plural(self, word: str) -> bool:
        """Tell whether a word reads as the plural of a noun."""
        mostly_noun = self._senses.shares(word.lower()).get("n", 0) >= _HALF
        return mostly_noun and word.lower() not in self._nouns(word)

    @cache  # noqa: B019
    def differ_in_number(self, a: str, b: str) -> bool:
        """Tell the singular and plural of one noun: dog and dogs, also where the word may be a verb (bear, bears)."""
        a, b = a.lower(), b.lower()
        shared = self._nouns(a) & self._nouns(b) & {a, b}
        return a != b and any("n" in self._senses.common(noun) for noun in shared)

    @cache  # noqa: B019
    def same(self, a: str, b: str) -> bool:
        """Tell whether two words mean the same: spelling, inflection (but for number), synonyms, similar adjectives."""
        a, b = a.lower(), b.lower()
        if same_spelling(a, b):
            return True
        if self.differ_in_number(a, b) or self.is_plural(a) != self.is_plural(b) or self._excluded(a, b):
            return False
        return bool(self._verbs(a) & self._verbs(b)) or self._synonyms(a, b)

    @cache  # noqa: B019
    def different(self, a: str, b: str) -> str | None:
        """Return why two words cannot stand for the same thing; None when they may, or when nothing is known."""
        a, b = a.lower(), b.lower()
        if excluded := self._excluded(a, b):
            return f"{excluded.name or 'quantities'}: {a}, {b}"
        if a == b or self.same(a, b) or self._compatible(a, b):
            return None
        if self._relations.opposed(a, b):
            return f"antonyms: {a}, {b}"
        if self.words.vague & self._names(a) and self.words.vague & self._names(b):
            return None
        return self._kinds.apart(a, b)

    @cache  # noqa: B019
    def classes(self, word: str) -> tuple[str, ...]:
        """Return the named classes of the hand-made list that a word belongs to."""
        names = self._names(word.lower())
        return tuple(
            dict.fromkeys(c.name for c in self.words.classes if c.name != UNNAMED and names & c.groups_of.keys())
        )

    def name_group(self, words: Iterable[str]) -> str | None:
        """Return what most of a group of words are, in plain words ("kitchen utensils"); None when nothing fits."""
        distinct = sorted({word.lower() for word in words})
        least = max(2, ceil(_COVERING * len(distinct)))
        votes = Counter(name for word in distinct for name in self.classes(word))
        name, count = votes.most_common(1)[0] if votes else ("", 0)
        return name if count >= least else self._group_names.name(distinct, least) or self._two_names(distinct, votes)

    def _two_names(self, words: Sequence[str], votes: Counter[str]) -> str | None:
        """Return "numbers and quantifiers" for words of two hand-made classes, each with two or more of them."""
        for first, second in combinations([name for name, count in votes.most_common() if count > 1], 2):
            if all({first, second} & set(self.classes(word)) for word in words):
                return f"{first} and {second}"
        return None

    def _names(self, word: str) -> frozenset[str]:
        """Return the word and its lemmas in their most frequent part of speech."""
        return self._senses.base_forms(word)

    def _excluded(self, a: str, b: str) -> WordClass | None:
        """Return the hand-made class whose groups keep the two apart, unless their number alone does."""
        for word_class in self.words.classes:
            first = next((n for n in _exact_first(a, self._names(a)) if n in word_class.groups_of), None)
            second = next((n for n in _exact_first(b, self._names(b)) if n in word_class.groups_of), None)
            if first and second and word_class.excludes(first, second):
                return word_class
        return None

    def _compatible(self, a: str, b: str) -> bool:
        first, second = self._names(a), self._names(b)
        if any(first & group and second & group for group in self.words.compatible):
            return True
        both = (c for c in self.words.classes if first & c.groups_of.keys() and second & c.groups_of.keys())
        return next(both, None) is not None

    def _nouns(self, word: str) -> set[str]:
        return {lemma for lemma, pos in self.lemmas(word) if pos == "n"}

    def _verbs(self, word: str) -> set[str]:
        return {lemma for lemma, pos in self.lemmas(word) if pos == "v"}

    def _synonyms(self, a: str, b: str) -> bool:
        first, second = self._senses.common(a), self._senses.common(b)
        for pos in first.keys() & second.keys():
            ours, theirs = ({s.synset for s in senses} for senses in (first[pos], second[pos]))
            likes = {like for s in ours for like in self._wordnet.synset(s).like} if pos == "a" else set()
            if ours & theirs or likes & theirs:
                return True
        return False


def _exact_first(word: str, names: frozenset[str]) -> Sequence[str]:
    return [word, *sorted(names - {word})]
