"""The bar and the severity: what they promise of any scores."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.memory.errors import OptionError
from faultfinder.tools.tasks.wobble import FEWEST, Wobble

scores = st.lists(st.floats(0, 1), min_size=FEWEST, max_size=60).map(np.array)


@given(scores, scores)
def test_at_most_one_in_twenty_harmless_answers_fails_and_severity_falls_with_the_score(one, other):
    low, high = sorted((one, other), key=np.mean)
    if np.mean(high) - np.mean(low) < 1e-3:
        return
    wobble = Wobble.measured(high, low)
    assert sum(map(wobble.fails, high)) <= len(high) / 20
    severities = [wobble.severity(score) for score in np.linspace(0, 1, 11)]
    assert all(0 <= s <= 1 for s in severities)
    assert all(b <= a + 1e-9 for a, b in pairwise(severities))


def test_the_severity_is_the_posterior_where_that_is_known():
    """Two normal distributions of one width: the odds are logistic, with slope (m1 - m0) / s^2."""
    dice = np.random.default_rng(0)
    wobble = Wobble.measured(dice.normal(0.7, 0.15, 20_000), dice.normal(0.4, 0.15, 20_000))
    assert wobble.slope == pytest.approx(0.3 / 0.15**2, rel=0.05)
    assert wobble.severity(0.55) == pytest.approx(0.5, abs=0.01)


def test_answers_that_never_vary_make_a_bar_of_1_and_a_sure_scale():
    wobble = Wobble.measured(np.ones(40), np.zeros(40))
    assert wobble.bar == 1
    assert wobble.fails(0.99)
    assert not wobble.fails(1 - 1e-9)
    assert wobble.severity(1.0) < 0.05 < 0.95 < wobble.severity(0.0)


def test_a_fixed_bar_is_taken_instead():
    assert Wobble.measured(np.ones(40), np.zeros(40), bar=0.1).bar == 0.1


@pytest.mark.parametrize(
    ("harmless", "foreign", "message"),
    [
        (np.ones(5), np.zeros(40), "5 harmless variations and 40 answers to other texts are too few"),
        (np.full(40, 0.3), np.full(40, 0.3), r"score 0\.30 on average, its answers to other texts 0\.30"),
    ],
)
def test_what_cannot_be_judged_is_said(harmless, foreign, message):
    with pytest.raises(OptionError, match=message):
        Wobble.measured(harmless, foreign)
