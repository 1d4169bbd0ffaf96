"""Metrics of texts: the numbers their papers and libraries give, from 0 to 1."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.memory.errors import OptionError
from faultfinder.tools.hashing import HashEncoder
from faultfinder.tools.tasks.metrics import METRICS, EmbeddingSimilarity, metric_named

ALL = [metric_named(name) for name in METRICS] + [EmbeddingSimilarity(HashEncoder())]
EACH = pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
FOX, LOG = "The quick brown fox jumps over the lazy dog", "The quick brown dog jumps on the log."


@EACH
@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40)), min_size=1, max_size=4))
def test_scores_lie_between_0_and_1_and_a_text_has_all_of_itself(metric, pairs):
    answers, truths = [a for a, _ in pairs], [b for _, b in pairs]
    scores = metric.scores(answers, truths)
    assert scores.shape == (len(pairs),)
    assert scores.dtype == np.float64
    assert ((scores >= 0) & (scores <= 1)).all()
    np.testing.assert_allclose(metric.scores(answers, answers), 1, atol=1e-6)


@EACH
def test_an_answer_with_a_word_wrong_beats_one_about_something_else(metric):
    near, far = metric.scores(["A small dog runs.", "Stocks fell on Monday."], ["A big dog runs."] * 2)
    assert 1 > near > far
    assert metric.formula


def test_rouge_l_is_that_of_the_reference_implementations_own_example():
    assert metric_named("rouge-l").scores([LOG], [FOX])[0] == pytest.approx(2 * (5 / 8) * (5 / 9) / (5 / 8 + 5 / 9))


def test_bleu_and_chrf_are_sacrebleus():
    import sacrebleu

    assert metric_named("bleu").scores([LOG], [FOX])[0] == pytest.approx(
        sacrebleu.sentence_bleu(LOG, [FOX]).score / 100
    )
    assert metric_named("chrf").scores([LOG], [FOX])[0] == pytest.approx(
        sacrebleu.sentence_chrf(LOG, [FOX]).score / 100
    )


def test_rouge_l_reads_every_script():
    assert metric_named("rouge-l").scores(["кошка спит", "été"], ["кошка ест", "ETE"]).tolist() == [0.5, 0.0]


def test_a_metric_is_named():
    assert metric_named("similarity", HashEncoder()).name == "similarity by hash"
    with pytest.raises(OptionError, match="'similarity' needs an encoder"):
        metric_named("similarity")
    with pytest.raises(OptionError, match="'meteor' is no metric; there are bleu, chrf, rouge-l"):
        metric_named("meteor")
