"""What captions mean, and when two of them mean the same."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.lab.edits import ATTRIBUTES, draw_statement, edit
from faultfinder.lab.grammar import parse_statement
from faultfinder.lab.language import Phrasing, compare, parse_caption, phrase, rewordings
from faultfinder.lab.words import vocabulary

SEEDS = st.integers(0, 2**32)


@given(SEEDS)
def test_whatever_is_said_is_understood(seed):
    rng = Random(seed)
    statement, phrasing = draw_statement(rng), Phrasing.at_random(rng)
    assert parse_statement(phrase(statement, phrasing)) == statement


@given(SEEDS)
def test_rewordings_keep_the_meaning_and_change_the_words(seed):
    rng = Random(seed)
    text = phrase(draw_statement(rng), Phrasing.at_random(rng))
    others = rewordings(text)
    assert len(others) >= 4
    assert len({text, *others}) == len(others) + 1
    assert {compare(text, other) for other in others} == {"same"}
    assert rewordings(text) == others


@given(SEEDS, st.sampled_from(ATTRIBUTES))
def test_a_minimal_edit_excludes_what_it_edits(seed, attribute):
    rng = Random(seed)
    statement, phrasing = draw_statement(rng), Phrasing.at_random(rng)
    edited = edit(attribute, statement, rng)
    if edited is not None:
        before, after = phrase(statement, phrasing), phrase(edited, phrasing)
        assert compare(before, after) == compare(after, before) == "different"


@given(SEEDS)
def test_comparing_is_symmetric(seed):
    rng = Random(seed)
    first, second = (phrase(draw_statement(rng), Phrasing.at_random(rng)) for _ in range(2))
    assert compare(first, second) == compare(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a red circle", "there is one red circle"),
        ("a red circle and a blue star", "a blue star and a red circle"),
        ("a red circle next to a blue star", "a blue star beside a red circle"),
        ("a red circle left of a blue star", "a blue star to the right of a red circle"),
        ("a red circle above a blue star", "a blue star under a red circle"),
        ("a small red circle", "a little red circle"),
        ("three red circles and no blue star", "three red circles without a blue star"),
        ("a red circle on a grey background", "A picture of a red circle against a grey background."),
    ],
)
def test_the_same(first, second):
    assert compare(first, second) == "same"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a red circle", "a blue circle"),
        ("a red circle", "a red star"),
        ("a small red circle", "a large red circle"),
        ("two red circles", "three red circles"),
        ("few red circles", "many red circles"),
        ("a red circle left of a blue star", "a red circle right of a blue star"),
        ("a red circle left of a blue star", "a blue star left of a red circle"),
        ("a red circle left of a blue star", "a red circle above a blue star"),
        ("a red circle and a blue star", "a blue circle and a red star"),
        ("a red circle and no blue star", "a red circle and a blue star"),
        ("a red circle and no blue star", "a blue star"),
        ("a red circle on a grey background", "a red circle on a white background"),
        ("a red circle above a blue star", "a red circle without a blue star"),
        ("a green ring", "a red circle and a blue star"),
    ],
)
def test_different(first, second):
    assert compare(first, second) == "different"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a red circle", "a red circle and a blue star"),
        ("a red circle", "a small red circle"),
        ("a red circle", "a red circle on a grey background"),
        ("a red circle and a blue star", "a red circle left of a blue star"),
        ("a red circle and no blue star", "a red circle and no green star"),
        ("a red circle and no small blue star", "a red circle and a blue star"),
        ("two red circles", "few red circles"),
        ("many red circles", "several red circles"),
        ("a red circle", "a photo of a dog"),
        ("gibberish", "gibberish"),
    ],
)
def test_undecided(first, second):
    assert compare(first, second) == "undecided"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "red circle",
        "a red",
        "a red circles",
        "two red circle",
        "there is two red circles",
        "there are a red circle",
        "a mauve circle",
        "a red small circle",
        "no red circle",
        "a red circle left a blue star",
        "a red circle and no red circle",
        "a red circle and no blue stars",
        "a red circle without two blue stars",
        "a red circle on a red background",
        "a red circle and a blue star and a green ring",
        "a red circle [",
    ],
)
def test_what_is_no_caption_has_no_meaning(text):
    assert parse_caption(text) is None
    assert rewordings(text) == []


@pytest.mark.parametrize(
    ("old", "new"), [("red", "blue"), ("left", "right"), ("two", "three"), ("no", "a"), ("small", "large")]
)
def test_exchanging_one_word_gives_a_caption_again(old, new):
    rng = Random(3)
    captions = [phrase(draw_statement(rng), Phrasing.at_random(rng)) for _ in range(400)]
    edited = [text.replace(f" {old} ", f" {new} ") for text in captions if f" {old} " in text]
    parsed = sum(parse_caption(text) is not None for text in edited)
    assert len(edited) > 10
    assert parsed >= 0.8 * len(edited)


def test_every_word_of_a_caption_is_in_the_vocabulary():
    rng = Random(4)
    known = set(vocabulary())
    for _ in range(500):
        assert set(phrase(draw_statement(rng), Phrasing.at_random(rng)).split()) <= known
