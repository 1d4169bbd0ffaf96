"""Experiments written by the chat model: fresh, small edits, each arm its own change, never paid for twice."""

import re

import pytest

from faultfinder.agent.events import EventKind
from faultfinder.agent.llm.design import CONTRAST
from faultfinder.memory.errors import BudgetSpent, ModelCallError
from faultfinder.memory.records import Limits
from tests.support.chat import CORPUS, LEFT_RIGHT, wanted
from tests.support.mind import data_blocks
from tests.support.server import ChatServer, Manners


def test_a_design_has_what_was_asked_and_follows_the_description(strategist):
    with ChatServer() as server:
        design = strategist(server).design(wanted())
    assert (len(design.probes), len(design.controls)) == (40, 40)
    assert all(re.sub(r"\bleft\b", "right", pair.a) == pair.b for pair in design.probes)
    assert all("left" not in pair.a or "left" in pair.b for pair in design.controls)
    texts = [text for pair in (*design.probes, *design.controls) for text in (pair.a, pair.b)]
    assert len(texts) == len(set(texts))


def test_probes_and_controls_are_told_of_their_own_change_only(strategist):
    both = LEFT_RIGHT.model_copy(update={"description": f"{LEFT_RIGHT.description} {CONTRAST} 'red' becomes 'green'"})
    with ChatServer() as server:
        strategist(server).design(wanted(5, 5, hypothesis=both))
    (probe,), (control,) = (data_blocks(body["messages"][0]["content"])[2] for body in server.bodies)
    assert probe == {"title": both.title, "description": LEFT_RIGHT.description}
    assert control == {"change": "'red' becomes 'green'"}


def test_sentences_the_hypothesis_speaks_of_are_shown_first(strategist):
    with ChatServer() as server:
        strategist(server).design(wanted(20, 0))
    shown = data_blocks(server.bodies[0]["messages"][0]["content"])[0]
    assert shown
    assert all({"left", "right"} & set(sentence.split()) for sentence in shown)


def test_unrelated_sentences_are_no_pair(strategist):
    pairs = [{"a": a, "change": "", "b": b} for a, b in zip(CORPUS[:9], reversed(CORPUS), strict=False)]
    swap = {"a": "a man bites a small brown dog", "change": "", "b": "a small brown dog bites a man"}
    with ChatServer(mind=lambda *_: {"pairs": [*pairs, swap]}) as server:
        design = strategist(server, corpus=CORPUS).design(wanted(9, 0))
    assert all(sum(x != y for x, y in zip(p.a.split(), p.b.split(), strict=True)) <= 3 for p in design.probes[:-1])
    assert design.probes[-1].a == swap["a"]


def test_spent_texts_never_come_back(strategist):
    with ChatServer() as server:
        scout = strategist(server)
        first = scout.design(wanted())
        spent = {text for pair in (*first.probes, *first.controls) for text in (pair.a, pair.b)}
        second = scout.design(wanted(15, 15, spent, batch=1))
    assert not spent & {text for pair in (*second.probes, *second.controls) for text in (pair.a, pair.b)}
    assert second.probes


def test_walking_a_design_again_costs_nothing(strategist):
    with ChatServer() as server:
        first = strategist(server).design(wanted())
        asked = len(server.requests)
        assert strategist(server).design(wanted()) == first  # as a resumed audit would
    assert len(server.requests) == asked


def test_a_model_that_has_no_more_returns_fewer(strategist):
    with ChatServer() as server:
        design = strategist(server, corpus=["a dog left of a cat"]).design(wanted())
    assert [(pair.a, pair.b) for pair in design.probes] == [("a dog left of a cat", "a dog right of a cat")]
    assert len(server.requests) <= 6


def test_a_design_out_of_form_is_empty_not_a_crash(strategist, heard):
    with ChatServer(mind=lambda *_: {"pairs": "no"}) as server:
        design = strategist(server).design(wanted())
    assert not design.probes
    assert not design.controls
    assert len(heard.of(EventKind.WARNING)) == 2


def test_a_key_that_is_refused_goes_to_the_person(strategist):
    with ChatServer(Manners(status=401)) as server, pytest.raises(ModelCallError, match="OPENAI_API_KEY"):
        strategist(server).design(wanted())


def test_a_spent_budget_ends_a_design(strategist):
    with ChatServer() as server, pytest.raises(BudgetSpent):
        strategist(server, limits=Limits(llm_calls=1)).design(wanted())
    assert len(server.paid) == 1
