"""Judges made of judges."""

import pytest

from faultfinder.memory.records import Judgement, Meaning, TextPair
from faultfinder.tools.judges import FirstDecided, Unopposed


class Knows:
    """A judge that knows some words, and counts what it is asked."""

    def __init__(self, name, word, meaning):
        self.name, self.word, self.meaning = name, word, meaning
        self.asked = []

    def judge(self, pairs):
        self.asked += pairs
        decided = [self.meaning if self.word in pair.a else Meaning.UNDECIDED for pair in pairs]
        return [Judgement(meaning=meaning, reason=self.word, judge=self.name) for meaning in decided]


PAIRS = [TextPair(a="x", b="1"), TextPair(a="y", b="2"), TextPair(a="xy", b="3"), TextPair(a="z", b="4")]


def test_the_strongest_judge_that_decides_is_believed():
    strong, weak = Knows("strong", "x", Meaning.DIFFERENT), Knows("weak", "y", Meaning.SAME)
    both = FirstDecided([strong, weak])
    judgements = both.judge(PAIRS)
    assert [(j.meaning, j.judge) for j in judgements] == [
        (Meaning.DIFFERENT, "strong"),
        (Meaning.SAME, "weak"),
        (Meaning.DIFFERENT, "strong"),
        (Meaning.UNDECIDED, "weak"),
    ]
    assert weak.asked == [PAIRS[1], PAIRS[3]]
    assert both.name == "strong, else weak"


def test_weaker_judges_are_left_alone_where_all_is_decided():
    strong, weak = Knows("strong", "", Meaning.SAME), Knows("weak", "", Meaning.DIFFERENT)
    FirstDecided([strong, weak]).judge(PAIRS)
    assert not weak.asked


def test_a_difference_stands_where_nobody_says_same():
    rash, careful = Knows("rash", "", Meaning.DIFFERENT), Knows("careful", "y", Meaning.SAME)
    judgements = Unopposed(rash, careful).judge(PAIRS)
    expected = [Meaning.DIFFERENT, Meaning.UNDECIDED, Meaning.UNDECIDED, Meaning.DIFFERENT]
    assert [j.meaning for j in judgements] == expected
    assert "careful objects: y" in judgements[1].reason


def test_nobody_is_asked_to_object_where_nothing_differs():
    second = Knows("second", "", Meaning.SAME)
    said = Unopposed(Knows("first", "", Meaning.SAME), second).judge(PAIRS)
    assert {j.meaning for j in said} == {Meaning.SAME}
    assert not second.asked


def test_there_must_be_a_judge():
    with pytest.raises(ValueError, match="at least one"):
        FirstDecided([])
