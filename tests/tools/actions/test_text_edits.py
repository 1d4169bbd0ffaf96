"""Every text edit does what it says, to any text, and a text that nobody could read any more is told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.memory.errors import OptionError
from faultfinder.tools.actions.denial import denied
from faultfinder.tools.actions.harmless import harmless
from faultfinder.tools.actions.legible import BOUND, legibility
from faultfinder.tools.actions.passages import Passage, some
from faultfinder.tools.actions.text_edits import EDITS, STRENGTHS, Effect, edit_space, made, named
from faultfinder.tools.sentences import pieces, sentences, words

NEWS = (
    "The city council of Ripon voted on Tuesday to close 12 libraries, said Anna Clark. The small buildings are old "
    "and the roofs don't keep the rain out. Mayor Ben Stone didn't agree: \"Children need a warm house.\" They do not "
    "have another place. The first library will close in 2027."
)
OTHERS = ("A dog runs on the beach. It is happy.",)
SUMMARY = "The city council of Ripon voted to close 12 small libraries, Anna said. Ben did not agree."
BY_NAME = pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
GRADED = [edit for edit in EDITS if edit.share is not None]
DOC = Path(__file__).parents[3] / "docs" / "text-edits.md"

english = st.lists(
    st.sampled_from(["the", "A", "small", "dog", "Anna", "isn't", "do not", "12", "1,200", "sees", "house", "été", "ß"])
    | st.sampled_from([".", ",", "?\n", "\n\n", "“", "…", "犬。", "🙂", "\u200f", "-", "&", "<b>"]),
    max_size=30,
).map(" ".join)
any_text = st.text(alphabet=st.characters(), max_size=80) | english  # lone surrogates among them


@BY_NAME
@given(text=any_text, seed=st.integers(0, 3))
def test_an_edit_takes_any_text_and_gives_another_one_or_none(edit, text, seed):
    passage = Passage(text, seed, OTHERS, "the dog is small")
    edited = made(edit, passage)
    assert edited == made(edit, Passage(text, seed, OTHERS, "the dog is small")) or edited.carry is not None
    if edited is not None:
        assert edited.text != text
        assert 0 <= legibility(text, edited.text, edited.added) <= 1
        if edited.carry is not None:
            assert edited.carry("") is None


@BY_NAME
def test_an_edit_of_real_prose_can_be_made_and_read(edit):
    edited = made(edit, Passage(NEWS, 0, OTHERS))
    assert edited is not None
    assert legibility(NEWS, edited.text, edited.added) > BOUND
    assert edited.text == made(edit, Passage(NEWS, 0, OTHERS)).text


@BY_NAME
def test_an_empty_text_has_nothing_to_edit(edit):
    assert made(edit, Passage("", 0, OTHERS)) is None


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("stop-words", "The dog is on the beach.", "dog beach."),
        ("upper-case", "Straße 3", "STRASSE 3"),
        ("no-punctuation", "Well, it's 3.5 kg!", "Well it's 3.5 kg"),
        ("extra-marks", "Stop, please.", "Stop,,, please..."),
        ("line-breaks", "one two three four five six seven", "one two three four five\nsix seven"),
        ("number-words", "He has 3 cats and 1,200 mice.", "He has three cats and one thousand, two hundred mice."),
        ("number-words", "It is 3.5 or ²", None),
        ("contracted", "We do not know. I am here.", "We don't know. I'm here."),
        ("expanded", "We don\u2019t know. I'm here.", "We do not know. I am here."),
        ("synonyms", "A car hit the big tree.", "An automobile hit the large tree."),
        ("repeat-sentence", "One dog.", "One dog. One dog."),
        ("drop-sentence", "Cats like mats. Mats like cats. Stocks fell.", "Cats like mats. Mats like cats."),
        ("cut-off", "A cat. A mat. One two three four five six.", "A cat. A mat. One two three"),
        ("reorder", "First one. Second one.", "Second one. First one."),
        ("irrelevant", "One dog.", "One dog. It is happy."),
        ("homoglyphs", "xyz", "\u0445\u0443z"),
        ("other-numbers", "no digits here", None),
        ("swapped-names", "We saw Anna meet Ben. Anna paid.", "We saw Ben meet Anna. Ben paid."),
        ("opposites", "It is a happy dog.", "It is an unhappy dog."),
        ("negation", "Is it raining?", None),
    ],
)  # fmt: skip
def test_what_an_edit_does(name, text, wanted):
    edited = made(named(name), Passage(text, 0, ("It is happy.",)))
    assert (edited and edited.text) == wanted


def test_typing_mistakes_leave_first_letters_and_short_words_alone():
    for name in ("typos", "swapped-letters", "dropped-letters"):
        edited = made(named(name), Passage(NEWS), 1.0)
        for before, after in zip(words(NEWS), words(edited.text), strict=True):
            assert before[0] == after[0]
            assert (before != after) <= (len(before) >= 4)


@given(st.sampled_from([e for e in GRADED if e.name in ("typos", "homoglyphs", "dropped-letters")]), st.data())
def test_a_stronger_edit_touches_all_that_a_weaker_one_does(edit, data):
    low, high = sorted(data.draw(st.lists(st.sampled_from(STRENGTHS[1:]), min_size=2, max_size=2)))
    weak, strong = (words(made(edit, Passage(NEWS), share).text) for share in (low, high))
    for before, by_weak, by_strong in zip(words(NEWS), weak, strong, strict=True):
        assert by_weak in (before, by_strong)


@given(st.lists(st.integers(), unique=True, max_size=30), st.floats(0.001, 1))
def test_some_places_are_a_share_of_them_in_order(places, share):
    chosen = some(places, share, Passage("x").dice("y"))
    assert chosen == [place for place in places if place in chosen]
    assert len(chosen) >= share * len(places) - 1e-6
    assert len(chosen) <= share * len(places) + 1


@pytest.mark.parametrize(
    ("statement", "denial"),
    [
        ("The dog is happy.", "The dog is not happy."),
        ("A CAR CAN STOP", "A CAR CAN NOT STOP"),
        ("She saw him.", "She did not see him."),
        ("The car parks near a house", "The car does not park near a house"),
        ("Nobody is happy.", None),
        ("It isn\u2019t so.", None),
        ("Is it so?", None),
        ("Red", None),
    ],
)
def test_a_statement_is_denied(statement, denial):
    assert denied(statement) == denial


@pytest.mark.parametrize(
    ("name", "answer", "wanted"),
    [
        ("negation", SUMMARY, SUMMARY.replace("voted", "did not vote")),
        ("negation", "Something else entirely happened to a whale.", None),
        ("swapped-names", "Nobody is named.", None),
        ("opposites", "Nothing of the kind.", None),
        ("other-numbers", "Some libraries close.", None),
    ],
)  # fmt: skip
def test_a_change_of_meaning_is_made_in_an_answer_that_speaks_of_it(name, answer, wanted):
    edited = made(named(name), Passage(NEWS, 0, (), SUMMARY))
    assert edited.carry(answer) == wanted


def test_a_change_of_meaning_is_of_what_the_answer_speaks_of():
    for edit in EDITS:
        if edit.effect is Effect.CHANGES:
            assert made(edit, Passage(NEWS, 0, (), SUMMARY)).carry(SUMMARY) not in (None, SUMMARY)


def test_only_edits_that_change_the_meaning_come_with_a_change_for_answers():
    for edit in EDITS:
        assert (made(edit, Passage(NEWS, 0, OTHERS)).carry is not None) == (edit.effect is Effect.CHANGES)


@given(any_text)
def test_a_text_as_it_was_can_be_read_as_well_as_before(text):
    assert legibility(text, text) == 1


@given(st.permutations(words(NEWS)))
def test_order_and_losses_do_not_make_words_unreadable(order):
    assert legibility(NEWS, " ".join(order[:10])) == 1


@pytest.mark.parametrize(
    ("edited", "share"),
    [
        ("buildnig", 1), ("bxixldxng", 0), ("bu\u0456ld\u0456ng", 1), ("stonewall", 1), ("", 0), ("qqq building", 0.5),
        ("oldbuilding", 1),
    ],
)  # fmt: skip
def test_legibility_is_the_share_of_recognised_words(edited, share):
    assert legibility("an old building", edited) == share


def test_letters_exchanged_for_noise_are_told_from_letters_mistyped():
    noise = "".join("#" if number % 2 else letter for number, letter in enumerate(NEWS))
    assert legibility(NEWS, noise) <= BOUND
    assert legibility(NEWS, made(named("typos"), Passage(NEWS), 1.0).text) > BOUND


@given(any_text)
def test_harmless_variations_are_other_texts_of_the_same_words(text):
    for other in harmless(text):
        assert other != text
        assert legibility(text, other) > 0.5 or len(words(text)) < 5
    assert bool(harmless(text)) or not words(text)


@given(any_text)
def test_a_text_taken_apart_is_whole(text):
    assert "".join(pieces(text)) == text
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_abbreviations_and_decimals_end_no_sentence():
    said = "Mr. Smith paid 3.5 million, i.e. much. J. Ewing left! “Did he?” Yes."
    assert sentences(said) == ["Mr. Smith paid 3.5 million, i.e. much.", "J. Ewing left!", "“Did he?”", "Yes."]


def test_a_space_of_edits_has_one_neutral_action_and_says_the_others():
    space = edit_space()
    assert len(space) == len(EDITS) + 1
    assert space.say(space.actions[space.neutral]) == "unchanged"
    assert [space.say(action) for action in space.actions[1:]] == [edit.say for edit in EDITS]


def test_small_steps_make_a_second_factor_of_the_edits_that_have_a_strength():
    space = edit_space(["typos", "emoji"], STRENGTHS)
    assert space.shape == (3, len(STRENGTHS))
    assert space.say(space.actions[space.neutral]) == "unchanged"
    assert space.say(space.actions[14]) == "with letters mistyped, in a share of 0.3 of the places"
    assert len(edit_space(strengths=(0.0, 0.5))) == 2 * (len(GRADED) + 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["typo"],), "'typo' is no text edit; there are stop-words, typos"),
        ((["upper-case"], (0.0, 0.5)), "upper-case cannot be made stronger"),
        ((["typos"], (0.1, 0.5)), "strengths begin with 0"),
    ],
)
def test_a_space_that_cannot_be_is_refused(arguments, message):
    with pytest.raises(OptionError, match=message):
        edit_space(*arguments)


def test_a_share_out_of_range_is_refused():
    with pytest.raises(OptionError, match=r"share of 1\.5"):
        made(named("typos"), Passage(NEWS), 1.5)


def test_the_document_lists_every_edit_as_it_is_declared():
    rows = [line for line in DOC.read_text("utf-8").splitlines() if line.startswith("| `") and line.count("|") == 6]
    assert rows == [
        f"| `{e.name}` | {e.say} | {e.effect} | {'' if e.share is None else f'{e.share:g}'} | {e.nothing} |"
        for e in EDITS
    ]
