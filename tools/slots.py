"""Which words may stand in the same slot of a sentence, learnt from the corpus alone.

Two measures, both from neighbouring words: a word *fits* a slot when the corpus shows it after the same left and before
the same right neighbour; two words are *alike in use* when they keep the same company. No part-of-speech tagger, no
word list: the words of any corpus, whatever they mean, get their place.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from faultfinder.tools.edits import Sentence
from faultfinder.tools.ports import FloatArray

BoolArray = npt.NDArray[np.bool_]

START, END = "<", ">"
MOST_WORDS = 4000
_COMPANY = 300
_ONE_COMPANION = {"an": "a"}
"""'a' and 'an' are one article: umbrellas and giraffes keep the same company."""


class Slots:
    """The corpus as slots and words."""

    def __init__(self, texts: Sequence[str], at_least: int | None = None) -> None:
        """Read the corpus once.

        Args:
            texts: the corpus.
            at_least: how many texts a word must stand in to be considered; by default 3, and 2 below 1,000 texts.
        """
        self.sentences = [Sentence(text) for text in texts]
        least = at_least or (3 if len(texts) >= 1000 else 2)
        counts = Counter(word for sentence in self.sentences for word in set(sentence.words) if word[0].isalnum())
        frequent = sorted((word for word, n in counts.items() if n >= least), key=lambda word: (-counts[word], word))
        self.vocabulary = tuple(frequent[:MOST_WORDS])
        self.counts = counts
        self.index = {word: i for i, word in enumerate(self.vocabulary)}
        self._bigrams = _count_bigrams(self.sentences)
        self._after, self._before = self._attested()

    def _attested(self) -> tuple[dict[str, BoolArray], dict[str, BoolArray]]:
        """Return, for a neighbour, which words of the vocabulary were seen right after and right before it."""
        nothing = np.zeros(len(self.vocabulary), dtype=np.bool_)
        after: dict[str, BoolArray] = defaultdict(nothing.copy)
        before: dict[str, BoolArray] = defaultdict(nothing.copy)
        for left, right in self._bigrams:
            if right in self.index:
                after[left][self.index[right]] = True
            if left in self.index:
                before[right][self.index[left]] = True
        return dict(after), dict(before)

    @cached_property
    def use(self) -> FloatArray:
        """Return float32 (words, k), unit rows: the company a word keeps to its left and right.

        Square roots of the neighbours' shares (so that the product is the Bhattacharyya coefficient), one half for
        each side.
        """
        common = Counter[str]()
        for (left, _right), n in self._bigrams.items():
            common[left] += n
        company = {word: i for i, (word, _) in enumerate(common.most_common(_COMPANY))} | {END: _COMPANY}
        width = _COMPANY + 1
        shares = np.zeros((len(self.vocabulary), 2, width), dtype=np.float32)
        for (left, right), n in self._bigrams.items():
            left_seen, right_seen = _ONE_COMPANION.get(left, left), _ONE_COMPANION.get(right, right)
            if right in self.index and left_seen in company:
                shares[self.index[right], 0, company[left_seen]] += n
            if left in self.index and right_seen in company:
                shares[self.index[left], 1, company[right_seen]] += n
        shares /= np.maximum(shares.sum(axis=2, keepdims=True), 1)
        rows = np.sqrt(shares).reshape(len(self.vocabulary), 2 * width)
        unit: FloatArray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return unit

    def alike(self, word: str) -> FloatArray:
        """Return float32 (words,): how alike every word of the vocabulary is to this one in use, from 0 to 1."""
        if word not in self.index:
            return np.zeros(len(self.vocabulary), dtype=np.float32)
        likeness: FloatArray = self.use @ self.use[self.index[word]]
        return likeness

    def likeness(self, first: str, second: str) -> float:
        """Return how alike two words are in use, from 0 to 1; 0 for a word that is not in the vocabulary."""
        if first not in self.index or second not in self.index:
            return 0.0
        return float(self.use[self.index[first]] @ self.use[self.index[second]])

    def neighbours(self, sentence: Sentence, position: int) -> tuple[str, str]:
        """Return the tokens left and right of a position; sentence start and end are neighbours too."""
        words = sentence.words
        left = words[position - 1] if position > 0 else START
        right = words[position + 1] if position + 1 < len(words) else END
        return left, right

    def fits(self, sentence: Sentence, position: int) -> BoolArray:
        """Return bool (words,): which words the corpus shows between the same two neighbours."""
        left, right = self.neighbours(sentence, position)
        return self._between(left, right)

    def gaps(self, sentence: Sentence, position: int) -> BoolArray:
        """Return bool (words,): which words may be put before a position."""
        return self._between(sentence.words[position - 1], sentence.words[position])

    def fits_word(self, sentence: Sentence, position: int, word: str) -> bool:
        """Tell whether the corpus shows a word between the same two neighbours."""
        left, right = self.neighbours(sentence, position)
        return (left, word) in self._bigrams and (word, right) in self._bigrams

    def closes(self, sentence: Sentence, position: int) -> bool:
        """Tell whether the corpus shows a position's two neighbours side by side, as they stand when it is left out."""
        return self.neighbours(sentence, position) in self._bigrams

    def suits_word(self, sentence: Sentence, position: int, word: str) -> bool:
        """Tell whether a word follows the left neighbour somewhere and is used like the word that stands there.

        Looser than `fits_word`: 'a sleepy table' suits where only 'a sleepy cat' and 'a wooden table' were seen.
        """
        left, _ = self.neighbours(sentence, position)
        return (left, word) in self._bigrams and self.likeness(word, sentence.words[position]) >= 0.35

    def _between(self, left: str, right: str) -> BoolArray:
        nothing = np.zeros(len(self.vocabulary), dtype=np.bool_)
        both: BoolArray = self._after.get(left, nothing) & self._before.get(right, nothing)
        return both

    @cached_property
    def places(self) -> dict[str, tuple[tuple[int, int], ...]]:
        """Return, for each word of the vocabulary, where it stands alone: (sentence number, position)."""
        found: dict[str, list[tuple[int, int]]] = {word: [] for word in self.vocabulary}
        for number, sentence in enumerate(self.sentences):
            for position, word in enumerate(sentence.words):
                if word in found and sentence.stands_alone(position):
                    found[word].append((number, position))
        return {word: tuple(places) for word, places in found.items()}


def _count_bigrams(sentences: Sequence[Sentence]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for sentence in sentences:
        words = sentence.words
        counts.update(zip((START, *words), (*words, END), strict=True))
    return counts
