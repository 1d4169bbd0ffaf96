import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.tools.actions.space import ActionSpace, Factor
from faultfinder.tools.explorers.features import StateFeatures, action_features

MIXED = ActionSpace(
    [
        Factor("rotation", (-10.0, -5.0, 0.0, 5.0, 10.0), "rotated by {level}"),
        Factor("place", ("kitchen", "street", "forest"), "in the {level}"),
    ]
)


def _correlation(space: ActionSpace) -> np.ndarray:
    features = action_features(space, len(space))
    return features @ features.T


def test_every_action_has_the_same_prior_variance():
    np.testing.assert_allclose(np.diag(_correlation(MIXED)), 1.0, atol=1e-9)


def test_neighbouring_levels_share_more_than_distant_ones_and_names_share_alike():
    between = _correlation(MIXED).reshape(5, 3, 5, 3)
    assert between[0, 0, 1, 0] > between[0, 0, 2, 0] > between[0, 0, 4, 0] > 0
    assert between[0, 0, 0, 1] == pytest.approx(between[0, 0, 0, 2])


@given(levels=st.lists(st.integers(1, 6), min_size=1, max_size=4), most=st.integers(1, 60))
def test_fewer_features_keep_the_best_of_the_whole(levels, most):
    """No features of that number come nearer to the whole covariance (Eckart and Young 1936)."""
    space = ActionSpace([Factor(f"f{n}", tuple(range(count)), "{level}") for n, count in enumerate(levels)])
    whole, few = _correlation(space), action_features(space, most)
    values = np.sort(np.linalg.eigvalsh(whole))[::-1]
    assert few.shape[0] == len(space)
    assert few.shape[1] <= most
    left = np.linalg.eigvalsh(whole - few @ few.T)
    np.testing.assert_allclose(left.max(), [*values, 0.0][min(most, len(values))], atol=1e-7)


def test_a_space_of_thousands_of_actions_is_no_trouble():
    wide = ActionSpace([Factor(f"f{n}", tuple(range(17)), "{level}") for n in range(3)])
    assert action_features(wide).shape == (4_913, 48)


@given(seed=st.integers(0, 1_000), count=st.integers(1, 30))
def test_inputs_are_seen_by_their_main_directions(seed, count):
    states = np.random.default_rng(seed).normal(size=(count, 9)).astype(np.float32)
    seen = StateFeatures.of(states, 4)
    features = seen(states)
    assert features.shape == (count, 1 + min(4, max(count - 1, 0)))
    np.testing.assert_array_equal(features[:, 0], 1.0)
    if count > 1:
        np.testing.assert_allclose((features[:, 1:] ** 2).sum(axis=1).mean(), 1.0, rtol=1e-5)


def test_inputs_that_are_all_alike_are_told_apart_by_nothing():
    states = np.ones((5, 3), dtype=np.float32)
    assert StateFeatures.of(states)(states).tolist() == [[1.0]] * 5
