"""Questions in people's own words, slips of the fingers included, are read for what they ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.agent.chat.cues import Ask
from faultfinder.agent.chat.reading import Reading, read
from faultfinder.tools.lexicon import Lexicon

ASKED = {
    Ask.FAILED: (
        "what failed?", "What did you find", "waht are the faliures", "what's wrong with it?", "anything broken?",
        "summarise the results please", "list all findings", "which hypotheses were confirmed?",
    ),
    Ask.SURE: (
        "how sure are you?", "could this be chance?", "is that statistically significant", "how certian is h3",
        "can I trust finding 2?", "what is the confidence interval of h2", "how sure are you about the second finding?",
    ),
    Ask.SHOW: (
        "show me", "show me some exampels of h3", "give me an example", "can i see pictures",
        "show me the failing cases",
    ),
    Ask.WHY: (
        "why was it refuted?", "why do you beleive that?", "explain h2", "what makes you think so",
        "what is the evidence for left and right", "how did you come to that conclusion?", "what about the second one?",
        "and the third?", "why did h3-p07 fail?",
    ),
    Ask.COST: (
        "what did it cost?", "how long did it take?", "how much money was spent?", "what's left of the budget?",
    ),
    Ask.UNSEEN: (
        "what was not looked at?", "what did you miss?", "is there anything you didn't check?",
        "what remains untested?", "what are the limitatons?",
    ),
    Ask.JUDGED: (
        "how was it judged?", "who decided what counts as a failure?", "how does the test work?", "what's the treshold",
    ),
    Ask.COMPARE: (
        "compare with the last audit", "what changed since the previous audit?", "is it better or worse than before?",
    ),
    Ask.KNOWN: (
        "what do you know of this target from earlier?", "what does the memory hold?", "is that already known?",
    ),
    Ask.HELP: ("help", "what can I ask?"),
    None: ("what should I eat", "write me a poem", "how do I fix it?", "will it rain", "", "?!"),
}  # fmt: skip

PARTS = {
    "does it hold for stars?": "stars",
    "for rings on a grey background?": "rings on a grey background",
    "does that also happen with small triangles?": "small triangles",
    "is it true of crosses too?": "crosses",
    "what about green squares?": "green squares",
    "and for pink circles?": "pink circles",
    "Does it fail on stars as well?": "stars",
    "dose it hold fro big things": "big things",
    "does h3 hold for stars on a white background": "stars on a white background",
    "does left and right hold for vans at night": "vans at night",
}

PAIRS = {
    "does it confuse big and small?": ("big", "small"),
    "can it tell red from blue?": ("red", "blue"),
    "does it know the difference between two and three?": ("two", "three"),
    "does it mix up above and below?": ("above", "below"),
}


def reading(question: str) -> Reading:
    return read(question, lambda word: bool(Lexicon.load().lemmas(word)))


@pytest.mark.parametrize(("ask", "question"), [(ask, q) for ask, questions in ASKED.items() for q in questions])
def test_a_question_is_read_for_what_it_asks(ask: Ask | None, question: str) -> None:
    assert reading(question).ask is ask


@pytest.mark.parametrize(("question", "part"), PARTS.items())
def test_the_part_of_the_inputs_is_found(question: str, part: str) -> None:
    found = reading(question)
    assert (found.ask, found.what) == (Ask.HOLDS, (part,))


@pytest.mark.parametrize(("question", "pair"), PAIRS.items())
def test_the_words_to_tell_apart_are_found(question: str, pair: tuple[str, str]) -> None:
    found = reading(question)
    assert (found.ask, found.what) == (Ask.CONFUSES, pair)


def test_findings_are_named_in_many_ways() -> None:
    assert reading("explain h2 and q1").ids == ("h2", "q1")
    assert reading("explain finding 3").number == 3
    assert reading("how sure are you of the last one").place == -1
    assert reading("show me h3-p07").case == "h3-p07"


@given(st.text(max_size=80))
def test_no_question_breaks_the_reading(question: str) -> None:
    assert isinstance(reading(question), Reading)
