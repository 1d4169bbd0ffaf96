"""Rewordings keep the sentence and never repeat it."""

from hypothesis import given
from hypothesis import strategies as st

from faultfinder.tools.rewording import TemplateRewriter


@given(st.text(max_size=80))
def test_every_rewording_holds_the_sentence_and_adds_to_it(text):
    rewordings = TemplateRewriter().rewordings(text)
    assert all(reworded.endswith(text) and reworded != text for reworded in rewordings)
    assert len(set(rewordings)) == len(rewordings) >= 3


def test_rewording_is_deterministic_and_reads_naturally():
    rewriter = TemplateRewriter()
    assert rewriter.rewordings("a red dog") == rewriter.rewordings("a red dog")
    assert "a photo of a red dog" in rewriter.rewordings("a red dog")


def test_most_rewordings_cost_less_than_one_exchanged_word():
    """A bag of words sees an added word as half an exchange; the median rewording adds one word."""
    added = sorted(len(reworded.split()) - 2 for reworded in TemplateRewriter().rewordings("two words"))
    assert added[len(added) // 2] == 1
