"""The join against brute force: the same pairs, the same similarities, whatever the vectors."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from faultfinder.tools.join import join


def brute_force(vectors, threshold):
    wide = vectors.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1)
    lengths[lengths == 0] = np.inf
    cosines = (wide @ wide.T / np.outer(lengths, lengths)).astype(np.float32)
    rows, columns = np.nonzero(np.triu(cosines >= np.float32(threshold), k=1))
    return {(i, j): cosines[i, j] for i, j in zip(rows.tolist(), columns.tolist(), strict=True)}


def as_dict(result):
    return dict(zip(zip(result.rows.tolist(), result.columns.tolist(), strict=True), result.similarities, strict=True))


def assert_exact(vectors, threshold):
    result, truth = join(vectors, threshold), brute_force(vectors, threshold)
    found = as_dict(result)
    assert found.keys() == truth.keys()
    assert result.total == len(result) == len(truth)
    assert all(abs(found[pair] - truth[pair]) <= 1e-7 for pair in truth)
    assert (np.diff(result.similarities) <= 0).all()
    return result


def clustered(rng, n, d, spread):
    """Points about a few centres, more spread along the first axes than along the last, as embeddings are."""
    centres = rng.standard_normal((max(1, n // 8), d))
    points = centres[rng.integers(len(centres), size=n)] + spread * rng.standard_normal((n, d))
    return (points / np.arange(1, d + 1) ** 0.5).astype(np.float32)


@given(
    n=st.integers(0, 90),
    d=st.integers(1, 160),
    seed=st.integers(0, 2**32 - 1),
    spread=st.sampled_from([0.0, 0.01, 0.3, 3.0]),
    threshold=st.floats(-1, 1, width=32),
)
@example(n=0, d=3, seed=0, spread=0.3, threshold=0.9)
@example(n=1, d=1, seed=0, spread=0.3, threshold=0.9)
@example(n=60, d=1, seed=0, spread=0.3, threshold=1.0)
@example(n=60, d=2, seed=0, spread=0.0, threshold=-1.0)
def test_same_pairs_as_brute_force(n, d, seed, spread, threshold):
    assert_exact(clustered(np.random.default_rng(seed), n, d, spread), threshold)


@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 3), d=st.integers(1, 12))
def test_threshold_at_an_exact_similarity(seed, steps, d):
    lattice = np.random.default_rng(seed).integers(-steps, steps + 1, size=(50, d)).astype(np.float32)
    attained = sorted(set(brute_force(lattice, -1).values()))
    for threshold in attained[:: max(1, len(attained) // 4)]:
        assert_exact(lattice, float(threshold))


def test_equal_and_scaled_rows_have_cosine_one():
    row = np.random.default_rng(0).standard_normal(384).astype(np.float32)
    result = join(np.stack([row, 3 * row, row, -row, 0 * row]), 1.0)
    assert as_dict(result) == {(0, 1): 1.0, (0, 2): 1.0, (1, 2): 1.0}


@pytest.mark.parametrize(("threshold", "spread", "ruled_out"), [(0.9, 0.3, 0.9), (0.5, 1.0, 0.0), (0.99, 0.1, 0.9)])
def test_many_tiles(threshold, spread, ruled_out):
    vectors = clustered(np.random.default_rng(1), 3000, 200, spread)
    result = assert_exact(vectors, threshold)
    assert 0 < result.total < len(vectors) ** 2 / 20
    assert result.checked < (1 - ruled_out) * len(vectors) ** 2


@pytest.mark.parametrize("threshold", [1.0, 0.5])
def test_all_rows_equal_are_counted_but_not_kept(threshold):
    vectors = np.tile(np.random.default_rng(0).standard_normal(64).astype(np.float32), (3000, 1))
    result = join(vectors, threshold, most=1000)
    assert len(result) == 1000
    assert result.total == 3000 * 2999 // 2
    assert set(result.similarities.tolist()) == {1.0}


@given(st.integers(0, 2**32 - 1), st.integers(0, 200))
def test_the_highest_are_kept(seed, most):
    vectors = np.random.default_rng(seed).standard_normal((40, 5)).astype(np.float32)
    whole, part = join(vectors, 0.2), join(vectors, 0.2, most=most)
    assert part.total == whole.total
    assert as_dict(part) == dict(list(as_dict(whole).items())[:most])


def test_only_pairs_to_be_kept_take_up_room():
    vectors = np.random.default_rng(0).standard_normal((300, 6)).astype(np.float32)
    even = join(vectors, 0.3, most=50, keep=lambda rows, columns, _: (rows + columns) % 2 == 0)
    whole = join(vectors, 0.3)
    expected = [pair for pair in as_dict(whole) if sum(pair) % 2 == 0][:50]
    assert list(as_dict(even)) == expected
    assert even.total == whole.total


def test_refuses_what_has_no_answer():
    with pytest.raises(ValueError, match="finite"):
        join(np.full((3, 2), np.nan, np.float32), 0.9)
    with pytest.raises(ValueError, match="threshold"):
        join(np.ones((3, 2), np.float32), 1.5)
