"""Agreement is Krippendorff's, to the digit; a majority is one, or nobody can tell."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faultfinder.memory.people_records import RATINGS, Answer, Ask, Label
from faultfinder.tools.people.raters import majority, raters_agreement
from tests.support.alpha import most, nominal_alpha, units_of
from tests.support.reviewing import label, question

ASKED = [question(number) for number in range(15)]
FOUR = (Answer.FIRST, Answer.SECOND, Answer.NEITHER, Answer.CANNOT_TELL)
ANSWERS = st.sampled_from(FOUR)
# Three raters, fifteen units, four values, many missing: the worked example of the literature.
PUBLISHED = {"A": "*****34121133*3", "B": "1*213343*******", "C": "**21344*21133*4"}


def labels_of(table: dict[str, str]) -> list[Label]:
    return [
        label(ASKED[unit], rater, FOUR[int(value) - 1])
        for rater, values in table.items()
        for unit, value in enumerate(values)
        if value != "*"
    ]


def test_the_worked_example_comes_out_as_published() -> None:
    found = raters_agreement(labels_of(PUBLISHED), ASKED)
    assert found.alpha == pytest.approx(0.691, abs=0.0005)
    assert found.raters == ("A", "B", "C")
    assert found.items == 12
    assert found.labels == 27


def test_ratings_are_compared_as_numbers() -> None:
    asked = [question(number, Ask.RATING) for number in range(15)]
    given_ = [
        label(asked[unit], rater, RATINGS[int(value) - 1])
        for rater, values in PUBLISHED.items()
        for unit, value in enumerate(values)
        if value != "*"
    ]
    found = raters_agreement([*given_, label(asked[0], "A", Answer.CANNOT_TELL)], asked)
    assert found.level == "interval"
    assert found.alpha == pytest.approx(0.811, abs=0.0005), "the worked example of the literature again"


def test_beside_other_questions_ratings_are_left_out() -> None:
    rating = question(99, Ask.RATING)
    both = [*labels_of(PUBLISHED), label(rating, "A", Answer.R1), label(rating, "B", Answer.R9)]
    assert raters_agreement(both, [*ASKED, rating]) == raters_agreement(labels_of(PUBLISHED), ASKED)


def test_two_raters_by_hand() -> None:
    # Ten units, nine alike: o(first, second) = 1 twice, n(first) = 11, n(second) = 9.
    table = {"Ann": "1111122222", "Bob": "1111112222"}
    found = raters_agreement(labels_of(table), ASKED)
    assert found.alpha == pytest.approx(1 - 19 * 2 / (2 * 11 * 9))
    assert found.interval is not None
    assert found.interval[0] <= found.alpha <= found.interval[1]


@settings(max_examples=40)
@given(st.dictionaries(st.tuples(st.sampled_from("ABC"), st.integers(0, 14)), ANSWERS, max_size=45))
def test_alpha_is_what_the_definition_says(given_answers: dict[tuple[str, int], Answer]) -> None:
    labels = [label(ASKED[unit], rater, answer) for (rater, unit), answer in given_answers.items()]
    found, expected = raters_agreement(labels, ASKED), nominal_alpha(units_of(labels))
    if expected is None:
        assert found.alpha is None
        assert found.reason
        assert found.interval is None
    else:
        assert found.alpha == pytest.approx(float(expected), abs=1e-12)
        assert found.interval is None or found.interval[0] <= found.interval[1] <= 1


@settings(max_examples=20)
@given(st.lists(st.tuples(ANSWERS, ANSWERS), min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_neither_order_nor_names_matter(pairs: list[tuple[Answer, Answer]], dice: object) -> None:
    labels = [
        label(ASKED[unit], rater, answer)
        for unit, both in enumerate(pairs)
        for rater, answer in zip("AB", both, strict=True)
    ]
    turned = [each.model_copy(update={"rater": {"A": "zoe", "B": "yan"}[each.rater]}) for each in labels]
    dice.shuffle(turned)  # type: ignore[attr-defined]
    assert raters_agreement(turned, ASKED).alpha == pytest.approx(raters_agreement(labels, ASKED).alpha)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ({}, "nobody has answered"),
        ({"A": "12"}, "it takes two raters"),
        ({"A": "1*", "B": "*2"}, "no item was answered by two raters"),
        ({"A": "11", "B": "11"}, "all answers are the same"),
    ],
)
def test_where_there_is_no_alpha_it_says_why(table: dict[str, str], reason: str) -> None:
    found = raters_agreement(labels_of(table), ASKED)
    assert (found.alpha, found.interval, found.reason) == (None, None, reason)


def test_labels_of_other_questions_are_left_out() -> None:
    labels = [*labels_of({"A": "12", "B": "12"}), label(question(99), "C", Answer.FIRST)]
    assert raters_agreement(labels, ASKED).raters == ("A", "B")


@given(st.lists(ANSWERS, max_size=7))
def test_the_majority_is_what_most_say(answers: list[Answer]) -> None:
    labels = [label(ASKED[0], f"rater {number}", answer) for number, answer in enumerate(answers)]
    assert majority(labels) is ((most(answers) if answers else None) or Answer.CANNOT_TELL)


def test_an_even_split_is_no_majority() -> None:
    for one, other in product(FOUR, FOUR):
        said = majority([label(ASKED[0], "A", one), label(ASKED[0], "B", other)])
        assert said is (one if one is other else Answer.CANNOT_TELL)
