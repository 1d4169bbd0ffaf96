"""The smallest ways to change a sentence: exchange, add or drop a word, swap two.

Knows positions and characters only; which edits make sense is for the slots and the judge to say.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from faultfinder.memory.records import Edit, EditKind, TextPair

_TOKEN = re.compile(r"\w+(?:'\w+)?|[^\w\s]")


@dataclass(frozen=True)
class Sentence:
    """A text with the places of its words and punctuation marks, which an edit puts together again."""

    text: str

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Return the start and end of every token, in characters."""
        return tuple(match.span() for match in _TOKEN.finditer(self.text))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Return the tokens in lower case; punctuation marks are tokens of their own."""
        return tuple(self.text[start:end].lower() for start, end in self.spans)

    def __len__(self) -> int:
        return len(self.spans)

    def stands_alone(self, position: int) -> bool:
        """Tell whether a word has spaces on both sides: neither first in the sentence nor beside punctuation.

        Words that stand alone can be moved and exchanged without touching capitals or marks.
        """
        start, end = self.spans[position]
        return position > 0 and self.text[start - 1].isspace() and (end == len(self.text) or self.text[end].isspace())


@dataclass(frozen=True)
class EditedText:
    """A sentence before and after an edit."""

    a: str
    b: str
    edit: Edit

    @property
    def pair(self) -> TextPair:
        """Return the two texts."""
        return TextPair(a=self.a, b=self.b)

    @property
    def words(self) -> tuple[str, ...]:
        """Return the words the edit works on, in the order removed, added."""
        return self.edit.removed + self.edit.added


def exchange(sentence: Sentence, position: int, word: str) -> EditedText:
    """Put another word in the place of one; a capital is kept."""
    start, end = sentence.spans[position]
    new = word.capitalize() if sentence.text[start].isupper() else word
    edit = Edit(kind=EditKind.EXCHANGE, removed=(sentence.words[position],), added=(word,))
    return EditedText(sentence.text, sentence.text[:start] + new + sentence.text[end:], edit)


def drop(sentence: Sentence, position: int) -> EditedText:
    """Leave a word out, with the space before it (after it, for the first word, which hands on its capital)."""
    (start, end), text = sentence.spans[position], sentence.text
    rest = text[end:].lstrip() if start == 0 else text[:start].rstrip() + text[end:]
    if start == 0 and text[:1].isupper():
        rest = rest[:1].upper() + rest[1:]
    edit = Edit(kind=EditKind.DROP, removed=(sentence.words[position],))
    return EditedText(text, rest, edit)


def add(sentence: Sentence, position: int, word: str) -> EditedText:
    """Put a word before the token at a position, which must not be the first."""
    start, _ = sentence.spans[position]
    edit = Edit(kind=EditKind.ADD, added=(word,))
    return EditedText(sentence.text, f"{sentence.text[:start]}{word} {sentence.text[start:]}", edit)


def swap(sentence: Sentence, first: int, second: int) -> EditedText:
    """Let two words change places; `first` stands before `second`."""
    (a, b), (c, d), text = sentence.spans[first], sentence.spans[second], sentence.text
    words = sentence.words
    edit = Edit(kind=EditKind.SWAP, removed=(words[first],), added=(words[second],), between=words[first + 1 : second])
    return EditedText(text, text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:], edit)
