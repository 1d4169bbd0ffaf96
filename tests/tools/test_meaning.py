"""The offline judgement: which edits change the meaning, and which are left open."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.memory.records import EditKind, Meaning, TextPair
from faultfinder.tools.edit_diff import describe_edit, words_of
from faultfinder.tools.hashing import HashEncoder
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.meaning import LexiconJudge

SAME, DIFFERENT, UNDECIDED = Meaning.SAME, Meaning.DIFFERENT, Meaning.UNDECIDED

JUDGED = [
    # exchanges
    ("a large dog", "a big dog", SAME),
    ("a man sits on a bench", "a man sitting on a bench", SAME),
    ("a grey car", "a gray car", SAME),
    ("a dog on the bed", "a dog on a bed", SAME),
    ("a person on a couch", "a person on a sofa", SAME),
    ("a cat left of a dog", "a cat right of a dog", DIFFERENT),
    ("two dogs run", "three dogs run", DIFFERENT),
    ("a man with a hat", "a man without a hat", DIFFERENT),
    ("a cat in front of a box", "a cat behind a box", DIFFERENT),
    ("a clock beside a bed", "a clock under a bed", DIFFERENT),
    ("a clock next to a bed", "a clock under a bed", DIFFERENT),
    ("all dogs are here", "no dogs are here", DIFFERENT),
    ("few people on a beach", "many people on a beach", DIFFERENT),
    ("a giraffe by a tree", "an umbrella by a tree", DIFFERENT),
    ("a dog eating grass", "a dog smelling grass", DIFFERENT),
    ("a photo of a skier", "a photo of a man", UNDECIDED),
    ("a dog in a field", "dogs in a field", UNDECIDED),
    ("a cat right next to a box", "a cat left next to a box", UNDECIDED),
    # words added and dropped
    ("a man is here", "a man is not here", DIFFERENT),
    ("there are no cars here", "there are cars here", DIFFERENT),
    ("it is a dog", "it isn't a dog", DIFFERENT),
    ("a full glass", "a full empty glass", DIFFERENT),
    ("a dog on a bed", "a brown dog on a bed", UNDECIDED),
    ("the dog on bed", "the dog on the bed", SAME),
    # swaps
    ("a dog and a cat", "a cat and a dog", SAME),
    ("A dog next to a cat.", "a cat next to a dog", SAME),
    ("a dog near a cat on a bed", "a cat near a dog on a bed", SAME),
    ("a man and a woman in a red hat", "a woman and a man in a red hat", UNDECIDED),
    ("a red dog and a cat", "a red cat and a dog", UNDECIDED),
    ("a dog chasing a cat", "a cat chasing a dog", DIFFERENT),
    ("a cup on a book", "a book on a cup", DIFFERENT),
    ("a box to the left of a chair", "a chair to the left of a box", DIFFERENT),
    ("a man riding a horse", "a horse riding a man", DIFFERENT),
    ("a red car and a blue bus", "a blue car and a red bus", DIFFERENT),
    ("a couch on a sofa", "a sofa on a couch", SAME),
    # no single small edit
    ("a dog on a bed", "two men are repairing an old engine", UNDECIDED),
    ("a dog", "A dog.", SAME),
]


@pytest.fixture(scope="module")
def judge():
    return LexiconJudge(Lexicon.load())


@pytest.mark.parametrize(("a", "b", "meaning"), JUDGED)
def test_the_lexicon_judges(judge, a, b, meaning):
    (judgement,) = judge.judge([TextPair(a=a, b=b)])
    assert judgement.meaning is meaning, judgement.reason
    assert judgement.judge == "lexicon"


@pytest.mark.parametrize(("a", "b", "meaning"), JUDGED)
def test_judgements_hold_in_the_other_direction(judge, a, b, meaning):
    (judgement,) = judge.judge([TextPair(a=b, b=a)])
    assert judgement.meaning is meaning, judgement.reason


def test_a_reference_decides_what_the_lexicon_leaves_open():
    pairs = [TextPair(a="a dog on a bed", b="two men repair an engine"), TextPair(a="a big dog", b="a large dog")]
    judge = LexiconJudge(Lexicon.load(), HashEncoder())
    apart, same = judge.judge(pairs)
    assert (apart.meaning, apart.judge) == (DIFFERENT, "reference")
    assert (same.meaning, same.judge) == (SAME, "lexicon")


def test_a_reference_that_sees_no_difference_leaves_it_open():
    blind = HashEncoder(lambda text: "the same for all")
    (judgement,) = LexiconJudge(Lexicon.load(), blind).judge([TextPair(a="a dog on a bed", b="a brown dog on a bed")])
    assert judgement.meaning is UNDECIDED


def test_the_reference_is_held_to_the_bars_given():
    pair = TextPair(a="a dog on a bed", b="a brown dog on a bed")
    never = LexiconJudge(Lexicon.load(), HashEncoder(), lambda texts: np.full(len(texts), -1.0, dtype=np.float32))
    always = LexiconJudge(Lexicon.load(), HashEncoder(), lambda texts: np.full(len(texts), 1.0, dtype=np.float32))
    assert never.judge([pair])[0].meaning is UNDECIDED
    assert always.judge([pair])[0].meaning is DIFFERENT


def test_nothing_is_judged_as_nothing(judge):
    assert judge.judge([]) == []


def test_edits_are_described():
    assert describe_edit("a dog on a cat", "a cat on a dog").between == ("on", "a")
    assert describe_edit("a dog", "a dog") is None
    added = describe_edit("a dog runs", "a big dog runs")
    assert (added.kind, added.removed, added.added) == (EditKind.ADD, (), ("big",))
    dropped = describe_edit("a big dog runs", "a dog runs")
    assert (dropped.kind, dropped.removed, dropped.added) == (EditKind.DROP, ("big",), ())
    exchanged = describe_edit("a fire hydrant on grass", "a stop sign on grass")
    assert (exchanged.removed, exchanged.added) == (("fire", "hydrant"), ("stop", "sign"))


WORD = st.sampled_from(["dog", "cat", "a", "red", "on", "near", "two", "runs", "not"])


@given(st.lists(WORD, min_size=1, max_size=9), st.lists(WORD, min_size=1, max_size=9))
def test_an_edit_rebuilds_the_second_text(left, right):
    a, b = " ".join(left), " ".join(right)
    edit = describe_edit(a, b)
    if edit is None:
        return
    middle = edit.removed + edit.between + edit.added if edit.kind is EditKind.SWAP else edit.removed
    changed = edit.added + edit.between + edit.removed if edit.kind is EditKind.SWAP else edit.added
    words = words_of(a)
    rebuilt = [words[:i] + changed + words[i + len(middle) :] for i in range(len(words) + 1)]
    assert words_of(b) in [r for i, r in enumerate(rebuilt) if words[i : i + len(middle)] == middle]


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_are_judged(a, b):
    (judgement,) = LexiconJudge(Lexicon.load()).judge([TextPair(a=a, b=b)])
    assert judgement.meaning in Meaning
    assert judgement.reason
