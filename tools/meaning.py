"""Does the difference between two texts change what they mean? Judged offline, before the target is asked.

Two texts are aligned; when they differ by one small edit, words and relations decide, in this order: the same word,
synonyms, symmetric relations (*same*); the hand-made list, antonyms, kinds that exclude each other, exchanged roles and
attributes (*different*). Where that leaves it open, a reference encoder may say *different*, if it keeps the two apart
by its own bar. The rest is undecided, and an undecided case is invalid: it never counts as a failure.
"""

from collections.abc import Callable, Sequence

from faultfinder.memory.records import Edit, EditKind, Judgement, Meaning, TextPair
from faultfinder.tools.calibration import Agreement, agrees
from faultfinder.tools.edit_diff import Difference, Words, difference_of, words_of
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.lexicon_words import ARTICLES, DETERMINERS
from faultfinder.tools.ports import FloatArray, TextEncoder
from faultfinder.tools.rewording import TemplateRewriter
from faultfinder.tools.roles import SwapJudge

LEXICON, REFERENCE = "lexicon", "reference"

_RIGHT_AS_ADVERB = frozenset(
    {"next", "in", "on", "at", "after", "before", "behind", "above", "up", "now", "under", "beside"}
)


class LexiconJudge:
    """Judges pairs by the lexicon and, where that leaves it open, by a reference encoder."""

    name = LEXICON

    def __init__(
        self,
        lexicon: Lexicon,
        reference: TextEncoder | None = None,
        reference_bars: Callable[[Sequence[str]], FloatArray] | None = None,
    ) -> None:
        """Set up the judge.

        Args:
            lexicon: what is known of words.
            reference: an encoder trusted to tell meanings apart; without one, open cases stay undecided.
            reference_bars: per text the similarity from which the reference takes another for its rewording; by default
                the median over its own rewordings.
        """
        self._lexicon = lexicon
        self._words = lexicon.words
        self._swaps = SwapJudge(lexicon)
        self._reference = reference
        self._bars = reference_bars or (Agreement(reference, TemplateRewriter()).bars if reference else None)

    def judge(self, pairs: Sequence[TextPair]) -> list[Judgement]:
        """Return one judgement per pair, in order. Undecided where it cannot tell."""
        judged = [self._by_words(pair) for pair in pairs]
        open_ones = [i for i, judgement in enumerate(judged) if judgement.meaning is Meaning.UNDECIDED]
        for i, apart in zip(open_ones, self._kept_apart([pairs[i] for i in open_ones]), strict=True):
            if apart:
                reason = f"{judged[i].reason}; the reference keeps the two apart"
                judged[i] = Judgement(meaning=Meaning.DIFFERENT, reason=reason, judge=REFERENCE)
        return judged

    def _kept_apart(self, pairs: Sequence[TextPair]) -> list[bool]:
        if self._reference is None or self._bars is None or not pairs:
            return [False] * len(pairs)
        vectors = self._reference.embed_texts([pair.a for pair in pairs] + [pair.b for pair in pairs])
        similarities = (vectors[: len(pairs)] * vectors[len(pairs) :]).sum(axis=1)
        return [not agreed for agreed in agrees(similarities, self._bars([pair.a for pair in pairs]))]

    def _by_words(self, pair: TextPair) -> Judgement:
        a, b = words_of(pair.a), words_of(pair.b)
        if a == b:
            return _same("the same words")
        difference = difference_of(a, b)
        if difference is None:
            return _undecided("the two differ by more than one small edit")
        return self._of_edit(difference)

    def _of_edit(self, difference: Difference) -> Judgement:
        edit = difference.edit
        if edit.kind is EditKind.SWAP:
            return self._swaps.judge(difference)
        if edit.kind is EditKind.EXCHANGE:
            return self._of_exchange(difference)
        return self._of_extra_words(edit)

    def _of_extra_words(self, edit: Edit) -> Judgement:
        words = edit.removed + edit.added
        verb = "dropped" if edit.kind is EditKind.DROP else "added"
        for word in words:
            if word in self._words.negations:
                return _different(f"negation {verb}: {word}")
            if word in self._words.reversing and len(words) == 1:
                return _different(f"{verb}: {word}")
        if set(words) <= ARTICLES | {","}:
            return _same(f"article or comma {verb}")
        return _undecided(f"{verb}, which may only be vaguer: {' '.join(words)}")

    def _of_exchange(self, difference: Difference) -> Judgement:
        removed, added = difference.edit.removed, difference.edit.added
        whole = self._of_words(" ".join(removed), " ".join(added), difference.after)
        if whole.meaning is not Meaning.UNDECIDED or len(removed) == len(added) == 1:
            return whole
        if len(removed) == len(added):
            return self._of_several(removed, added, difference.after)
        return self._of_negated(removed, added)

    def _of_several(self, removed: Words, added: Words, after: Words) -> Judgement:
        """Judge words exchanged side by side: different when one pair is and no pair is left open."""
        each = [self._of_words(x, y, after) for x, y in zip(removed, added, strict=True)]
        if all(judgement.meaning is Meaning.SAME for judgement in each):
            return _same("synonyms")
        if any(judgement.meaning is Meaning.DIFFERENT for judgement in each):
            return next(judgement for judgement in each if judgement.meaning is Meaning.DIFFERENT)
        return _undecided(f"nothing known of: {' '.join(removed)}, {' '.join(added)}")

    def _of_negated(self, removed: Words, added: Words) -> Judgement:
        if bool(self._words.negations & set(removed)) != bool(self._words.negations & set(added)):
            return _different(f"negation: {' '.join(removed)}, {' '.join(added)}")
        return _undecided(f"nothing known of: {' '.join(removed)}, {' '.join(added)}")

    def _of_words(self, x: str, y: str, after: Words) -> Judgement:
        lexicon = self._lexicon
        if {x, y} <= ARTICLES or x == y:
            return _same(f"articles: {x}, {y}")
        if "right" in (x, y) and after[:1] and after[0] in _RIGHT_AS_ADVERB:
            return _undecided("'right' may be an adverb here")
        if lexicon.same(x, y):
            return _same(f"the same word or synonyms: {x}, {y}")
        if reason := lexicon.different(x, y):
            return _different(reason)
        if lexicon.differ_in_number(x, y):
            return _undecided(f"singular and plural: {x}, {y}")
        if {x, y} <= DETERMINERS:
            return _same(f"determiners: {x}, {y}")
        return _undecided(f"nothing known of: {x}, {y}")


def _same(reason: str) -> Judgement:
    return Judgement(meaning=Meaning.SAME, reason=reason, judge=LEXICON)


def _different(reason: str) -> Judgement:
    return Judgement(meaning=Meaning.DIFFERENT, reason=reason, judge=LEXICON)


def _undecided(reason: str) -> Judgement:
    return Judgement(meaning=Meaning.UNDECIDED, reason=reason, judge=LEXICON)
