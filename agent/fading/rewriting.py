"""Captions edited by a rule: hard negatives for training, and pairs to be examined on.

The rule is the failure's own: the words it exchanges, adds, drops or swaps. Where a chat model proved a failure without
one, the rule is read off the cases that failed.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from faultfinder.agent.restricting import is_within_bounds, speaks_of
from faultfinder.memory.errors import AuditError
from faultfinder.memory.records import Edit, EditKind, Hypothesis, Meaning, Rule, TextPair
from faultfinder.tools.edit_diff import describe_edit
from faultfinder.tools.edits import Sentence, drop, exchange
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.natural_edits import swaps_in
from faultfinder.tools.ports import Judge
from faultfinder.tools.slots import Slots

_TRIES = 3
"""Edits of one caption that are judged before the next caption's turn."""

_MOSTLY = 0.5


def rule_of(hypothesis: Hypothesis, failed: Sequence[TextPair]) -> Rule:
    """Return a failure's rule, read off the failing cases where the hypothesis has none.

    Raises:
        AuditError: its cases share no kind of small edit.
    """
    if hypothesis.rule is not None:
        return hypothesis.rule
    edits = [edit for pair in failed if (edit := describe_edit(pair.a, pair.b))]
    kinds = Counter(edit.kind for edit in edits)
    kind, times = kinds.most_common(1)[0] if kinds else (EditKind.EXCHANGE, 0)
    if times <= _MOSTLY * len(failed):
        raise AuditError(
            f"{hypothesis.id} ({hypothesis.title}) has no edit rule, and its failing cases share no kind of small "
            "edit, so no hard negatives can be made of it; choose a failure whose cases differ by words exchanged, "
            "added, left out or swapped"
        )
    words = sorted({word for edit in edits if edit.kind is kind for word in _words(edit)})
    return Rule(kind=kind, words=() if kind is EditKind.SWAP else tuple(words))


def _words(edit: Edit) -> tuple[str, ...]:
    single = [side[0] for side in (edit.removed, edit.added) if len(side) == 1]
    return tuple(single)


def is_by(rule: Rule, pair: TextPair) -> bool:
    """Tell whether a pair differs by an edit of the rule's kind, on its words alone."""
    edit = describe_edit(pair.a, pair.b)
    if edit is None or edit.kind is not rule.kind:
        return False
    if rule.kind is EditKind.SWAP:
        return not rule.words or bool(set(rule.words) & set(edit.between))
    return {*edit.removed, *edit.added} <= set(rule.words)


@dataclass(frozen=True)
class Editor:
    """Edits captions by rules.

    Attributes:
        slots: The captions that say what may stand where.
        lexicon: Says which words mean the same.
        judge: Says which edits change the meaning; only those count.
    """

    slots: Slots
    lexicon: Lexicon
    judge: Judge

    def edited(self, captions: Sequence[str], rule: Rule, hypothesis: Hypothesis, seed: int) -> list[TextPair]:
        """Edit each caption that the rule works on once, so that it means something else.

        Args:
            captions: what is edited; the order is kept.
            rule: how.
            hypothesis: whose restriction the captions are held to.
            seed: draws among the edits of a caption.
        """
        rng = Random(f"{seed} edits {rule.kind} {' '.join(rule.words)}")
        tried: list[list[TextPair]] = []
        for caption in captions:
            if not speaks_of(hypothesis, caption):
                continue
            made = [TextPair(a=caption, b=text) for text in self._edits(Sentence(caption), rule)]
            fitting = [pair for pair in made if is_within_bounds(hypothesis, pair.a, pair.b)]
            rng.shuffle(fitting)
            if fitting:
                tried.append(fitting[:_TRIES])
        flat = [pair for pairs in tried for pair in pairs]
        different = iter([judged.meaning is Meaning.DIFFERENT for judged in self.judge.judge(flat)])
        kept = [[pair for pair in pairs if next(different)] for pairs in tried]
        return [pairs[0] for pairs in kept if pairs]

    def _edits(self, sentence: Sentence, rule: Rule) -> Iterator[str]:
        if rule.kind is EditKind.SWAP:
            for edit in swaps_in(self.slots, sentence):
                if not rule.words or set(rule.words) & set(edit.edit.between):
                    yield edit.b
            return
        for position, word in enumerate(sentence.words):
            if not sentence.stands_alone(position) or (rule.words and word not in rule.words):
                continue
            if rule.kind is EditKind.EXCHANGE:
                yield from (exchange(sentence, position, other).b for other in self._partners(sentence, position, rule))
            elif word in self.slots.index and self.slots.closes(sentence, position):
                yield drop(sentence, position).b

    def _partners(self, sentence: Sentence, position: int, rule: Rule) -> list[str]:
        """Return the rule's other words that fit a place; those used alike where none is seen there."""
        word, apart = sentence.words[position], {frozenset(pair) for pair in rule.excluded}
        others = [o for o in rule.words if o != word and frozenset((word, o)) not in apart]
        different = [other for other in others if not self.lexicon.same(word, other)]
        fitting = [other for other in different if self.slots.fits_word(sentence, position, other)]
        return fitting or [other for other in different if self.slots.suits_word(sentence, position, other)]
