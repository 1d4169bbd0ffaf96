"""Which of two captions a picture shows: the nearer one on what they differ in, whatever else is wrong."""

from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from faultfinder.lab.drawing import draw_scene
from faultfinder.lab.edits import ATTRIBUTES, draw_statement, edit
from faultfinder.lab.grammar import parse_statement
from faultfinder.lab.language import Phrasing, phrase
from faultfinder.lab.looking import distance, say, which
from faultfinder.lab.reading import Reading

STAR = "a blue star"
OF = f"of {STAR}"


def shown(caption: str, seed: int = 0) -> Reading:
    statement = parse_statement(caption)
    assert statement is not None
    return Reading(draw_scene(statement, Random(seed)), 0.0)


@given(st.sampled_from(ATTRIBUTES), st.integers(0, 10**6))
def test_an_honest_picture_shows_its_own_caption(attribute: str, seed: int) -> None:
    rng = Random(seed)
    statement = draw_statement(rng)
    edited = edit(attribute, statement, rng)
    assume(edited is not None)
    phrasing = Phrasing.at_random(rng)
    first, second = phrase(statement, phrasing), phrase(edited, phrasing)
    assert which(Reading(draw_scene(statement, rng), 0.0), first, second) == "first"
    assert which(Reading(draw_scene(edited, rng), 0.0), first, second) == "second"
    assert distance(draw_scene(statement, rng), statement).wrong == 0


@given(st.integers(0, 10**6))
def test_the_order_of_the_question_does_not_matter(seed: int) -> None:
    rng = Random(seed)
    first, second, other = (phrase(draw_statement(rng), Phrasing.at_random(rng)) for _ in range(3))
    turned = {"first": "second", "second": "first"}
    seen = which(shown(other, seed), first, second)
    assert which(shown(other, seed), second, first) == turned.get(seen, seen)


@pytest.mark.parametrize(
    ("picture", "first", "second", "expected"),
    [
        ("two red circles", "three red circles", "two red circles", "second"),
        ("two red circles", "three red circles", "four red circles", "neither"),
        ("two red circles", "two blue circles", "two green circles", "neither"),
        ("two red circles", "two red circles", "two red circles and no blue star", "cannot tell"),
        (f"a red ring left {OF}", f"a red ring right {OF}", f"a red ring left {OF}", "second"),
        (f"a red ring above {STAR}", f"a red ring right {OF}", f"a red ring left {OF}", "neither"),
        ("a red circle", "a red circle and a blue star", "a red circle and no blue star", "second"),
        ("five dogs", "a dog", "a cat", None),
    ],
)  # fmt: skip
def test_what_the_captions_differ_in_decides(picture: str, first: str, second: str, expected: str | None) -> None:
    if expected is None:
        assert which(shown("a red circle"), first, second) == "cannot tell"
    else:
        assert which(shown(picture), first, second) == expected


def test_what_was_read_is_put_into_words() -> None:
    assert say(shown("two small red circles on a grey background")) == "2 small red circles on grey"
    assert say(shown("four large blue crosses on a white background")) == "4 large blue crosses on white"
    assert say(Reading(shown("a red circle").scene, 1.0)) == "nothing that can be read"
