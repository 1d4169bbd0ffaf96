"""Neighbours: exact, nearest first, equal ones in the order of the corpus."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.tools.neighbours import Neighbours


@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_the_nearest_are_found(seed, k):
    vectors = np.random.default_rng(seed).standard_normal((30, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [f"text {number}" for number in range(30)]
    near = Neighbours(texts, vectors).of(vectors[7], k)
    assert len(near) == min(k, 30)
    assert near[0].text == "text 7"
    assert near[0].similarity == pytest.approx(1, abs=1e-6)
    assert [n.similarity for n in near] == sorted((vectors @ vectors[7]).tolist(), reverse=True)[:k]


def test_equal_ones_keep_the_order_of_the_corpus():
    vectors = np.tile(np.array([[1.0, 0.0]], np.float32), (4, 1))
    assert [n.text for n in Neighbours("abcd", vectors).of(vectors[0], 3)] == ["a", "b", "c"]


def test_refuses_texts_without_vectors():
    with pytest.raises(ValueError, match="3 texts, 2 vectors"):
        Neighbours("abc", np.ones((2, 2), np.float32))
