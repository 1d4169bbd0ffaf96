"""Which words are to blame where exchanges of words fail? A word that fails only beside a worse one is not.

Knows outcomes of word pairs and nothing else.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

from faultfinder.memory.records import Rule

WordPair = tuple[str, str]

_FEWEST = 2
"""Failures below which a word is not blamed: one may be chance."""


@dataclass(frozen=True)
class Exchanged:
    """One exchange of words that was tried.

    Attributes:
        words: the two words, in any order; one where a word was dropped or added.
        failed: whether it failed.
    """

    words: frozenset[str]
    failed: bool


def failure_rate(tries: Sequence[Exchanged]) -> float:
    """Return how often exchanges fail, the posterior mean under a uniform prior: (failed + 1) / (tried + 2).

    Any two words weigh the same, however often they were tried: words that are under suspicion are tried more often.
    """
    alike: dict[frozenset[str], list[bool]] = defaultdict(list)
    for each in tries:
        alike[each.words].append(each.failed)
    share = sum(sum(failed) / len(failed) for failed in alike.values()) / max(1, len(alike))
    return (share * len(tries) + 1) / (len(tries) + 2)


def to_blame(tries: Sequence[Exchanged], bar: float) -> list[str]:
    """Return the words whose exchange fails whatever the other word is, the worst first.

    The worst word is taken out together with its tries, then the worst by what is left, and so on: "pink" that fails
    beside "blue" alone is cleared by "blue" (greedy set cover, Chvatal 1979, with a bar).

    Args:
        tries: what was tried.
        bar: how often a word's exchanges have to fail, by `failure_rate`.
    """
    blamed: list[str] = []
    left = list(tries)
    while left:
        by_word: dict[str, list[Exchanged]] = defaultdict(list)
        for each in left:
            for word in each.words:
                by_word[word].append(each)
        again = [word for word in sorted(by_word) if sum(each.failed for each in by_word[word]) >= _FEWEST]
        worst = max(again, key=lambda word: (failure_rate(by_word[word]), len(by_word[word])), default=None)
        if worst is None or failure_rate(by_word[worst]) < bar:
            break
        blamed.append(worst)
        left = [each for each in left if worst not in each.words]
    return blamed


def all_but(centre: Collection[str], words: Collection[str]) -> tuple[WordPair, ...]:
    """Return the word pairs in which no word of a centre stands: what a rule about the centre leaves out."""
    return tuple(combinations(sorted(set(words) - set(centre)), 2))


def centre_of(rule: Rule) -> tuple[str, ...]:
    """Return the words of an exchange that are in every word pair it does not leave out; none where none are.

    A rule that exchanges "green" for any other colour, and no other two colours, is about green.
    """
    apart = {word for pair in rule.excluded for word in pair}
    centre = tuple(word for word in rule.words if word not in apart)
    return centre if apart and set(all_but(centre, rule.words)) <= set(rule.excluded) else ()
