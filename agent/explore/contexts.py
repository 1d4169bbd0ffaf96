"""In which texts does an edit go unnoticed? Learnt from tries alone: the words around the edit that set them apart.

Greedy covering of the failing tries by single words (as in rule induction by separate-and-conquer: Fuernkranz, 1999): a
word is taken if it holds mostly failing tries among those no earlier word holds. What is found is a guess; its rate is
to be read off other tries than it was learnt from.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

MOSTLY = 0.6
"""Share of a word's tries that must fail, one half added to the failures and one to the tries."""

_FEWEST = 2
_MOST_WORDS = 16
_PASSING_WEIGHS = 1.5


@dataclass(frozen=True)
class Seen:
    """One try: the words around the edit, and whether it went unnoticed."""

    context: frozenset[str]
    failed: bool


def telling_words(tries: Sequence[Seen]) -> tuple[str, ...]:
    """Return words such that most tries with one of them failed, the most telling first; none where there are none."""
    rest, chosen = list(tries), list[str]()
    while len(chosen) < _MOST_WORDS:
        word = _most_telling(rest)
        if word is None:
            break
        chosen.append(word)
        rest = [seen for seen in rest if word not in seen.context]
    return tuple(chosen)


def _most_telling(tries: Sequence[Seen]) -> str | None:
    failed, tried = Counter[str](), Counter[str]()
    for seen in tries:
        tried.update(seen.context)
        if seen.failed:
            failed.update(seen.context)
    scored = [
        (failures - _PASSING_WEIGHS * (tried[word] - failures), failures, word)
        for word, failures in failed.items()
        if failures >= _FEWEST and (failures + 0.5) / (tried[word] + 1) >= MOSTLY
    ]
    return min(scored, key=lambda entry: (-entry[0], -entry[1], entry[2]))[2] if scored else None
