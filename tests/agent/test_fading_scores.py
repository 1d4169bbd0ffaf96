"""What a score is, and when a guarded one has fallen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.agent.fading.records import Keeping
from faultfinder.agent.fading.scoring import Scored, change, compare, estimate, fallen, keeping
from faultfinder.agent.judge import wilson

VALUES = st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=200)
PAIRED = st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.5, 1.0])), min_size=1)


@given(st.integers(1, 500), st.integers(0, 500))
def test_an_estimate_is_wilsons(n: int, hits: int) -> None:
    hits = min(hits, n)
    found = estimate(np.array([1.0] * hits + [0.0] * (n - hits)))
    assert (found.low, found.high) == pytest.approx(wilson(hits, n), abs=1e-9)


@given(PAIRED)
def test_a_change_turned_round_is_its_opposite(pairs: list[tuple[float, float]]) -> None:
    before, after = (np.array(side) for side in zip(*pairs, strict=True))
    one, other = change(before, after), change(after, before)
    assert one.value == pytest.approx(-other.value)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
    assert one.low <= one.high


@given(VALUES)
def test_no_change_is_never_a_fall_and_is_shown_only_by_many_cases(values: list[float]) -> None:
    same = change(np.array(values), np.array(values))
    assert same.value == 0
    assert keeping(same, 0.02) is Keeping.OPEN, "at most 200 cases cannot exclude a drop of 0.02"
    assert keeping(same, 0.5) is (Keeping.KEPT if same.low >= -0.5 else Keeping.OPEN)


def test_many_unchanged_cases_show_that_a_score_is_kept() -> None:
    same = np.ones(500)
    assert keeping(change(same, same), 0.02) is Keeping.KEPT


@pytest.mark.parametrize(
    ("lost", "won", "outcome"),
    [(30, 0, Keeping.FELL), (9, 0, Keeping.OPEN), (60, 45, Keeping.OPEN), (0, 30, Keeping.KEPT)],
    ids=["deep and sure", "sure but within the guard", "deep enough but perhaps chance", "better"],
)
def test_a_fall_is_deeper_than_the_guard_and_no_chance(lost: int, won: int, outcome: Keeping) -> None:
    before = np.array([1.0] * lost + [0.0] * won + [1.0] * (500 - lost - won))
    after = np.array([0.0] * lost + [1.0] * won + [1.0] * (500 - lost - won))
    assert keeping(change(before, after), 0.02) is outcome


def test_the_failures_own_score_is_not_guarded_and_the_deepest_fall_comes_first() -> None:
    up, down, deep = np.ones(300), np.repeat([0.0, 1.0], [60, 240]), np.zeros(300)
    before = {"the failure": Scored("failure", up), "a": Scored("two-way", up), "b": Scored("retrieval", up)}
    after = {"the failure": Scored("failure", deep), "a": Scored("two-way", down), "b": Scored("retrieval", deep)}
    assert [score.name for score in fallen(compare(before, after, 0.02))] == ["b", "a"]
