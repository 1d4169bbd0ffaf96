"""The lexicon on words labelled by hand, and on what must hold for any words."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.tools.edit_diff import words_of
from faultfinder.tools.lexicon import Lexicon

LABELLED = [
    tuple(line.split("\t"))
    for line in Path(__file__).with_name("data").joinpath("word_pairs.tsv").read_text("utf-8").splitlines()
]
WORDS = sorted({word for a, b, _ in LABELLED for word in (a, b)})


@pytest.fixture(scope="module")
def lexicon():
    return Lexicon.load()


def _labelled(label):
    return [(a, b) for a, b, found in LABELLED if found == label]


def test_the_table_is_large_enough_to_mean_something():
    assert len(LABELLED) >= 150
    assert min(len(_labelled(label)) for label in ("same", "open", "different")) >= 20


@pytest.mark.parametrize(("a", "b"), _labelled("open") + _labelled("same"))
def test_words_for_the_same_thing_are_never_called_different(lexicon, a, b):
    assert lexicon.different(a, b) is None


def test_most_different_words_are_called_different(lexicon):
    missed = [(a, b) for a, b in _labelled("different") if not lexicon.different(a, b)]
    assert len(missed) <= len(_labelled("different")) * 0.05, missed


def test_no_different_words_are_called_the_same(lexicon):
    assert [pair for pair in _labelled("different") if lexicon.same(*pair)] == []


def test_most_spellings_inflections_and_synonyms_are_called_the_same(lexicon):
    found = [lexicon.same(a, b) for a, b in _labelled("same")]
    assert sum(found) >= 0.6 * len(found)


@given(st.sampled_from(WORDS), st.sampled_from(WORDS))
def test_neither_answer_depends_on_the_order(a, b):
    lexicon = Lexicon.load()
    assert lexicon.same(a, b) == lexicon.same(b, a)
    assert bool(lexicon.different(a, b)) == bool(lexicon.different(b, a))


@given(st.sampled_from(WORDS), st.sampled_from(WORDS))
def test_no_pair_is_the_same_and_different(a, b):
    lexicon = Lexicon.load()
    assert not (lexicon.same(a, b) and lexicon.different(a, b))


@given(st.text(max_size=30))
def test_any_text_is_a_word_like_another(text):
    lexicon = Lexicon.load()
    assert lexicon.same(text, text)
    assert lexicon.different(text, text) is None
    assert lexicon.classes(text) == lexicon.classes(text.lower())
    assert lexicon.part_of_speech(text) in {"noun", "verb", "adjective", "adverb", None}


@pytest.mark.parametrize(
    ("form", "lemma"),
    [
        ("dogs", ("dog", "n")),
        ("men", ("man", "n")),
        ("boxes", ("box", "n")),
        ("sitting", ("sit", "v")),
        ("ran", ("run", "v")),
        ("jogged", ("jog", "v")),
        ("riding", ("ride", "v")),
        ("bigger", ("big", "a")),
    ],
)
def test_inflected_words_are_traced_to_their_lemma(lexicon, form, lemma):
    assert lemma in lexicon.lemmas(form)


@pytest.mark.parametrize(("a", "b"), [("dog", "dogs"), ("man", "men"), ("sign", "signs"), ("bear", "bears")])
def test_number_is_neither_a_mere_inflection_nor_a_different_thing(lexicon, a, b):
    assert lexicon.differ_in_number(a, b)
    assert not lexicon.same(a, b)
    assert lexicon.different(a, b) is None


def test_an_inflected_verb_is_no_plural(lexicon):
    assert not lexicon.differ_in_number("sits", "sitting")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("fork knife spoon", "kitchen utensils"),
        ("left right", "left and right"),
        ("two three seven", "numbers"),
        ("red green blue", "colours"),
        ("car bus train boat", "vehicles"),
        ("apple banana orange", "fruit"),
        ("arm leg head", "parts of the body"),
    ],
)
def test_groups_get_a_name_in_plain_words(lexicon, words, name):
    assert lexicon.name_group(words.split()) == name


def test_a_motley_group_gets_no_name(lexicon):
    assert lexicon.name_group(["umbrella", "kite", "giraffe", "running", "blue"]) is None
    assert lexicon.name_group([]) is None
    assert lexicon.name_group(["dog"]) is None


def test_unknown_words_are_left_open(lexicon):
    assert lexicon.lemmas("qwxzt") == frozenset()
    assert lexicon.part_of_speech("qwxzt") is None
    assert lexicon.different("qwxzt", "dog") is None
    assert not lexicon.same("qwxzt", "dog")


def test_the_licence_of_wordnet_is_shipped():
    folder = Path(__file__).parents[2] / "tools" / "data"
    assert "Princeton University" in (folder / "WORDNET-LICENSE.txt").read_text("utf-8")
    assert (folder / "lexicon.json.gz").stat().st_size <= 1_500_000


def test_words_are_counted_as_people_write_them():
    assert words_of("The dog isn't HERE, is it.") == ("the", "dog", "is", "not", "here", ",", "is", "it")
