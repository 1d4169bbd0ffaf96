"""Pairs of prompts to have painted: of every kind, judged beforehand, each text once, the same for the same seed."""

from collections import Counter

import pytest

from faultfinder.memory.records import Edit, EditKind, Meaning
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.prompt_scan import EACH, FEWEST, MOST_KINDS, PromptScan, kind_of_difference
from faultfinder.tools.targets.lab import lab_captions, lab_world


def scan(seed: int = 0, texts: int = 3000, each: int = EACH) -> PromptScan:
    captions = [caption.text for caption in lab_captions(0)[:texts]]
    return PromptScan(captions, lab_world().judge, Lexicon.load(), seed, each)


@pytest.fixture(scope="module")
def lab_scan() -> PromptScan:
    return scan()


@pytest.fixture(scope="module")
def drawn(lab_scan):
    return lab_scan.draw(0, (), ())


def kinds(drawn) -> Counter[str]:
    return Counter(kind_of_difference(each.edit.edit, Lexicon.load()) for each in drawn)


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        (Edit(kind=EditKind.EXCHANGE, removed=("left",), added=("right",)), "left and right"),
        (Edit(kind=EditKind.EXCHANGE, removed=("Red",), added=("blue",)), "colours"),
        (Edit(kind=EditKind.EXCHANGE, removed=("two",), added=("three",)), "numbers"),
        (Edit(kind=EditKind.EXCHANGE, removed=("xyzzy",), added=("plugh",)), "other words"),
        (Edit(kind=EditKind.SWAP, removed=("dog",), added=("cat",)), "order"),
        (Edit(kind=EditKind.DROP, removed=("red",)), "presence of colours"),
    ],
)
def test_a_difference_has_a_name(edit, kind):
    assert kind_of_difference(edit, Lexicon.load()) == kind


def test_every_pair_was_judged_to_differ_and_no_text_comes_twice(drawn):
    assert {each.judgement.meaning for each in drawn} == {Meaning.DIFFERENT}
    texts = [text for each in drawn for text in (each.edit.a, each.edit.b)]
    assert len(texts) == len(set(texts))


def test_every_kind_gets_the_same_small_number(drawn):
    found = kinds(drawn)
    assert {"left and right", "colours", "numbers", "sizes", "order"} <= set(found)
    assert len(found) <= MOST_KINDS
    assert max(found.values()) <= EACH
    assert found["left and right"] == found["numbers"] == EACH


def test_the_same_seed_draws_the_same_and_another_one_others(lab_scan, drawn):
    assert lab_scan.draw(0, (), ()) == drawn
    assert scan().draw(0, (), ()) == drawn
    assert scan(seed=1).draw(0, (), ()) != drawn


def test_rounds_take_other_texts(lab_scan, drawn):
    spent = {text for each in drawn for text in (each.edit.a, each.edit.b)}
    again = lab_scan.draw(1, (), spent)
    assert again
    assert not spent & {text for each in again for text in (each.edit.a, each.edit.b)}


def test_a_smaller_round_takes_fewer_pairs_of_each_kind(drawn):
    small = kinds(scan(each=FEWEST).draw(0, (), ()))
    assert max(small.values()) == FEWEST
    assert sum(n == FEWEST for n in small.values()) <= MOST_KINDS
    assert set(small) & set(kinds(drawn))


def test_words_of_one_class_come_before_words_of_two(drawn):
    lexicon = Lexicon.load()
    exchanged = [each.edit.words for each in drawn if each.edit.edit.kind is EditKind.EXCHANGE]
    shared = [set(lexicon.classes(a)) & set(lexicon.classes(b)) for a, b in exchanged]
    assert sum(map(bool, shared)) > len(shared) / 2


def test_what_is_in_focus_comes_first(lab_scan):
    first = lab_scan.draw(0, ("numbers",), ())[0]
    assert kind_of_difference(first.edit.edit, Lexicon.load()) == "numbers"


def test_of_two_words_asked_about_half_is_one_for_the_other_and_half_each_for_others(lab_scan):
    drawn = [each.edit.words for each in lab_scan.draw(0, ("red", "green"), ())]
    colours = [set(words) for words in drawn if {"red", "green"} & set(words)]
    assert [words == {"red", "green"} for words in colours[:EACH]] == [True] * (EACH // 2) + [False] * (EACH // 2)
    assert len({frozenset(words) for words in colours[EACH // 2 : EACH]}) > EACH // 4


@pytest.mark.parametrize("seed", range(4))
def test_few_pairs_speak_of_all_words_of_a_kind(seed):
    drawn = scan(seed, each=10).draw(0, (), ())
    said = Counter(
        word
        for each in drawn
        if each.edit.edit.kind is EditKind.EXCHANGE and kind_of_difference(each.edit.edit, Lexicon.load()) == "colours"
        for word in each.edit.words
    )
    assert set(said) >= {"red", "green", "blue", "yellow", "black", "purple", "pink", "brown"}


def test_texts_too_few_to_edit_give_no_pairs():
    assert PromptScan(["a dog"], lab_world().judge, Lexicon.load(), 0).draw(0, (), ()) == []
