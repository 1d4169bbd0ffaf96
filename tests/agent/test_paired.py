"""McNemar's exact test and Holm's correction, against published figures and by their properties."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.agent.suites.paired import changed_p, fewer_p, holm


@pytest.mark.parametrize(
    ("worse", "better", "p"),
    [
        (0, 0, 1.0),
        (5, 5, 1.0),
        (0, 5, 2 / 32),
        (0, 6, 2 / 64),
        (1, 9, 2 * (1 + 10) / 1024),
        (12, 4, 0.076813),  # mcnemar.exact of R's exact2x2: 16 discordant pairs, 12 of one kind
    ],
)
def test_the_exact_test_gives_the_figures_that_are_known(worse: int, better: int, p: float) -> None:
    assert changed_p(worse, better) == pytest.approx(p, rel=1e-4)
    assert changed_p(better, worse) == changed_p(worse, better)


@given(worse=st.integers(0, 60), better=st.integers(0, 60))
def test_one_side_is_the_tail_of_the_binomial(worse: int, better: int) -> None:
    n = worse + better
    tail = sum(math.comb(n, k) for k in range(better, n + 1)) / 2**n
    assert fewer_p(worse, better) == pytest.approx(tail)


def test_holm_gives_the_textbook_figures() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_lies_between_no_correction_and_bonferroni_and_keeps_the_order(p_values: list[float]) -> None:
    corrected = holm(p_values)
    pairs = list(zip(p_values, corrected, strict=True))
    assert all(raw <= found <= min(1.0, len(p_values) * raw) + 1e-12 for raw, found in pairs)
    assert [found for _, found in sorted(pairs)] == sorted(corrected)
