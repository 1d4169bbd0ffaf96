"""Wilson's interval over any count, against scipy's over whole ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from faultfinder.tools.intervals import wilson

Z = float(norm.ppf(0.975))


@given(st.integers(1, 500), st.data())
def test_it_is_scipys_where_counts_are_whole(n, data):
    hits = data.draw(st.integers(0, n))
    known = binomtest(hits, n).proportion_ci(confidence_level=0.95, method="wilson")
    assert wilson(hits / n, n, Z) == pytest.approx((known.low, known.high), abs=1e-9)


@given(st.floats(0, 1), st.floats(0.01, 1e4), st.floats(0.1, 6))
def test_it_holds_the_rate_and_narrows_with_more(rate, n, z):
    low, high = wilson(rate, n, z)
    assert -1e-9 <= low <= rate + 1e-9
    assert rate - 1e-9 <= high <= 1 + 1e-9
    more = wilson(rate, 4 * n, z)
    assert more[1] - more[0] <= high - low + 1e-9


def test_nothing_counted_says_nothing():
    assert wilson(0.3, 0, 2) == (0.0, 1.0)
