"""The shipped encoders do what their cards say."""

import numpy as np
import pytest

from faultfinder.lab.clip import UnknownLabModelError, card, load, names
from faultfinder.lab.drawing import picture
from faultfinder.lab.edits import ATTRIBUTES
from faultfinder.lab.measure import draw_cases, measure_attribute, wilson
from faultfinder.lab.plants import PLANTS
from faultfinder.lab.truth import AttributeTruth, Estimate, TruthCard, card_path, read_card, table, write_card

FRESH_SEED, CASES = 77, 25
PLANTED_TOO = {"colour": {"colour-swap", "red-green"}, "shape": {"shape-swap"}}
"""What a plant takes along because it is made of the planted attribute."""


def fresh_cases(attribute):
    return draw_cases(attribute, CASES, FRESH_SEED)


@pytest.mark.parametrize("name", ["clip", "clip-clear", "oracle"])
def test_an_encoder_matches_its_card_on_fresh_scenes(name):
    encoder, truth = load(name), card(name)
    for attribute in ATTRIBUTES:
        fresh = measure_attribute(encoder, fresh_cases(attribute), attribute)
        known = truth.of(attribute)
        assert fresh.agreement.low <= known.agreement.high, attribute
        assert fresh.agreement.high >= known.agreement.low, attribute
        if known.accuracy:
            assert fresh.accuracy.low <= known.accuracy.high, attribute
            assert fresh.accuracy.high >= known.accuracy.low, attribute


def test_the_web_blinds_to_places_numbers_and_absence_only():
    truth = card("clip")
    assert set(truth.blind) == {"left-right", "above-below", "roles", "number", "few-many", "absence"}
    assert set(truth.seen) == set(ATTRIBUTES) - set(truth.blind)


@pytest.mark.parametrize("name", ["clip-clear", "oracle"])
def test_precise_captions_teach_everything(name):
    assert card(name).seen == ATTRIBUTES


@pytest.mark.parametrize("plant", PLANTS)
def test_a_plant_blinds_to_what_is_planted_only(plant):
    expected = {plant} | PLANTED_TOO.get(plant, set())
    assert set(card(f"planted/{plant}").blind) == expected
    assert set(card(f"planted/{plant}").seen) == set(ATTRIBUTES) - expected
    planted = measure_attribute(load(f"planted/{plant}"), fresh_cases(plant), plant)
    assert planted.agreement.value >= 0.95
    assert planted.similarity.value >= 0.99


def test_every_name_has_a_card_of_its_own():
    assert [card(name).name for name in names()] == list(names())


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(UnknownLabModelError, match="it has clip, clip-clear, planted/"):
        load("planted/nothing")
    with pytest.raises(UnknownLabModelError):
        card("clap")


def test_embeddings_are_unit_rows_and_repeat():
    encoder = load("clip")
    texts = ["a red circle", "an unknown word", "", "a blue star " * 50]
    rows = encoder.embed_texts(texts)
    assert rows.dtype == np.float32
    assert rows.shape == (4, 128)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, rtol=1e-5)
    assert np.array_equal(rows, load("clip").embed_texts(texts))
    assert encoder.embed_texts([]).shape == (0, 128)


def test_pictures_of_any_size_find_their_caption():
    encoder = load("clip-clear")
    texts = ["a large red circle left of a large blue star", "a large red circle right of a large blue star"]
    seen = encoder.embed_images([picture(text) for text in texts])
    assert (seen @ encoder.embed_texts(texts).T).argmax(axis=1).tolist() == [0, 1]


def test_wilson_intervals_are_never_empty():
    none, all_ = wilson(0, 20), wilson(20, 20)
    assert (none.low, all_.high) == (0.0, 1.0)
    assert none.high == pytest.approx(0.1611, abs=1e-4)
    assert all_.low == pytest.approx(1 - none.high, abs=1e-4)


def test_a_card_is_read_as_it_was_written(tmp_path):
    estimate = Estimate(value=0.5, low=0.3, high=0.7, n=20)
    truth = AttributeTruth(
        attribute="size", accuracy=None, similarity=estimate, rewording_similarity=estimate, agreement=estimate
    )
    written = TruthCard(name="planted/size", seed=1, attributes=(truth,))
    write_card(written, tmp_path / "card.json")
    assert read_card(tmp_path / "card.json") == written
    assert written.of("size").sight == "unclear"
    assert written.blind == written.seen == ()
    with pytest.raises(KeyError, match="no attribute 'colour'"):
        written.of("colour")
    assert "*0.50 / 0.500 / -*" in table([written])
    assert card_path("planted/size").name == "planted-size.json"
