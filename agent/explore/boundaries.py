"""Where a proven failure ends: the words and texts beside it in which the target does notice the difference.

Read off everything that was tried, tests included. A boundary is a description of tries, not a finding: nothing here
was tested against controls.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from faultfinder.agent.explore.covering import covers, words_of
from faultfinder.memory.records import EditKind, Hypothesis, MinedPair
from faultfinder.tools.lexicon import Lexicon

FEWEST = 5
"""Tries from which a boundary is drawn."""

_FEWEST_OF_A_WORD = 2
_MOSTLY = 0.8
_MOST_WORDS = 6


def boundaries(hypothesis: Hypothesis, tries: Sequence[MinedPair]) -> tuple[str, ...]:
    """Say where a failure ends, in sentences; none where too little was tried beside it."""
    rule = hypothesis.rule
    if rule is None:
        return ()
    said = [_elsewhere(hypothesis, tries)] if hypothesis.within else []
    if rule.kind is EditKind.EXCHANGE:
        said.append(_other_words(hypothesis, tries))
    return tuple(filter(None, said))


def _elsewhere(hypothesis: Hypothesis, tries: Iterable[MinedPair]) -> str:
    """Count the same edits in other texts."""
    anywhere = hypothesis.model_copy(update={"within": ()})
    outside = [
        pair
        for pair in tries
        if covers(anywhere, pair.edit, pair.a, pair.b) and not covers(hypothesis, pair.edit, pair.a, pair.b)
    ]
    if len(outside) < FEWEST:
        return ""
    noticed = sum(not pair.agreed for pair in outside)
    return f"In other texts the same edits were noticed in {noticed} of {len(outside)} tries."


def _other_words(hypothesis: Hypothesis, tries: Iterable[MinedPair]) -> str:
    """List the words beside the failing ones whose exchange for one of them is noticed."""
    words = set(hypothesis.rule.words) if hypothesis.rule else set()
    noticed: dict[str, list[bool]] = defaultdict(list)
    for pair in tries:
        if pair.edit is None or pair.edit.kind is not EditKind.EXCHANGE:
            continue
        others = set(words_of(pair.edit)) - words
        if len(others) == 1 and words & set(words_of(pair.edit)):
            noticed[others.pop()].append(not pair.agreed)
    alike = _of_their_class(noticed, words)
    kept = Counter({word: len(noticed[word]) for word in alike if _is_noticed(noticed[word])})
    if not kept:
        return ""
    listed = ", ".join(f"'{word}'" for word, _ in sorted(kept.items(), key=lambda e: (-e[1], e[0]))[:_MOST_WORDS])
    return f"It does tell them from other words, such as {listed}."


def _of_their_class(others: Iterable[str], words: set[str]) -> list[str]:
    """Keep the words of a class that the failing words are of; all of them, where those are of none."""
    lexicon = Lexicon.load()
    own = {name for word in words for name in lexicon.classes(word)}
    return [word for word in others if not own or own & set(lexicon.classes(word))]


def _is_noticed(seen: Sequence[bool]) -> bool:
    return len(seen) >= _FEWEST_OF_A_WORD and sum(seen) >= _MOSTLY * len(seen)
