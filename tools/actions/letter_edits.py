"""Edits of letters: typing mistakes, look-alikes, capitals. Only ASCII letters of words are touched by mistakes."""

from collections.abc import Callable
from random import Random

from faultfinder.tools.actions.edit_words import EditWords
from faultfinder.tools.actions.passages import Edited, Passage, some

_Mistake = Callable[[str, Random], str | None]

_LONG_ENOUGH = 4
"""Letters of a word in which a mistake leaves the word to be recognised."""


def typos(passage: Passage, share: float) -> Edited | None:
    """In a share of the longer words, type a neighbour of an inner letter on the keyboard."""
    return _misspelt(passage, share, passage.dice("typos"), _neighbour)


def swapped_letters(passage: Passage, share: float) -> Edited | None:
    """In a share of the longer words, exchange two different inner letters that stand side by side."""
    return _misspelt(passage, share, passage.dice("swapped-letters"), _swapped)


def dropped_letters(passage: Passage, share: float) -> Edited | None:
    """In a share of the longer words, leave an inner letter out."""
    return _misspelt(passage, share, passage.dice("dropped-letters"), _dropped)


def homoglyphs(passage: Passage, share: float) -> Edited | None:
    """In a share of the words that can be written so, put every letter's look-alike of another alphabet."""
    table = str.maketrans(EditWords.load().homoglyphs)
    able = [i for i in passage.words if passage.pieces[i].translate(table) != passage.pieces[i]]
    chosen = some(able, share, passage.dice("homoglyphs"))
    puts = {i: passage.pieces[i].translate(table) for i in chosen}
    return Edited(passage.exchanged(puts)) if puts else None


def upper_case(passage: Passage, share: float) -> Edited | None:
    """Write everything in capitals."""
    return _changed(passage, passage.text.upper())


def lower_case(passage: Passage, share: float) -> Edited | None:
    """Write everything in small letters."""
    return _changed(passage, passage.text.lower())


def _changed(passage: Passage, text: str) -> Edited | None:
    return Edited(text) if text != passage.text else None


def _misspelt(passage: Passage, share: float, dice: Random, mistake: _Mistake) -> Edited | None:
    made: dict[int, str] = {}
    for position in passage.words:
        word = passage.pieces[position]
        wrong = mistake(word, dice) if len(word) >= _LONG_ENOUGH and word.isascii() and word.isalpha() else None
        if wrong is not None:
            made[position] = wrong
    chosen = some(list(made), share, dice)
    return Edited(passage.exchanged({position: made[position] for position in chosen})) if chosen else None


def _neighbour(word: str, dice: Random) -> str | None:
    keyboard = EditWords.load().keyboard
    position = dice.randrange(1, len(word))
    put = dice.choice(keyboard[word[position].lower()])
    return word[:position] + (put.upper() if word[position].isupper() else put) + word[position + 1 :]


def _swapped(word: str, dice: Random) -> str | None:
    able = [i for i in range(1, len(word) - 2) if word[i] != word[i + 1]]
    if not able:
        return None
    i = dice.choice(able)
    return word[:i] + word[i + 1] + word[i] + word[i + 2 :]


def _dropped(word: str, dice: Random) -> str | None:
    position = dice.randrange(1, len(word) - 1)
    return word[:position] + word[position + 1 :]
