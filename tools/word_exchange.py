"""Words to put in the place of a word: synonyms that keep the meaning, antonyms that turn it. From WordNet, inflected.

Made to be precise: only a word's dominant meaning counts, of a partner too, and only where the inflection of the word
can be carried over.
"""

from functools import cache

from faultfinder.tools.inflection import plural
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.word_senses import WordSenses
from faultfinder.tools.wordnet import Sense, WordNet

_DOMINANT = 0.6
"""Share of a word's weight in its part of speech from which a sense is what the word means."""

_SETTLED = 0.7
"""Share of a word's weight from which it is of one part of speech."""

_SHORTEST = 4
"""Letters of a word to put in; shorter ones are slang and shorthand (doc, pic)."""


@cache
def synonyms(word: str) -> tuple[str, ...]:
    """Return words that say the same as a lower-case word, in the same number, the most common first."""
    sense = _meaning(word)
    if sense is None:
        return ()
    found = [_like(word, sense, other) for other in _wordnet().members[sense.synset] if _stands_for(other, sense)]
    lexicon = Lexicon.load()
    return tuple(other for other in found if other and other != word and lexicon.same(word, other))


@cache
def antonyms(word: str) -> tuple[str, ...]:
    """Return words that say the opposite of a lower-case word in its dictionary form, the most common first."""
    sense = _meaning(word)
    if sense is None or sense.lemma != word:
        return ()
    own = set(_wordnet().members[sense.synset])
    pairs = _wordnet().antonyms.get(sense.synset, {}).values()
    opposed = {other for pair in pairs for other in pair - own if _is_plain(other)}
    return tuple(sorted(opposed, key=lambda other: (-_weight(other), other)))


def _stands_for(word: str, sense: Sense) -> bool:
    """Tell whether another word is commonly taken for this sense."""
    if not _is_plain(word) or word == sense.lemma or len(word) < _SHORTEST:
        return False
    return any(other.synset == sense.synset for other in word_senses().common(word).get(sense.pos, []))


def _like(word: str, sense: Sense, other: str) -> str | None:
    """Return another word in the number of a word; None where the word's inflection is none that is known here."""
    if sense.lemma == word:
        return other
    return plural(other) if sense.pos == "n" and plural(sense.lemma) == word else None


@cache
def _meaning(word: str) -> Sense | None:
    """Return the one sense that a word has nearly always; None where it is not so clear."""
    senses = word_senses()
    part, share = max(senses.shares(word).items(), key=lambda entry: entry[1], default=("", 0.0))
    if share < _SETTLED:
        return None
    of_part = [sense for sense in senses.wordnet.senses(word) if sense.pos == part]
    heaviest = max(of_part, key=lambda sense: sense.weight)
    return heaviest if heaviest.weight >= _DOMINANT * sum(sense.weight for sense in of_part) else None


def _weight(word: str) -> float:
    return sum(sense.weight for sense in _wordnet().senses(word))


def _is_plain(word: str) -> bool:
    return word.isalpha() and word.islower()


def _wordnet() -> WordNet:
    return WordNet.load()


@cache
def word_senses() -> WordSenses:
    """Return WordNet's senses, weighed; one table a process."""
    return WordSenses(WordNet.load())
