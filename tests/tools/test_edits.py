"""Edits change what they say and nothing else."""

from hypothesis import assume, given
from hypothesis import strategies as st

from faultfinder.memory.records import EditKind
from faultfinder.tools.edits import Sentence, add, drop, exchange, swap

WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=5), min_size=3, max_size=9)


def test_tokens_are_words_and_marks_in_lower_case():
    assert Sentence("A man's dog, running.").words == ("a", "man's", "dog", ",", "running", ".")


def test_a_word_beside_a_mark_or_at_the_start_does_not_stand_alone():
    sentence = Sentence("Dogs, cats and birds")
    assert [sentence.stands_alone(i) for i in range(len(sentence))] == [False, False, True, True, True]


def test_exchange_keeps_a_capital():
    assert exchange(Sentence("Two dogs run."), 0, "three").b == "Three dogs run."


def test_drop_hands_the_capital_on():
    assert drop(Sentence("Two dogs run."), 0).b == "Dogs run."


@given(WORDS, st.data())
def test_exchanging_back_restores_the_text(words, data):
    sentence = Sentence(" ".join(words))
    position = data.draw(st.integers(0, len(words) - 1))
    edited = exchange(sentence, position, "zebra")
    assert edited.edit.kind is EditKind.EXCHANGE
    assert exchange(Sentence(edited.b), position, words[position]).b == sentence.text


@given(WORDS, st.data())
def test_adding_undoes_dropping(words, data):
    sentence = Sentence(" ".join(words))
    position = data.draw(st.integers(1, len(words) - 2))
    edited = drop(sentence, position)
    assert Sentence(edited.b).words == (*words[:position], *words[position + 1 :])
    assert add(Sentence(edited.b), position, words[position]).b == sentence.text


@given(WORDS, st.data())
def test_swapping_twice_restores_the_text(words, data):
    sentence = Sentence(" ".join(words))
    first, second = sorted(data.draw(st.lists(st.integers(0, len(words) - 1), min_size=2, max_size=2, unique=True)))
    edited = swap(sentence, first, second)
    assert sorted(Sentence(edited.b).words) == sorted(words)
    assert swap(Sentence(edited.b), first, second).b == sentence.text


@given(WORDS, st.data())
def test_a_swap_says_what_stands_between(words, data):
    first, second = sorted(data.draw(st.lists(st.integers(0, len(words) - 1), min_size=2, max_size=2, unique=True)))
    assume(second > first + 1)
    edit = swap(Sentence(" ".join(words)), first, second).edit
    assert (edit.removed, edit.added) == ((words[first],), (words[second],))
    assert edit.between == tuple(words[first + 1 : second])
