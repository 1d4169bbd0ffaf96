"""Which pairs does a hypothesis speak of? By its rule and what it is restricted to, never by what became of them."""

from collections.abc import Iterable

from faultfinder.agent.restricting import is_within_bounds
from faultfinder.memory.records import Edit, EditKind, Hypothesis, MinedPair, Rule


def covers(hypothesis: Hypothesis, edit: Edit | None, a: str, b: str) -> bool:
    """Tell whether a pair of texts is one that a hypothesis says is confused; never for one without a rule."""
    rule = hypothesis.rule
    if rule is None or edit is None or not _is_by(rule, edit):
        return False
    return is_within_bounds(hypothesis, a, b)


def covered(hypothesis: Hypothesis, pairs: Iterable[MinedPair]) -> list[MinedPair]:
    """Return the mined pairs that a hypothesis speaks of."""
    return [pair for pair in pairs if covers(hypothesis, pair.edit, pair.a, pair.b)]


def words_of(edit: Edit) -> tuple[str, ...]:
    """Return the words that an edit works on: both of an exchange, the relation of a swap, what is dropped or added."""
    if edit.kind is EditKind.SWAP:
        return tuple(word for word in edit.between if word.isalpha())
    return edit.removed + edit.added


def _is_by(rule: Rule, edit: Edit) -> bool:
    ours, theirs = rule.kind, edit.kind
    dropped = {EditKind.ADD, EditKind.DROP}
    if ours is not theirs and not {ours, theirs} <= dropped:
        return False
    words = set(words_of(edit))
    if ours is EditKind.SWAP:
        return not rule.words or not words.isdisjoint(rule.words)
    if tuple(sorted(words)) in rule.excluded:
        return False
    return bool(words) and words <= set(rule.words)
