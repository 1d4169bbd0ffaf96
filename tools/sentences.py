"""A running text taken apart: into sentences, and into words with what stands between them. Nothing is lost on the way.

Sentences end at a full stop, question or exclamation mark (or their kin in other scripts) with a blank and no small
letter behind, unless the stop belongs to an abbreviation or initial; and at an empty line.
"""

import re

_PIECE = re.compile(r"\w+(?:['\u2019\-.]\w+|(?<=\d),\d+)*|\s+|[^\w\s]")
_WORD = re.compile(r"\w+(?:['\u2019\-.]\w+|(?<=\d),\d+)*\Z")
_END = re.compile(r"(?:[.!?…]+[\"'”\u2019)\]]*(?=\s+[^\sa-z])|[。\uff01\uff1f]+|(?=\n\s*\n))\s*")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|Gen|Col|Sen|Rep|Gov|vs|etc|e\.g|i\.e|approx|No|Fig|Vol|"
    r"[A-Z](?:\.[A-Z])+)\.\s*\Z"
)


def pieces(text: str) -> list[str]:
    """Return words, runs of white space and single other characters; joined they are the text again."""
    return _PIECE.findall(text)


def is_word(piece: str) -> bool:
    """Tell a word, which may hold hyphens, apostrophes or decimal points, from what stands between words."""
    return bool(_WORD.match(piece))


def words(text: str) -> list[str]:
    """Return the words of a text as they are written."""
    return [piece for piece in pieces(text) if is_word(piece)]


def sentences(text: str) -> list[str]:
    """Return the sentences without the white space around them; none is empty."""
    found, start = [], 0
    for end in _END.finditer(text):
        if end.end() > start and not _ABBREVIATION.search(text[start : end.end()]):
            found.append(text[start : end.end()])
            start = end.end()
    found.append(text[start:])
    return [sentence.strip() for sentence in found if sentence.strip()]
