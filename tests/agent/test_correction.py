"""A judge's errors measured and taken out of a failure rate: the formulas, their coverage, and where they end."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.agent.judge import wilson
from faultfinder.agent.pictures.correction import JudgeQuality, compare_with_truth, rogan_gladen
from faultfinder.memory.records import Outcome

FAIL, PASS, UNSCORABLE = Outcome.FAIL, Outcome.PASS, Outcome.UNSCORABLE


def quality(found: int, failing: int, cleared: int, passing: int) -> JudgeQuality:
    """Return a judge that found so many of the failing pairs, and cleared so many of the passing ones."""
    judged = [FAIL] * found + [PASS] * (failing - found) + [PASS] * cleared + [FAIL] * (passing - cleared)
    return compare_with_truth(judged, [FAIL] * failing + [PASS] * passing)


def test_a_judge_is_compared_pair_by_pair():
    judged = [FAIL, FAIL, PASS, PASS, PASS, UNSCORABLE, FAIL, Outcome.ERROR]
    truth = [FAIL, PASS, PASS, PASS, FAIL, FAIL, UNSCORABLE, PASS]
    found = compare_with_truth(judged, truth)
    assert (found.sensitivity.value, found.sensitivity.n) == (1 / 2, 2)
    assert (found.specificity.value, found.specificity.n) == (2 / 3, 3)
    assert (found.agreement.value, found.agreement.n) == (3 / 5, 5)
    assert found.undecided == 3
    assert found.agreement.interval == wilson(3, 5)


def test_judged_and_true_belong_together():
    with pytest.raises(ValueError, match="shorter"):
        compare_with_truth([FAIL], [])


@given(st.lists(st.tuples(st.sampled_from(Outcome), st.sampled_from(Outcome)), max_size=40))
def test_every_pair_is_counted_once(pairs):
    found = compare_with_truth([said for said, _ in pairs], [true for _, true in pairs])
    assert found.sensitivity.n + found.specificity.n + found.undecided == len(pairs)
    assert found.agreement.n == found.sensitivity.n + found.specificity.n


@pytest.mark.parametrize(
    ("rate", "judge", "corrected"),
    [
        (0.30, (18, 20, 16, 20), 0.142857),  # (0.30 + 0.8 - 1) / (0.9 + 0.8 - 1) = 0.1 / 0.7
        (0.62, (18, 20, 16, 20), 0.6),  # (0.62 + 0.8 - 1) / 0.7
        (0.25, (40, 50, 45, 50), 0.214286),  # 0.15 / 0.7
        (0.50, (20, 20, 20, 20), 0.5),  # a judge without errors changes nothing
        (0.05, (18, 20, 16, 20), 0.0),  # fewer alarms than its false ones: none is left
        (0.99, (18, 20, 16, 20), 1.0),
    ],
)
def test_rogan_and_gladens_estimate_by_hand(rate, judge, corrected):
    found = rogan_gladen(rate, 100, quality(*judge))
    assert found.rate == pytest.approx(corrected, abs=1e-6)
    low, high = found.interval
    assert 0 <= low <= found.rate <= high <= 1


@pytest.mark.parametrize(
    ("rate", "interval"),
    [
        # p = 63.9207/103.8415 = .615561, Se = 19/22, Sp = 17/22, gain .636364: centre .610167, shift .001186,
        # variances .00227892, .00535312, .00798272: spread .116382, reach .228105
        (0.62, (0.38325, 0.83946)),
        # p = .307399: centre .125912, shift -.048430, spread .142595, reach .279480; cut off at 0
        (0.30, (0.0, 0.35696)),
    ],
)
def test_lang_and_reiczigels_interval_by_hand(rate, interval):
    assert rogan_gladen(rate, 100, quality(18, 20, 16, 20)).interval == pytest.approx(interval, abs=2e-5)


@given(
    st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(1, 200), st.data()
)  # fmt: skip
def test_a_corrected_rate_is_a_rate_inside_its_interval_or_says_why_not(found, missed, cleared, alarms, n, data):
    fails = data.draw(st.integers(0, n))
    corrected = rogan_gladen(fails / n, n, quality(found, found + missed, cleared, cleared + alarms))
    if corrected.rate is None:
        assert corrected.interval is None
        assert corrected.reason
    else:
        low, high = corrected.interval
        assert 0 <= low <= corrected.rate <= high <= 1
        assert not corrected.reason


@pytest.mark.parametrize(
    ("judge", "said"),
    [
        ((0, 0, 30, 30), "people have seen no failing, or no passing, pair"),
        ((30, 30, 0, 0), "people have seen no failing, or no passing, pair"),
        ((15, 30, 15, 30), "no better than chance"),
        ((0, 30, 0, 30), "no better than chance"),
        ((2, 2, 2, 2), "no better than chance"),
    ],
)
def test_where_nothing_can_be_corrected_the_reason_is_said(judge, said):
    found = rogan_gladen(0.4, 50, quality(*judge))
    assert (found.rate, found.interval) == (None, None)
    assert said in found.reason


def test_nothing_judged_nothing_corrected():
    assert rogan_gladen(0.0, 0, quality(20, 20, 20, 20)).rate is None


@pytest.mark.parametrize(
    ("true", "se", "sp", "n", "sample"),
    [(0.5, 0.9, 0.9, 80, 40), (0.2, 0.8, 0.95, 80, 40), (0.8, 0.85, 0.75, 60, 60), (0.05, 0.9, 0.9, 100, 50)],
)
def test_the_interval_holds_the_true_rate_about_as_often_as_it_says_and_the_estimate_is_nearer(true, se, sp, n, sample):
    draw = np.random.default_rng(11)
    held, raw_error, error, rounds = 0, [], [], 1500
    for _ in range(rounds):
        raw = draw.binomial(n, true * se + (1 - true) * (1 - sp)) / n
        judge = quality(int(draw.binomial(sample, se)), sample, int(draw.binomial(sample, sp)), sample)
        found = rogan_gladen(raw, n, judge)
        assert found.rate is not None
        low, high = found.interval
        held += low <= true <= high
        raw_error.append(raw - true)
        error.append(found.rate - true)
    assert 0.93 <= held / rounds <= 1.0
    assert abs(np.mean(error)) < max(abs(np.mean(raw_error)) / 2, 0.02), "the correction takes the bias out"
