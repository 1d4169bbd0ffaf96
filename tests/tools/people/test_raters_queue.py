"""A rater's queue: blind, in an order that gives nothing away, and answers come back in the case's order."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.memory.people_records import CHOICES, Answer, Ask, Why
from faultfinder.memory.picture_records import Side
from faultfinder.tools.people.differences import marked
from faultfinder.tools.people.raters_queue import Again, RatersQueue, is_turned, rater_name, turn
from tests.support.reviewing import label, question

MANY = [question(number) for number in range(200)]


def test_ranks_come_first_and_all_raters_meet_the_same_order() -> None:
    asked = [question(number, rank=2 if number % 50 == 0 else 5) for number in range(100)]
    ann, bob = RatersQueue("Ann", asked, []), RatersQueue("Bob", list(reversed(asked)), [])
    assert ann.upcoming(100) == bob.upcoming(100)
    urgent = {each.id for each in asked if each.rank == 2}
    assert set(ann.upcoming(len(urgent))) == urgent
    assert ann.upcoming(100) != [each.id for each in asked]


def test_which_text_comes_first_is_drawn_for_each_rater_and_stays() -> None:
    turned = [is_turned("Ann", each) for each in MANY]
    assert turned == [is_turned("Ann", each) for each in MANY]
    assert turned != [is_turned("Bob", each) for each in MANY]
    assert 70 < sum(turned) < 130


@given(st.text(min_size=1, max_size=20), st.sampled_from(MANY), st.sampled_from(Answer))
def test_turning_twice_changes_nothing(rater: str, asked: object, answer: Answer) -> None:
    assert turn(rater, asked, turn(rater, asked, answer)) is answer  # type: ignore[arg-type]


def test_an_answer_means_the_text_that_was_shown() -> None:
    for asked in MANY[:40]:
        item = RatersQueue("Ann", MANY, []).item(asked.id)
        shown = "".join(piece.text for piece in item.first)
        meant = turn("Ann", asked, Answer.FIRST)
        assert shown == (asked.a if meant is Answer.FIRST else asked.b)


def test_a_rater_is_told_nothing_that_would_sway() -> None:
    asked = question(1, why=Why.DISAGREEMENT, side=Side.B, case="h3-c07", image="ab" * 32)
    said = RatersQueue("Ann", [asked], [label(asked, "Bob", Answer.NEITHER)]).item(asked.id).model_dump_json()
    for secret in ("disagreement", "h3-c07", "abab", "Bob", '"side"', '"rank"'):
        assert secret not in said
    assert json.loads(said)["given"] is None


def test_taking_back_goes_one_by_one_and_leaves_others_alone() -> None:
    first, second = MANY[:2]
    labels = [label(first, "Ann", Answer.FIRST), label(second, "Ann", Answer.SECOND), label(first, "Bob", Answer.FIRST)]
    assert RatersQueue("Ann", MANY, labels).last == second.id
    labels.append(label(second, "Ann", None))
    queue = RatersQueue("Ann", MANY, labels)
    assert (queue.last, queue.done, queue.answered(second.id)) == (first.id, 1, False)
    labels.append(label(first, "Ann", None))
    assert RatersQueue("Ann", MANY, labels).last is None
    assert RatersQueue("Bob", MANY, labels).done == 1


def test_the_last_answer_counts_once() -> None:
    labels = [label(MANY[0], "Ann", Answer.FIRST, "one-of-two"), label(MANY[0], "Ann", Answer.NEITHER, "two-of-two")]
    queue = RatersQueue("Ann", MANY, labels)
    assert queue.done == 1
    assert queue.item(MANY[0].id).given is Answer.NEITHER


def test_asked_again_comes_first_although_it_is_answered() -> None:
    before = [label(each, "Ann", Answer.FIRST) for each in MANY[:3]]
    again = Again(frozenset({MANY[1].id}), frozenset(each.id for each in before))
    queue = RatersQueue("Ann", MANY, before, again)
    assert queue.upcoming(1) == [MANY[1].id]
    assert queue.item(MANY[1].id).given is turn("Ann", MANY[1], Answer.FIRST)
    after = RatersQueue("Ann", MANY, [*before, label(MANY[1], "Ann", Answer.SECOND)], again)
    assert (after.done, MANY[1].id in after.upcoming(200)) == (3, False)


def test_every_kind_offers_its_own_answers() -> None:
    for kind in Ask:
        asked = question(1, kind)
        assert RatersQueue("Ann", [asked], []).item(asked.id).answers == CHOICES[kind]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("ADA lovelace", "Ada Lovelace"),
        ("", None),
        ("   ", None),
        ("a" * 61, None),
        ("a\x1b[31m", None),
        ("a\u202eb", None),
        ("Zoe\u0308", "Zo\u00eb"),
    ],
)
def test_names_are_tidied_and_one_person_is_counted_once(said: str, name: str | None) -> None:
    assert rater_name(said, ["Bob", "Ada Lovelace"]) == name


@given(st.text(max_size=80), st.text(max_size=80))
def test_marked_pieces_add_up_to_the_texts(a: str, b: str) -> None:
    found = marked(a, b)
    assert "".join(piece.text for piece in found.a) == a
    assert "".join(piece.text for piece in found.b) == b


def test_what_differs_is_marked_alike_on_both_sides() -> None:
    found = marked("a dog left of a cat", "a dog right of a cat")
    assert [piece.text for piece in found.a if piece.marked] == ["left"]
    assert [piece.text for piece in found.b if piece.marked] == ["right"]
    assert not any(piece.marked for piece in marked("the same", "the same").a)
    assert not any(piece.marked for piece in marked("word " * 500, "other " * 500).a)
