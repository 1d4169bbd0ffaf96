"""The agreement criterion: bars, the corpus-wide threshold, and what they separate on encoders of known blindness."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.calibration import Agreement, agrees
from faultfinder.tools.hashing import HashEncoder
from faultfinder.tools.rewording import TemplateRewriter

THINGS = ("dog", "cat", "horse", "car", "bus", "kite", "clock", "bench")
PLACES = ("street", "beach", "kitchen", "field", "park", "station")
NUMBERS = ("two", "three", "four", "five")
TEXTS = [
    f"there are {n} small {a} toys standing in the {p} near a tall wooden {b} with wheels"
    for n in NUMBERS
    for a in THINGS
    for b in THINGS
    for p in PLACES
    if a != b
][::9]


def _share_agreed(encoder, edit):
    agreement = Agreement(encoder, TemplateRewriter())
    a = encoder.embed_texts(TEXTS)
    b = encoder.embed_texts([edit(text) for text in TEXTS])
    return agrees((a * b).sum(axis=1), agreement.bars(TEXTS)).mean()


def _other_number(text):
    return re.sub(r"\b(two|three|four|five)\b", lambda m: NUMBERS[(NUMBERS.index(m[0]) + 1) % 4], text)


def _other_place(text):
    return re.sub("|".join(PLACES), lambda m: PLACES[(PLACES.index(m[0]) + 1) % 6], text)


@pytest.mark.parametrize("longest", [1, 2])
def test_an_encoder_that_only_counts_words_is_not_taken_to_agree(longest):
    encoder = HashEncoder(longest=longest, dim=1024)
    assert _share_agreed(encoder, _other_number) <= 0.1
    assert _share_agreed(encoder, _other_place) <= 0.1


@pytest.mark.parametrize("longest", [1, 2])
def test_a_planted_blindness_is_told_from_what_the_encoder_sees(longest):
    blind = HashEncoder(lambda text: re.sub("|".join(NUMBERS), "some", text), longest=longest, dim=1024)
    assert _share_agreed(blind, _other_number) == 1.0
    assert _share_agreed(blind, _other_place) <= 0.1


def test_a_fixed_similarity_replaces_the_rewordings():
    agreement = Agreement(HashEncoder(), TemplateRewriter(), fixed=0.88)
    assert agreement.bars(TEXTS[:3]) == pytest.approx([0.88] * 3)
    calibration = agreement.calibrate(TEXTS)
    assert (calibration.agreement_threshold, calibration.pairs) == (0.88, 0)


def test_the_threshold_is_the_median_of_the_bars():
    agreement = Agreement(HashEncoder(), TemplateRewriter())
    texts = TEXTS[:50]
    calibration = agreement.calibrate(texts)
    assert calibration.agreement_threshold == pytest.approx(np.median(agreement.bars(texts)), abs=1e-6)
    assert calibration.pairs == 50 * len(TemplateRewriter().rewordings("x"))
    assert "rewordings" in calibration.method


def test_calibration_repeats_itself():
    once, again = (Agreement(HashEncoder(), TemplateRewriter(), seed=3).calibrate(TEXTS * 3) for _ in range(2))
    assert once == again


def test_no_texts_no_threshold():
    with pytest.raises(CorpusError, match="no"):
        Agreement(HashEncoder(), TemplateRewriter()).calibrate([])
    assert Agreement(HashEncoder(), TemplateRewriter()).bars([]).shape == (0,)


@given(st.floats(-1, 1), st.floats(-1e-7, 1e-7))
def test_rounding_does_not_change_agreement(similarity, noise):
    assert agrees([similarity + noise], [similarity]).all()


def test_a_clear_difference_is_no_agreement():
    assert agrees([0.9, 0.95], [0.95, 0.9]).tolist() == [False, True]
