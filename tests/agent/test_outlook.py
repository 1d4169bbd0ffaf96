"""What an audit that explores expects of going on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.agent.explore.outlook import ENOUGH, outlook

PASSES = st.lists(st.integers(1, 6), max_size=20)


def test_nothing_is_said_before_a_whole_pass() -> None:
    early = outlook([1, 1], 0.9)
    assert early.hidden is None
    assert not early.enough


@given(PASSES, st.floats(1, 50))
def test_more_passes_in_vain_leave_less_hidden(found_in: list[int], passes: float) -> None:
    now, later = outlook(found_in, passes), outlook(found_in, passes + 1)
    assert now.hidden is not None
    assert later.hidden is not None
    assert 0 <= later.hidden <= now.hidden


@given(PASSES, st.floats(1, 50), st.floats(0.01, 100))
def test_an_hour_finds_no_more_than_all_hours(found_in: list[int], passes: float, an_hour: float) -> None:
    ahead = outlook(found_in, passes, an_hour)
    assert ahead.hour is not None
    assert ahead.ever is not None
    assert 0 <= ahead.hour <= ahead.ever + 1e-12 <= 1 + 1e-9


def test_ten_failures_all_found_at_once_are_probably_all_after_a_second_pass() -> None:
    assert not outlook([1] * 10, 1).enough
    assert outlook([1] * 10, 2).enough


def test_failures_that_keep_turning_up_late_say_that_more_are_hidden() -> None:
    ahead = outlook([1, 2, 3, 4, 5], 5)
    assert ahead.ever is not None
    assert ahead.ever > 0.5


def test_a_sound_model_is_let_go_after_three_passes() -> None:
    assert not outlook([], 2).enough
    ended = outlook([], 3)
    assert ended.enough
    assert ended.ever is not None
    assert ended.ever < ENOUGH


def test_passes_are_numbered_from_one() -> None:
    with pytest.raises(ValueError, match="numbered from 1"):
        outlook([0], 2)
