"""Edits that change what a text says, each with the same change as it is to be made in an answer.

The word, number, names or statement that is changed is the *stake*. An answer that speaks of the stake is wrong once
the text has been changed, and what it should say instead is known: the answer with the same change made in it.
"""

import re
from collections.abc import Iterable, Sequence
from functools import partial
from random import Random

from faultfinder.tools.actions.denial import denied, denies_more
from faultfinder.tools.actions.edit_words import EditWords
from faultfinder.tools.actions.passages import Edited, Passage, capitalised_like
from faultfinder.tools.actions.word_edits import with_articles
from faultfinder.tools.sentences import is_word, pieces, sentences, words
from faultfinder.tools.textrank import central
from faultfinder.tools.word_exchange import antonyms

_SAME_STATEMENT = 0.5
"""Share of the telling words of an answer's sentence that a sentence of the text holds if both say the same."""

_COUNTED = range(2, 13)
"""Numbers that are exchanged where they are written as words; 'one' is a pronoun too often."""


def negated(passage: Passage, share: float) -> Edited | None:
    """Deny the most central sentence that can be denied: 'is' becomes 'is not', 'saw' becomes 'did not see'."""
    able = [number for number in central(passage.sentences) if denied(passage.sentences[number])]
    spoken_of = [number for number in able if _deny_in(passage.sentences[number], passage.answer)]
    for number in [*spoken_of, *able][:1]:
        stated = passage.sentences[number]
        text = " ".join([*passage.sentences[:number], denied(stated) or "", *passage.sentences[number + 1 :]])
        return Edited(text, carry=partial(_deny_in, stated), taken_up=denies_more)
    return None


def opposites(passage: Passage, share: float) -> Edited | None:
    """Exchange a word for its antonym wherever it stands: 'large' for 'small'."""
    found = [word for word in _words_of(passage) if antonyms(word)]
    if not found:
        return None
    word = _choice(found, passage, "opposites")
    return _put(passage, {word: antonyms(word)[0]})


def other_numbers(passage: Passage, share: float) -> Edited | None:
    """Exchange a number for another of as many digits wherever it stands."""
    found = [word for word in _words_of(passage) if _is_number(word)]
    if not found:
        return None
    number = _choice(found, passage, "other-numbers")
    return _put(passage, {number: _other_number(number, passage.dice("other-number"))})


def swapped_names(passage: Passage, share: float) -> Edited | None:
    """Let two names change places wherever they stand."""
    names = list(dict.fromkeys(name for sentence in passage.sentences for name in _names(sentence)))
    if len(names) < 2:
        return None
    first = _choice(names, passage, "a name")
    second = _choice([name for name in names if name != first], passage, "another name")
    table = {first.lower(): second, second.lower(): first}
    text = _exchange(table, passage.text)
    return Edited(text, carry=partial(_exchange, table)) if text else None


def _choice(candidates: Sequence[str], passage: Passage, purpose: str) -> str:
    """Choose by chance among the candidates that the answer speaks of, or among all where it speaks of none."""
    answer = frozenset(word.lower() for word in words(passage.answer))
    return passage.dice(purpose).choice([c for c in candidates if c.lower() in answer] or list(candidates))


def _words_of(passage: Passage) -> list[str]:
    return list(dict.fromkeys(passage.pieces[i].lower() for i in passage.words))


def _put(passage: Passage, table: dict[str, str]) -> Edited | None:
    text = _exchange(table, passage.text)
    return Edited(text, added=" ".join(table.values()), carry=partial(_exchange, table)) if text else None


def _exchange(table: dict[str, str], text: str) -> str | None:
    """Return a text with words exchanged by a table of lower-case words; None where none of them stands in it."""
    passage = Passage(text)
    puts = {
        i: capitalised_like(table[passage.pieces[i].lower()], passage.pieces[i])
        for i in passage.words
        if passage.pieces[i].lower() in table
    }
    return with_articles(passage, puts) if puts else None


def _deny_in(stated: str, answer: str) -> str | None:
    """Deny the sentence of an answer that says most of what a sentence of the text said; None where none does."""
    said = sentences(answer)
    likeness = [_likeness(stated, sentence) if denied(sentence) else 0.0 for sentence in said]
    if not said or max(likeness) < _SAME_STATEMENT:
        return None
    best = likeness.index(max(likeness))
    return " ".join([*said[:best], denied(said[best]) or "", *said[best + 1 :]])


def _likeness(stated: str, sentence: str) -> float:
    ours, theirs = _telling(sentence), _telling(stated)
    return len(ours & theirs) / len(ours) if ours else 0.0


def _telling(sentence: str) -> frozenset[str]:
    return frozenset(word.lower() for word in words(sentence)) - EditWords.load().stop


def _is_number(word: str) -> bool:
    if re.fullmatch(r"[0-9]+", word):
        return True
    numbers = EditWords.load().numbers
    return word in numbers and numbers.index(word) in _COUNTED


def _other_number(number: str, dice: Random) -> str:
    numbers = EditWords.load().numbers
    if number in numbers:
        return dice.choice([numbers[n] for n in _COUNTED if numbers[n] != number])
    digit = dice.choice([d for d in "123456789" if d != number[0]])
    return digit + number[1:]


def _names(sentence: str) -> Iterable[str]:
    """Yield capitalised words within a sentence, its first word and what names nobody left out."""
    unnamed = EditWords.load().unnamed
    found = [part for part in pieces(sentence) if is_word(part)]
    if sentence.isupper():
        return
    yield from (
        word
        for word in found[1:]
        if word[0].isupper() and word.isalpha() and not word.isupper() and word not in unnamed
    )
