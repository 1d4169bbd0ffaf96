"""English inflection, by the library inflect: plurals, articles, numbers in words. The only file that knows it."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inflect import engine

MOST_DIGITS = 15
"""Numbers with more are not said in words."""


@cache
def plural(noun: str) -> str:
    """Return the plural of a singular noun."""
    return str(_engine().plural_noun(noun))


@cache
def article(word: str) -> str:
    """Return the indefinite article that goes before a word: 'a' or 'an'."""
    return _engine().a(word).partition(" ")[0]


@cache
def in_words(digits: str) -> str:
    """Return a whole number, written in ASCII digits, in words: 'forty-two'."""
    return str(_engine().number_to_words(digits, andword=""))


@cache
def _engine() -> "engine":
    import inflect

    return inflect.engine()
