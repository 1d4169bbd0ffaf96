"""The scan finds what the target cannot see, and only that, in a small world of sentences."""

import re
from random import Random

import pytest

from faultfinder.memory.records import EditKind, Judgement, Meaning
from faultfinder.tools.edit_scan import EditScan
from faultfinder.tools.hashing import HashEncoder

ANIMALS = ["dog", "cat", "horse", "cow", "sheep", "goat"]
COLOURS = ["red", "blue", "green", "white", "black"]
DOINGS = ["chasing", "watching", "following", "carrying"]
PLACES = ["garden", "street", "kitchen", "field"]


def sentences(count: int, seed: int = 0) -> list[str]:
    rng = Random(seed)
    made: dict[str, None] = {}
    while len(made) < count:
        one, other = rng.sample(ANIMALS, 2)
        colour, doing, place = rng.choice(COLOURS), rng.choice(DOINGS), rng.choice(PLACES)
        made[f"a {colour} {one} is {doing} the {rng.choice(COLOURS)} {other} in the {place}"] = None
    return list(made)


class EverythingDiffers:
    name = "different"

    def judge(self, pairs):
        return [Judgement(meaning=Meaning.DIFFERENT, reason="test", judge=self.name) for _ in pairs]


class FixedBar:
    """A bar that the hash encoder reaches only when it sees no difference."""

    def bars(self, texts):
        import numpy as np

        return np.full(len(texts), 0.999, dtype=np.float32)


def scan_of(blind, seed=0, **options):
    encoder = HashEncoder(blind, **options)
    return EditScan(sentences(400), encoder, FixedBar(), EverythingDiffers(), seed)


def one_token(words):
    return lambda text: re.sub(rf"\b({'|'.join(words)})\b", "thing", text)


def confused(result):
    return {word for pair in result.agreed for word in pair.edit.removed + pair.edit.added}


@pytest.mark.parametrize("words", [("dog", "horse", "goat"), ("red", "white", "black"), ("chasing", "carrying")])
def test_a_group_mapped_to_one_token_is_found_and_nothing_else(words):
    result = scan_of(one_token(words)).run(0)
    assert confused(result) == set(words)
    assert all(pair.target_similarity > 0.9999 for pair in result.agreed)


def test_words_the_target_never_reads_are_found():
    result = scan_of(lambda text: re.sub(r"\b(garden|field|street)\b", "", text)).run(0)
    assert {"garden", "field", "street"} <= confused(result)
    assert not confused(result) & {*ANIMALS, *COLOURS, *DOINGS, "kitchen"}


def test_an_encoder_that_sees_everything_has_nothing_to_show():
    assert scan_of(lambda text: text).run(0).agreed == ()


def test_blindness_to_order_shows_in_swaps_alone():
    result = scan_of(lambda text: " ".join(sorted(text.split()))).run(0)
    assert {pair.edit.kind for pair in result.agreed} == {EditKind.SWAP}


def test_the_same_seed_gives_the_same_scan_and_another_round_other_sentences():
    blind = one_token(("dog", "horse", "goat"))
    first, again, later = scan_of(blind).run(0), scan_of(blind).run(0), scan_of(blind).run(1)
    assert first == again
    assert {pair.a for pair in first.agreed} != {pair.a for pair in later.agreed}


def test_focus_puts_words_first_and_hides_none():
    blind = one_token(("dog", "horse", "goat"))
    assert confused(scan_of(blind).run(0, focus=("red",))) == {"dog", "horse", "goat"}


def test_pairs_that_mean_the_same_are_not_shown():
    class EverythingSame(EverythingDiffers):
        def judge(self, pairs):
            return [Judgement(meaning=Meaning.SAME, reason="test", judge=self.name) for _ in pairs]

    encoder = HashEncoder(one_token(("dog", "horse")))
    result = EditScan(sentences(400), encoder, FixedBar(), EverythingSame(), 0).run(0)
    assert (result.agreed, result.noticed) == ((), ())


def test_all_texts_looked_at_are_reported():
    result = scan_of(one_token(("dog", "horse"))).run(0)
    assert {text for pair in result.agreed + result.noticed for text in (pair.a, pair.b)} <= result.spent


@pytest.mark.parametrize("texts", [[], ["one caption"], ["two", "captions"], ["!!!"] * 5])
def test_a_corpus_with_nothing_to_edit_gives_an_empty_scan(texts):
    result = EditScan(texts, HashEncoder(), FixedBar(), EverythingDiffers(), 0).run(0)
    assert (result.agreed, result.noticed) == ((), ())
