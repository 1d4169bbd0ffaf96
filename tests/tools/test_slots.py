"""Slots are learnt from the corpus alone."""

from faultfinder.tools.edits import Sentence
from faultfinder.tools.slots import Slots

TEXTS = [
    f"{article} {adjective} {noun} is {verb} on the {place}"
    for article in ("a", "the")
    for adjective in ("small", "red", "wet")
    for noun in ("dog", "cat", "horse")
    for verb in ("sitting", "running")
    for place in ("street", "beach")
]
SLOTS = Slots(TEXTS)


def test_words_of_one_slot_are_alike_in_use_and_others_are_not():
    assert SLOTS.likeness("dog", "cat") > 0.9
    assert SLOTS.likeness("dog", "running") < 0.1
    assert SLOTS.likeness("dog", "unheard") == 0.0


def test_a_word_fits_between_neighbours_it_was_seen_with():
    sentence = Sentence("a small dog is running on the beach")
    assert SLOTS.fits_word(sentence, 2, "horse")
    assert not SLOTS.fits_word(sentence, 2, "street")
    fitting = {SLOTS.vocabulary[i] for i in SLOTS.fits(sentence, 2).nonzero()[0]}
    assert fitting == {"dog", "cat", "horse"}


def test_a_word_suits_where_one_used_like_it_stands():
    slots = Slots([*TEXTS, "a sleepy cat is sitting on the street", "a sleepy cat is running on the beach"])
    sentence = Sentence("a wet dog is running on the beach")
    assert not slots.fits_word(sentence, 1, "sleepy")
    assert slots.suits_word(sentence, 1, "sleepy")


def test_places_are_found_again():
    for number, position in SLOTS.places["horse"]:
        assert SLOTS.sentences[number].words[position] == "horse"


def test_rare_words_are_left_out():
    assert "unique" not in Slots([*TEXTS, "a unique dog is sitting on the street"]).index
