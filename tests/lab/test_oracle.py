"""The oracle embeds meanings, exactly."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.lab.edits import ATTRIBUTES, draw_statement, edit
from faultfinder.lab.language import Phrasing, phrase, rewordings
from faultfinder.lab.oracle import DIMENSIONS, Oracle


@given(st.integers(0, 2**32))
def test_the_same_meaning_has_the_same_vector(seed):
    rng = Random(seed)
    text = phrase(draw_statement(rng), Phrasing.at_random(rng))
    rows = Oracle().embed_texts([text, *rewordings(text)])
    assert (rows == rows[0]).all()


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_a_minimal_edit_moves_the_vector(attribute):
    rng = Random(5)
    pairs = []
    while len(pairs) < 100:
        statement, phrasing = draw_statement(rng), Phrasing.at_random(rng)
        edited = edit(attribute, statement, rng)
        if edited is not None:
            pairs.append((phrase(statement, phrasing), phrase(edited, phrasing)))
    first, second = (Oracle().embed_texts(list(side)) for side in zip(*pairs, strict=True))
    assert np.einsum("nd,nd->n", first, second).max() <= 0.98


@given(st.lists(st.text(), max_size=5))
def test_any_text_has_a_unit_vector(texts):
    rows = Oracle().embed_texts(texts)
    assert rows.shape == (len(texts), DIMENSIONS)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, rtol=1e-5)
    assert np.array_equal(rows, Oracle().embed_texts(texts))


def test_the_order_of_words_counts_where_there_is_no_meaning():
    rows = Oracle().embed_texts(["dog bites man", "man bites dog"])
    assert rows[0] @ rows[1] < 0.98
