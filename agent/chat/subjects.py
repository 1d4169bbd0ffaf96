"""What a sentence says something about: things and colours to be seen, which what it cites must speak of too.

"It fails on vans too [h1-p01]" cites a case that does fail, and says what that case does not. Only words that hardly
ever mean anything but a thing or a colour are looked at; in its other words an answer is free.
"""

import re
from collections.abc import Iterable
from functools import cache

from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.word_senses import WordSenses
from faultfinder.tools.wordnet import WordNet

_LETTERS = re.compile(r"[^\W\d_]+")
_ANIMAL, _FOOD, _OBJECT, _PLANT, _SHAPE = 5, 13, 17, 20, 25
_SEEN = frozenset({_ANIMAL, _FOOD, _OBJECT, _PLANT, _SHAPE})
"""Numbers of WordNet's lexicographers' files, lexnames(5WN), whose nouns name what can be seen."""

_CLASSES_NAMES = "vehicles/sports gear/kitchen utensils/furniture/dishes and vessels/clothes/rooms/colours"
_CLASSES = frozenset(_CLASSES_NAMES.split("/"))
_TALK_WORDS = """agent ai bench cap caps disk ground grounds hash margin may must node office plant plants python root
    roots seat seed seeds shelf ship ships stream suite suites table tables tie ties top trained training variables web
    world"""
_TALK = frozenset(_TALK_WORDS.split())
"""Words of the kind that are at home in talk about audits."""

_MOSTLY = 0.6
_SILENCE = re.compile(
    r"(?:\bnothing\b|\bnone\b|\bno\b|\bnot\b|n't\b|\bnever\b).*"
    r"\b(?:about|contain\w*|look\w*|mention\w*|said|say|says|show\w*|speak\w*|test\w*|tried)\b",
    re.IGNORECASE,
)
"""What says that something is missing, and so may name what is not there."""


def strange_subject(sentence: str, texts: Iterable[str]) -> str | None:
    """Return a thing or colour that a sentence speaks of and that none of some texts does, or None.

    Args:
        sentence: without citations and quotations.
        texts: what the sentence cites.
    """
    if _SILENCE.search(sentence):
        return None
    subjects = [word for word in _words(sentence) if _is_seen(word)]
    if not subjects:
        return None
    spoken = {word for text in texts for word in _words(text)}
    return next((word for word in subjects if not _is_among(word, spoken)), None)


def _words(text: str) -> list[str]:
    return _LETTERS.findall(text.lower())


def _is_among(word: str, spoken: set[str]) -> bool:
    if word in spoken or _nouns(word) & {noun for other in spoken for noun in _nouns(other)}:
        return True
    return any(Lexicon.load().same(word, other) for other in spoken)


def _nouns(word: str) -> set[str]:
    return {lemma for lemma, part in Lexicon.load().lemmas(word) if part == "n"}


@cache
def _is_seen(word: str) -> bool:
    """Tell whether a word names a thing to be seen, or a colour, and is hardly ever meant otherwise."""
    if word in _TALK:
        return False
    if _CLASSES & set(Lexicon.load().classes(word)):
        return True
    senses = _senses()
    if senses.shares(word).get("n", 0.0) < _MOSTLY:
        return False
    nouns = senses.common(word).get("n", [])
    seen = sum(noun.weight for noun in nouns if senses.wordnet.synset(noun.synset).file in _SEEN)
    return seen >= _MOSTLY * sum(noun.weight for noun in nouns)


@cache
def _senses() -> WordSenses:
    return WordSenses(WordNet.load())
