"""Write edits into sentences of the corpus, so that what comes out reads like the corpus.

Everything here proposes edits; whether they change the meaning is for the judge to say.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from random import Random

import numpy as np

from faultfinder.tools.edits import EditedText, Sentence, add, drop, exchange, swap
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.lexicon_words import WordList
from faultfinder.tools.slots import Slots

_LOOKED_AT = 80
_LENGTHS = range(5, 18)
_ALIKE_ENOUGH = 0.4
_FARTHEST = 6


def exchanges_of(
    slots: Slots, pairs: Iterable[tuple[str, str]], each: int, rng: Random, *, anywhere: bool = False
) -> list[EditedText]:
    """Exchange the first word of each pair for the second in sentences where it fits.

    A sentence serves several partners of its word where it can, so that fewer sentences are needed.

    Args:
        slots: the corpus.
        pairs: word that stands in the sentence, word to put there.
        each: sentences wanted for every pair.
        rng: chooses among the sentences.
        anywhere: where too few sentences fit, take those that suit, then any sentence of the word.
    """
    partners: dict[str, list[str]] = defaultdict(list)
    for word, other in pairs:
        partners[word].append(other)
    made: list[EditedText] = []
    for word, others in partners.items():
        made.extend(_exchanges_of_word(slots, word, others, each, rng, anywhere=anywhere))
    return made


def _exchanges_of_word(
    slots: Slots, word: str, others: Sequence[str], each: int, rng: Random, *, anywhere: bool
) -> Iterator[EditedText]:
    places = slots.places.get(word, ())
    sample = [(slots.sentences[n], position) for n, position in rng.sample(places, min(len(places), _LOOKED_AT))]
    sample = [place for place in sample if len(place[0]) in _LENGTHS]
    wanted = dict.fromkeys(others, each)
    strictness = [slots.fits_word] + ([slots.suits_word, _goes_anywhere] if anywhere else [])
    for goes in strictness:
        fitting = [(place, [other for other in others if goes(*place, other)]) for place in sample]
        for (sentence, position), takes in sorted(fitting, key=lambda entry: -len(entry[1])):
            for other in takes:
                if wanted[other] > 0:
                    wanted[other] -= 1
                    yield exchange(sentence, position, other)


def _goes_anywhere(_sentence: Sentence, _position: int, _word: str) -> bool:
    return True


def swaps_in(slots: Slots, sentence: Sentence) -> list[EditedText]:
    """Return the swaps of two words that fit each other's slots and are used alike, with something between them."""
    positions = [i for i, word in enumerate(sentence.words) if word in slots.index and sentence.stands_alone(i)]
    return [
        swap(sentence, first, second)
        for first in positions
        for second in positions
        if second > first + 1 and _may_swap(slots, sentence, first, second)
    ]


def _may_swap(slots: Slots, sentence: Sentence, first: int, second: int) -> bool:
    one, other = sentence.words[first], sentence.words[second]
    return (
        one != other
        and second - first <= _FARTHEST
        and role_of(one) == role_of(other) is not None
        and slots.likeness(one, other) >= _ALIKE_ENOUGH
        and slots.suits_word(sentence, first, other)
        and slots.suits_word(sentence, second, one)
    )


def role_of(word: str) -> str | None:
    """Tell things and attributes, the words that can change places in a scene; None for all others."""
    grammar = WordList.load()
    if word in grammar.function or word in grammar.asymmetric:
        return None
    part = Lexicon.load().part_of_speech(word)
    return part if part in ("noun", "adjective") else None


def drops_in(slots: Slots, sentence: Sentence) -> list[EditedText]:
    """Return the drops of one word after which its neighbours still stand together as somewhere in the corpus."""
    return [
        drop(sentence, position)
        for position, word in enumerate(sentence.words)
        if word in slots.index and sentence.stands_alone(position) and slots.closes(sentence, position)
    ]


def adds_in(slots: Slots, sentence: Sentence, most: int, rng: Random) -> list[EditedText]:
    """Return additions of one word between two that the corpus shows around it."""
    made = []
    positions = [i for i in range(1, len(sentence)) if sentence.words[i][0].isalnum() and sentence.stands_alone(i)]
    for position in positions:
        words = np.flatnonzero(slots.gaps(sentence, position))
        fitting = [slots.vocabulary[word] for word in words]
        made += [add(sentence, position, word) for word in rng.sample(fitting, min(len(fitting), most))]
    return rng.sample(made, min(len(made), most))
