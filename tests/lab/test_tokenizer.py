"""The word-level tokenizer."""

from random import Random

import numpy as np

from faultfinder.lab.edits import draw_statement
from faultfinder.lab.language import Phrasing, phrase
from faultfinder.lab.tokenizer import WordTokenizer


def test_the_end_has_the_highest_id_and_nothing_follows_it():
    tokenizer = WordTokenizer()
    rows = tokenizer(["a red circle", "", "what is this " * 40]).numpy()
    assert rows.shape == (3, tokenizer.context_length)
    for row in rows:
        end = int(row.argmax())
        assert row[end] == tokenizer.end_id == tokenizer.vocab_size - 1
        assert (row[end + 1 :] == 0).all()


def test_every_caption_fits_whole():
    rng, tokenizer = Random(6), WordTokenizer()
    for _ in range(500):
        text = phrase(draw_statement(rng), Phrasing.at_random(rng))
        assert int((tokenizer(text) > 0).sum()) == len(text.split()) + 2


def test_known_words_have_ids_of_their_own_and_unknown_ones_spare_ids():
    tokenizer = WordTokenizer()
    known = set(tokenizer.ids.values())
    assert len(known) == len(tokenizer.ids)
    unknown = {tokenizer.word_id(f"word{index}") for index in range(100)}
    assert not unknown & known
    assert max(unknown) < tokenizer.start_id < tokenizer.end_id


def test_case_and_punctuation_do_not_count():
    tokenizer = WordTokenizer()
    assert np.array_equal(tokenizer("A red circle."), tokenizer("a red circle"))
