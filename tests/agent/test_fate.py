"""What has become of a failure: the rule, its guard against silence, and how often it errs."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.agent.suites.fate import Fate, rule
from faultfinder.memory.records import Outcome
from tests.support.sample_audit import OUTCOMES

LETTERS = st.text(alphabet="fpue", min_size=1, max_size=60)


def fate(now: str, before: str = "") -> Fate:
    return rule(outcomes(before or "f" * len(now)), outcomes(now)).fate


def outcomes(letters: str) -> list[Outcome]:
    return [OUTCOMES[letter] for letter in letters]


@pytest.mark.parametrize(
    ("now", "says"),
    [
        ("p" * 40, Fate.FIXED),
        ("p" * 27 + "f" * 13, Fate.FIXED),
        ("p" * 26 + "f" * 14, Fate.UNCLEAR),
        ("p" * 20 + "f" * 20, Fate.UNCLEAR),
        ("p" * 13 + "f" * 27, Fate.FAILS),
        ("f" * 40, Fate.FAILS),
        ("u" * 40, Fate.UNCLEAR),
        ("p" * 4, Fate.UNCLEAR),  # 4 of 4 better: p = 1/16, four probes show nothing
        ("p" * 5, Fate.FIXED),
    ],
)
def test_the_interval_decides(now: str, says: Fate) -> None:
    assert fate(now) is says


def test_what_failed_no_more_often_before_is_not_fixed() -> None:
    assert fate("p" * 20, before="p" * 20) is Fate.UNCLEAR


def test_silence_counts_against_what_is_to_be_shown() -> None:
    assert fate("p" * 27 + "u" * 13) is Fate.FIXED
    assert fate("p" * 26 + "u" * 14) is Fate.UNCLEAR
    assert fate("f" * 27 + "e" * 13) is Fate.FAILS
    assert fate("f" * 26 + "e" * 14) is Fate.UNCLEAR


@given(now=LETTERS, place=st.integers(0, 59))
def test_losing_a_case_never_settles_anything(now: str, place: int) -> None:
    lost = now[: place % len(now)] + "u" + now[place % len(now) + 1 :]
    assert fate(lost) in (fate(now), Fate.UNCLEAR)


@given(now=LETTERS)
def test_the_reason_holds_the_numbers(now: str) -> None:
    said = rule(outcomes("f" * len(now)), outcomes(now)).reason
    scored = now.count("f") + now.count("p")
    assert f"{now.count('f')} of {scored} probes fail" in said or (not scored and str(len(now)) in said)


def test_a_failure_that_still_happens_every_other_time_is_called_fixed_in_about_one_case_in_forty() -> None:
    wrongly = [
        sum(comb(n, k) for k in range(n + 1) if fate("f" * k + "p" * (n - k)) is Fate.FIXED) / 2**n
        for n in range(5, 101)
    ]
    assert max(wrongly) < 0.04
    assert sum(wrongly) / len(wrongly) < 0.025
