"""Restricting a hypothesis to a part of its inputs: "does it hold for stars?", "for rings on a grey background?".

What is asked for becomes groups of phrases, words of the corpus; a case belongs to the restriction when its texts hold
one phrase of every group. Nothing here knows what a phrase means beyond its forms and synonyms.
"""

import difflib
from collections.abc import Iterable, Sequence
from itertools import product

from faultfinder.memory.records import Hypothesis
from faultfinder.tools.edits import Sentence
from faultfinder.tools.lexicon import Lexicon

Within = tuple[tuple[str, ...], ...]

_GENERIC_WORDS = """thing things object objects sentence sentences caption captions text texts picture pictures image
    images photo photos scene scenes case cases input inputs example examples ones stuff anything something
    everything kind kinds sort sorts other others"""
_GENERIC = frozenset(_GENERIC_WORDS.split())
_BREAKS_WORDS = """a an the some any of in on at to with by and or is are was were be it its that this those these there
    has have which who where when while against from into such too also only all just even we you as for
    about say says saying containing involving mentioning show shows showing"""
BREAKS = frozenset(_BREAKS_WORDS.split())
"""Words that say nothing of what a text is about."""

_MOST_FORMS = 60

_DENIALS_WORDS = """without not no except never unless but besides excluding excluded other than"""
DENIALS = frozenset(_DENIALS_WORDS.split())
"""Words that turn a restriction round; rules cannot make such a restriction."""


def speaks_of(hypothesis: Hypothesis, text: str) -> bool:
    """Tell whether a text alone speaks of what a hypothesis is restricted to."""
    return not hypothesis.within or all(_holds(text, group) for group in _outside_the_rule(hypothesis))


def is_within_bounds(hypothesis: Hypothesis, a: str, b: str) -> bool:
    """Tell whether a pair belongs to a hypothesis' restriction: both texts, but for words that the edit exchanges."""
    if not hypothesis.within:
        return True
    if not (speaks_of(hypothesis, a) and speaks_of(hypothesis, b)):
        return False
    return all(_holds(a, group) or _holds(b, group) for group in hypothesis.within)


def restriction(asked: str, vocabulary: Iterable[str], lexicon: Lexicon) -> Within:
    """Turn what is asked for into groups of phrases, in all forms that the vocabulary has.

    Args:
        asked: "rings on a grey background".
        vocabulary: the words of the corpus.
        lexicon: says which words are forms of one another or mean the same.
    """
    known = tuple(vocabulary)
    return tuple(_forms(phrase, known, lexicon) for phrase in _phrases(asked))


def is_alike(within: Within, other: Within) -> bool:
    """Tell whether two restrictions are one, in whatever order and form they were said."""
    return {frozenset(group) for group in within} == {frozenset(group) for group in other}


def spelt(asked: str, vocabulary: Iterable[str], lexicon: Lexicon) -> str:
    """Return what is asked for with words that are none mended to the corpus word that is spelt nearest."""
    known = [word for word in vocabulary if word.isalpha()]
    words = Sentence(asked).words
    return " ".join(word if word in known or lexicon.lemmas(word) else _nearest(word, known) for word in words)


def _nearest(word: str, known: Sequence[str]) -> str:
    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=0.8)), word)


def say_within(within: Within) -> str:
    """Say a restriction by the first phrase of each group: "'stars'", "'rings' and 'grey background'"."""
    return " and ".join(f"'{group[0]}'" for group in within if group)


def _phrases(asked: str) -> list[tuple[str, ...]]:
    """Cut into runs of words that stand together."""
    phrases: list[tuple[str, ...]] = []
    run: list[str] = []
    for word in (*Sentence(asked).words, ""):
        if word and word[0].isalnum() and word not in BREAKS:
            run.append(word)
            continue
        if kept := tuple(each for each in run if each not in _GENERIC):
            phrases.append(kept)
        run = []
    return list(dict.fromkeys(phrases))


def _forms(phrase: Sequence[str], vocabulary: Sequence[str], lexicon: Lexicon) -> tuple[str, ...]:
    """Return a phrase as it was said and in its other forms, those of words that the corpus has."""
    choices = [_words_like(word, vocabulary, lexicon) for word in phrase]
    forms = [" ".join(words) for words in product(*choices)][:_MOST_FORMS]
    return tuple(dict.fromkeys([" ".join(phrase), *forms]))


def _words_like(word: str, vocabulary: Sequence[str], lexicon: Lexicon) -> list[str]:
    alike = [
        other
        for other in vocabulary
        if other == word or lexicon.same(word, other) or lexicon.differ_in_number(word, other)
    ]
    return [word, *(other for other in alike if other != word)]


def _outside_the_rule(hypothesis: Hypothesis) -> list[tuple[str, ...]]:
    """Return the groups that both texts of a case must hold: those that the rule's own words cannot remove."""
    own = set(hypothesis.rule.words) if hypothesis.rule else set()
    return [group for group in hypothesis.within if not own & {word for phrase in group for word in phrase.split()}]


def _holds(text: str, group: Sequence[str]) -> bool:
    words = f" {' '.join(Sentence(text).words)} "
    return any(f" {phrase} " in words for phrase in group)
