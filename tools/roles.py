"""Two phrases swapped: is who does what to whom, or which thing is how, still the same?"""

from faultfinder.memory.records import Judgement, Meaning
from faultfinder.tools.edit_diff import Difference, Words
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.lexicon_words import DETERMINERS

_MODIFYING = frozenset({"in", "with", "wearing", "holding", "that", "who", "which", "whose", "without", "of"})
_JUDGE = "lexicon"


class SwapJudge:
    """Judges swaps by the words between the two phrases, and around them."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Build on the lexicon."""
        self._lexicon = lexicon
        self._words = lexicon.words

    def judge(self, difference: Difference) -> Judgement:
        """Say same across a symmetric relation, different across another or when attributes change owners."""
        edit = difference.edit
        x, y, between = edit.removed, edit.added, edit.between
        what = f"{' '.join(x)}, {' '.join(y)}"
        relation = tuple(word for word in between if word not in DETERMINERS)
        if self._alike(x, y):
            return _judgement(Meaning.SAME, f"like phrases swapped: {what}")
        if " ".join(relation) in self._words.symmetric:
            return self._across_symmetric(difference, relation, what)
        if not relation:
            return _judgement(Meaning.UNDECIDED, f"neighbours swapped: {what}")
        if self._attributes(difference):
            return _judgement(Meaning.DIFFERENT, f"attributes exchanged: {what}")
        if self._is_directed(relation):
            return _judgement(Meaning.DIFFERENT, f"roles exchanged across '{' '.join(relation)}': {what}")
        return _judgement(Meaning.UNDECIDED, f"swapped across '{' '.join(between)}': {what}")

    def _alike(self, x: Words, y: Words) -> bool:
        return self._lexicon.same(x[-1], y[-1]) if len(x) == len(y) == 1 else x == y

    def _across_symmetric(self, difference: Difference, relation: Words, what: str) -> Judgement:
        """Require both phrases to begin alike and nothing to hang on the second."""
        before, after = difference.before, difference.after
        edit = difference.edit
        relation_text = " ".join(relation)
        if self._hosts_differ(difference):
            return _judgement(Meaning.DIFFERENT, f"attributes exchanged: {what}")
        begins = bool(before) and self._is_modifier(before[-1])
        inner = self._is_modifier(edit.between[-1]) and edit.between[-1] not in relation
        if begins or inner or (after and after[0] in _MODIFYING):
            return _judgement(
                Meaning.UNDECIDED, f"swapped across '{relation_text}', with words that may belong to one: {what}"
            )
        return _judgement(Meaning.SAME, f"swapped across '{relation_text}', which holds both ways: {what}")

    def _is_modifier(self, word: str) -> bool:
        return word not in DETERMINERS and self._lexicon.part_of_speech(word) == "adjective"

    def _hosts_differ(self, difference: Difference) -> bool:
        """Tell "red shirt and blue hat" from "red and blue hat": do the swapped words qualify different nouns?"""
        host_x, host_y = difference.edit.between[:1], difference.after[:1]
        if not host_x or not host_y or host_x[0] in self._words.symmetric:
            return False
        nouns = all(self._lexicon.part_of_speech(word) == "noun" for word in (host_x[0], host_y[0]))
        return nouns and not self._lexicon.same(host_x[0], host_y[0])

    def _attributes(self, difference: Difference) -> bool:
        edit = difference.edit
        distinct = self._lexicon.different(edit.removed[-1], edit.added[-1]) is not None
        return distinct and self._hosts_differ(difference)

    def _is_directed(self, relation: Words) -> bool:
        lexicon = self._lexicon
        return any(word in self._words.asymmetric or lexicon.part_of_speech(word) == "verb" for word in relation)


def _judgement(meaning: Meaning, reason: str) -> Judgement:
    return Judgement(meaning=meaning, reason=reason, judge=_JUDGE)
