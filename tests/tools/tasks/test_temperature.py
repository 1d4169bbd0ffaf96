"""One temperature makes a classifier's answers probabilities that can be taken at their word."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax

from faultfinder.memory.errors import OptionError
from faultfinder.tools.tasks.temperature import (
    COLDEST,
    HOTTEST,
    Answers,
    calibration_error,
    fit_temperature,
    tempered,
)

logits = st.integers(2, 6).flatmap(
    lambda labels: arrays(np.float64, st.tuples(st.integers(1, 25), st.just(labels)), elements=st.floats(-30, 30))
)
temperatures = st.floats(COLDEST, HOTTEST)


@st.composite
def answers(draw):
    probabilities = softmax(draw(logits), axis=1).astype(np.float32)
    columns = st.frozensets(st.integers(0, probabilities.shape[1] - 1), min_size=1)
    return Answers(probabilities, [draw(columns) for _ in probabilities])


@given(logits)
def test_a_temperature_of_one_changes_nothing(raw):
    probabilities = softmax(raw, axis=1).astype(np.float32)
    np.testing.assert_allclose(tempered(probabilities, 1.0), probabilities, atol=1e-6)


@given(logits, temperatures)
def test_the_most_probable_label_stays_so(raw, temperature):
    probabilities = softmax(raw, axis=1)
    rows = tempered(probabilities, temperature)
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-9)
    best = probabilities.argmax(axis=1)
    np.testing.assert_allclose(rows[np.arange(len(rows)), best], rows.max(axis=1))


@given(logits, temperatures)
def test_it_is_the_temperature_of_the_logits(raw, temperature):
    bounded = np.clip(raw, -10, 10)  # where no probability is rounded away
    rows = tempered(softmax(bounded, axis=1), temperature)
    np.testing.assert_allclose(rows, softmax(bounded / temperature, axis=1), atol=1e-9)


@given(answers())
def test_what_it_is_fitted_on_never_gets_less_likely(given_answers):
    fitted = fit_temperature(given_answers)
    assert COLDEST * 0.99 <= fitted.value <= HOTTEST * 1.01
    assert fitted.nll_after <= fitted.nll_before + 1e-12
    assert 0 <= fitted.ece_before <= 1
    assert 0 <= fitted.ece_after <= 1


@pytest.mark.parametrize("true_temperature", [0.5, 1.0, 2.5, 6.0])
def test_an_overconfident_classifier_is_found_out(true_temperature):
    """Truths are drawn from the probabilities that the classifier would have at another temperature."""
    rng = np.random.default_rng(11)
    raw = rng.normal(0, 4, (60_000, 5))
    truth = (raw / true_temperature + rng.gumbel(size=raw.shape)).argmax(axis=1)
    fitted = fit_temperature(Answers(softmax(raw, axis=1), [frozenset({int(column)}) for column in truth]))
    assert fitted.value == pytest.approx(true_temperature, rel=0.04), "four standard errors"
    assert not fitted.at_bound
    assert fitted.ece_after < 0.03
    if true_temperature != 1:
        assert fitted.ece_after < fitted.ece_before / 2


def test_where_all_is_right_the_inputs_do_not_determine_it():
    rows = np.array([[0.7, 0.3], [0.4, 0.6]])
    fitted = fit_temperature(Answers(rows, [frozenset({0}), frozenset({1})]))
    assert fitted.at_bound
    assert fitted.value == pytest.approx(COLDEST, rel=0.01)
    assert fitted.accuracy == 1


def test_the_calibration_error_by_hand():
    """Two bins: of two answers at 0.9 one is right (gap 0.4), of two at 0.6 both are (gap 0.4)."""
    rows = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.4, 0.6]])
    right = [frozenset({0}), frozenset({1}), frozenset({0}), frozenset({1})]
    assert calibration_error(Answers(rows, right)) == pytest.approx(0.4)
    assert calibration_error(Answers(rows, right), bins=1) == pytest.approx(0.0), "one bin: 3 of 4, at 0.75 on average"


def test_a_probability_of_zero_for_the_truth_can_be_borne():
    fitted = fit_temperature(Answers(np.array([[1.0, 0.0], [1.0, 0.0]]), [frozenset({0}), frozenset({1})]))
    assert np.isfinite(fitted.nll_after)
    assert fitted.value > 1


@pytest.mark.parametrize(
    ("rows", "right"),
    [(np.zeros((0, 2)), []), (np.full((2, 2), 0.5), [frozenset({0})]), (np.full((1, 2), 0.5), [frozenset()])],
)
def test_answers_need_their_truth(rows, right):
    with pytest.raises(OptionError, match="fitted on answers with their truth"):
        Answers(rows, right)
