"""Whether a person can still read an edited text.

Legibility is the share of the edited text's words that a reader recognises. A word is recognised if it is in the
original, in WordNet, or put there on purpose; if it looks like one of the original's (look-alike letters read back); if
it differs from one by one mistake (of four or five letters) or two (of six or more), a mistake being a letter put in,
left out, exchanged, or two neighbours swapped (optimal string alignment); or if it is two neighbouring words of the
original run together. People read words with such mistakes at a small cost (Rayner et al., 2006).

The bound is 0.8: of readers who knew 80 % of a text's words, none understood it adequately (Hu and Nation, 2000).
"""

import re
import unicodedata
from functools import cache
from itertools import pairwise

from faultfinder.tools.actions.edit_words import EditWords
from faultfinder.tools.lexicon import Lexicon

BOUND = 0.8
"""Legibility at or below which a text counts as no longer readable."""

_WORD = re.compile(r"\w+")
_MISTAKES = ((6, 2), (4, 1))
"""Letters from which a word may hold this many mistakes."""


def legibility(original: str, edited: str, added: str = "") -> float:
    """Return from 0 to 1 how much of a text can be read; 1 where neither has words, 0 where all are lost.

    Args:
        original: the text as it was.
        edited: as it is now.
        added: what was put in on purpose, in readable words.
    """
    before, now = _words(original), _words(edited)
    known = frozenset(before) | frozenset(_words(added))
    joined = frozenset(a + b for a, b in pairwise(before))
    readable = [word for word in now if word in joined or _recognised(word, known)]
    return len(readable) / len(now) if now else float(not before)


def is_misspelling(word: str, meant: str) -> bool:
    """Tell whether a word is another with no more mistakes in it than a reader puts right."""
    from rapidfuzz.distance import OSA

    allowed = next((mistakes for letters, mistakes in _MISTAKES if len(meant) >= letters), 0)
    return 0 < allowed >= OSA.distance(word, meant, score_cutoff=allowed)


def _recognised(word: str, known: frozenset[str]) -> bool:
    return word in known or bool(Lexicon.load().lemmas(word)) or any(is_misspelling(word, other) for other in known)


def _words(text: str) -> list[str]:
    return _WORD.findall(_read_back(text))


@cache
def _look_alikes() -> dict[int, str]:
    return {ord(like): letter for letter, like in EditWords.load().homoglyphs.items()}


def _read_back(text: str) -> str:
    return unicodedata.normalize("NFKC", text.translate(_look_alikes())).lower()
