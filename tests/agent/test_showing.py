"""From two sights to one outcome: the downstream rule, every combination of it."""

from itertools import product

import pytest

from faultfinder.agent.pictures.showing import is_wrong, outcome_of
from faultfinder.memory.picture_records import Seen, Side, Sight
from faultfinder.memory.records import Outcome

RULE = {
    (Seen.FIRST, Seen.SECOND): Outcome.PASS,
    (Seen.FIRST, Seen.CANNOT_TELL): Outcome.UNSCORABLE,
    (Seen.CANNOT_TELL, Seen.SECOND): Outcome.UNSCORABLE,
    (Seen.CANNOT_TELL, Seen.CANNOT_TELL): Outcome.UNSCORABLE,
}
"""What is not named here fails: one picture at least shows the other prompt, or neither."""


@pytest.mark.parametrize(("first", "second"), list(product(Seen, Seen)))
def test_a_pair_fails_as_soon_as_one_picture_shows_the_other_prompt_or_neither(first, second):
    shown = outcome_of({Side.A: Sight(seen=first), Side.B: Sight(seen=second)})
    assert shown.outcome is RULE.get((first, second), Outcome.FAIL)
    assert shown.reason


def test_a_refusal_is_neither_pass_nor_fail_whatever_else_is_seen():
    shown = outcome_of({Side.A: Sight(seen=Seen.SECOND)}, "no guns")
    assert (shown.outcome, shown.reason) == (Outcome.UNSCORABLE, "the generator refused: no guns")


def test_one_wrong_picture_is_enough_and_one_right_one_is_not():
    assert outcome_of({Side.B: Sight(seen=Seen.NEITHER)}).outcome is Outcome.FAIL
    assert outcome_of({Side.B: Sight(seen=Seen.SECOND)}).outcome is Outcome.UNSCORABLE
    assert outcome_of({}).outcome is Outcome.UNSCORABLE


def test_the_reason_says_which_picture_shows_what():
    shown = outcome_of({Side.A: Sight(seen=Seen.SECOND, reason="two dogs"), Side.B: Sight(seen=Seen.NEITHER)})
    assert shown.reason == (
        "the first picture shows the other prompt (two dogs); the second picture shows neither prompt"
    )
    assert len(outcome_of({Side.A: Sight(seen=Seen.NEITHER, reason="x" * 9000)}).reason) == 500


@pytest.mark.parametrize(
    ("side", "seen", "wrong"),
    [
        (Side.A, Seen.FIRST, False),
        (Side.A, Seen.SECOND, True),
        (Side.B, Seen.FIRST, True),
        (Side.B, Seen.SECOND, False),
        (Side.B, Seen.NEITHER, True),
        (Side.B, Seen.CANNOT_TELL, False),
    ],
)
def test_what_is_wrong_depends_on_whose_prompt_it_was(side, seen, wrong):
    assert is_wrong(side, Sight(seen=seen)) is wrong
