"""The linear algebra, against the textbook's formulas solved directly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.tools.explorers.posterior import Narrowing, Posterior, narrowed


def _observations(seed: int, size: int, blocks: int) -> list[tuple[np.ndarray, np.ndarray]]:
    dice = np.random.default_rng(seed)
    return [(dice.normal(size=(n, size)), dice.normal(size=n)) for n in dice.integers(1, 6, size=blocks)]


seeds, sizes = st.integers(0, 10_000), st.integers(1, 12)


@given(seed=seeds, size=sizes, blocks=st.sampled_from([0, 1, 5, 70]), noise=st.floats(0.01, 2.0))
def test_belief_is_that_of_ridge_regression(seed, size, blocks, noise):
    prior = np.random.default_rng(seed).uniform(0.1, 2.0, size)
    posterior = Posterior(prior, noise)
    seen = _observations(seed, size, blocks)
    for rows, values in seen:
        posterior.update(rows, values)
    every = np.concatenate([rows for rows, _ in seen]) if seen else np.zeros((0, size))
    answers = np.concatenate([values for _, values in seen]) if seen else np.zeros(0)
    precision = np.diag(1 / prior) + every.T @ every / noise
    np.testing.assert_allclose(posterior.covariance, np.linalg.inv(precision), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(
        posterior.mean, np.linalg.solve(precision, every.T @ answers / noise), rtol=1e-6, atol=1e-7
    )


@given(seed=seeds, size=sizes)
def test_observing_narrows_and_the_order_does_not_matter(seed, size):
    (one, _), (other, _) = _observations(seed, size, 2)
    start = np.diag(np.random.default_rng(seed).uniform(0.1, 2.0, size))
    both = narrowed(narrowed(start, one, 0.3), other, 0.3)
    np.testing.assert_allclose(both, narrowed(narrowed(start, other, 0.3), one, 0.3), atol=1e-9)
    assert np.linalg.eigvalsh(start - both).min() >= -1e-9
    assert np.linalg.eigvalsh(both).min() >= -1e-9


@given(seed=seeds, count=st.integers(1, 4), size=st.integers(1, 4))
def test_narrowing_by_assumed_observations_is_narrowing_by_real_ones(seed, count, size):
    posterior = Posterior(np.random.default_rng(seed).uniform(0.1, 2.0, count * size), 0.2)
    seen = _observations(seed, count * size, 3)
    for rows, values in seen[:2]:
        posterior.update(rows, values)
    belief, covariance = Narrowing(posterior), posterior.covariance
    for row in seen[2][0]:
        belief.assume(row)
        covariance = narrowed(covariance, row[None], 0.2)
    actions, given_input = seen[0][0][:, :count], seen[1][0][0, :size]
    joint = np.einsum("ak,m->akm", actions, given_input).reshape(len(actions), -1)
    expected = np.einsum("ai,ij,aj->a", joint, covariance, joint)
    np.testing.assert_allclose(belief.variances(actions, given_input), expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("reach", [1.0, 0.3])
def test_draws_are_spread_as_the_belief_says(reach):
    posterior = Posterior(np.array([1.0, 0.5]), 0.1)
    posterior.update(np.array([[1.0, 0.5], [0.3, -1.0]]), np.array([0.7, 0.2]))
    draws = posterior.draws(20_000, np.random.default_rng(0), reach)
    np.testing.assert_allclose(draws.mean(axis=0), posterior.mean, atol=0.01)
    np.testing.assert_allclose(np.cov(draws.T), reach**2 * posterior.covariance, atol=0.005)
