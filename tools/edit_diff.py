"""How two texts differ, when the difference is one small edit: words exchanged, added, dropped, or two phrases swapped.

Knows words and their order, not what they mean.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from faultfinder.memory.records import Edit, EditKind

Words = tuple[str, ...]

LONGEST_PHRASE = 3
"""Words in an exchanged, added or dropped phrase beyond which an edit is no longer small."""

LONGEST_SWAPPED = 4
_LONGEST_BETWEEN = 12
_WORD = re.compile(r"\w+(?:['-]\w+)*|,")
_CONTRACTED = re.compile(r"n['\u2019]t\b")


@dataclass(frozen=True)
class Difference:
    """A single edit and the words on both sides of it, which stayed."""

    edit: Edit
    before: Words
    after: Words


def words_of(text: str) -> Words:
    """Return the words in lower case; commas inside count as words, other marks do not; "isn't" is "is not"."""
    plain = _CONTRACTED.sub(" not", text.lower().replace("can't", "can not").replace("won't", "will not"))
    return tuple(_WORD.findall(plain.replace("\u2019", "'").rstrip(" ,.")))


def describe_edit(a: str, b: str) -> Edit | None:
    """Return the single small edit that makes b of a; None when the texts differ by more (or not at all)."""
    difference = difference_of(words_of(a), words_of(b))
    return difference.edit if difference else None


def difference_of(a: Words, b: Words) -> Difference | None:
    """Align two texts from both ends and name what is left in the middle."""
    start = _shared(a, b)
    end = _shared(a[start:][::-1], b[start:][::-1])
    left, right = a[start : len(a) - end], b[start : len(b) - end]
    edit = _swap(left, right) or _small(left, right, start + end)
    return Difference(edit, a[:start], a[len(a) - end :]) if edit else None


def _shared(a: Sequence[str], b: Sequence[str]) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _small(left: Words, right: Words, shared: int) -> Edit | None:
    longest = max(len(left), len(right))
    if not 0 < longest <= LONGEST_PHRASE or shared < longest:
        return None
    kind = EditKind.ADD if not left else EditKind.DROP if not right else EditKind.EXCHANGE
    return Edit(kind=kind, removed=left, added=right)


def _swap(left: Words, right: Words) -> Edit | None:
    """Find x, m, y with left = x m y and right = y m x; the shortest phrases that do."""
    n = len(left)
    if n != len(right) or sorted(left) != sorted(right):
        return None
    for total in range(2, min(n, 2 * LONGEST_SWAPPED) + 1):
        for first in range(max(1, total - LONGEST_SWAPPED), min(total, LONGEST_SWAPPED + 1)):
            x, m, y = left[:first], left[first : n - total + first], left[n - total + first :]
            if len(m) <= _LONGEST_BETWEEN and y + m + x == right:
                return Edit(kind=EditKind.SWAP, removed=x, added=y, between=m)
    return None
