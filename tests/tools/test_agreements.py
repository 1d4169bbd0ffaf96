"""Agreements: pairs the target places together and the reference apart, without those that are no news."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.tools.agreements import find_agreements
from faultfinder.tools.corpora import Corpus


def unit(rows):
    rows = np.asarray(rows, np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def corpus_of(texts, groups=None):
    return Corpus("test", tuple(texts), tuple(groups or [None] * len(texts)))


TEXTS = ["a dog left of a car", "a dog right of a car", "a cat asleep", "a cat awake", "a cat awake!", "A  Cat Awake"]
BLIND = unit([[1, 0.1, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0.1], [0, 1, 0.1], [0, 1, 0.1]])
SEEING = unit([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [1, 1, 1], [1, 1, 1]])


def found(**options):
    options = {"corpus": corpus_of(TEXTS), "target": BLIND, "reference": SEEING, "threshold": 0.9} | options
    return [(pair.a, pair.b) for pair in find_agreements(**options)]


def test_pairs_apart_for_the_reference_most_similar_first():
    pairs = find_agreements(corpus_of(TEXTS), BLIND, SEEING, 0.9)
    assert (pairs[0].a, pairs[0].b) == (TEXTS[0], TEXTS[1])
    similarities = [pair.target_similarity for pair in pairs]
    assert similarities == sorted(similarities, reverse=True)
    assert all(p.target_similarity >= 0.9 and p.target_similarity - p.reference_similarity > 0.2 for p in pairs)
    assert len(pairs) == 4


def test_spellings_are_no_news():
    assert found(reference=None, threshold=0.99999) == []
    assert (TEXTS[3], TEXTS[4]) not in found(reference=None)
    assert (TEXTS[2], TEXTS[3]) in found(reference=None)
    assert found(corpus=corpus_of(["!", "?"]), target=BLIND[3:5], reference=None) == [("!", "?")]


def test_texts_of_one_group_are_no_news():
    groups = ["1", "1", "2", "3", "3", "3"]
    assert (TEXTS[0], TEXTS[1]) not in found(corpus=corpus_of(TEXTS, groups))
    assert (TEXTS[2], TEXTS[3]) in found(corpus=corpus_of(TEXTS, groups))


def test_gap_and_limit():
    assert found(gap=0.99) == [(TEXTS[0], TEXTS[1])]
    assert len(found(most=2)) == 2
    assert found(most=2) == found()[:2]


def test_domain_words_steer_in_any_inflection():
    assert found(domain=["cars"]) == [(TEXTS[0], TEXTS[1])]
    assert found(domain=["cats and kittens"]) == found()[1:]
    assert found(domain=["waking", "carrot"]) == []
    assert found(domain=["", "!"]) == found()


def test_nothing_to_pair():
    assert find_agreements(corpus_of([]), np.empty((0, 3), np.float32), None, 0.5) == []
    assert find_agreements(corpus_of(["a"]), BLIND[:1], SEEING[:1], 0.5) == []


@given(st.integers(0, 2**32 - 1))
def test_no_more_and_no_less_than_the_definition(seed):
    rng = np.random.default_rng(seed)
    target, reference = unit(rng.standard_normal((30, 3))), unit(rng.standard_normal((30, 4)))
    groups = [str(group) for group in rng.integers(12, size=30)]
    corpus = corpus_of([f"text {number}" for number in range(30)], groups)
    expected = {
        (corpus.texts[i], corpus.texts[j])
        for i in range(30)
        for j in range(i + 1, 30)
        if target[i] @ target[j] >= 0.7 and target[i] @ target[j] - reference[i] @ reference[j] > 0.2
        if groups[i] != groups[j]
    }
    assert {(pair.a, pair.b) for pair in find_agreements(corpus, target, reference, 0.7)} == expected
