"""A chat model behind HTTP drives the same loop to findings, through every kind of bad manners, and is paid once."""

from pathlib import Path

import pytest

from faultfinder.agent.events import Event, EventKind
from faultfinder.agent.report.findings import FindingsFile, Status
from faultfinder.agent.running.audits import Audit
from faultfinder.memory.records import AuditSettings
from tests.support.audits import findings_of
from tests.support.server import FAULTS, ChatServer, Manners

GOAL = "does it understand where things are, how many there are, and what is missing?"


def run(server: ChatServer, place: Path, heard: list[Event], **changes: object) -> FindingsFile:
    settings = AuditSettings.model_validate(
        {
            "name": "chat",
            "goal": GOAL,
            "target": "lab:clip",
            "corpus": "lab",
            "llm": "openai:scripted",
            "llm_url": server.url,
            "probes": 20,
            "controls": 20,
            "limits": {"hypotheses": 4},
            "memory": str(place / "memory"),
            **changes,
        }
    )
    with Audit.create(settings, place / "chat", heard.append) as audit:
        audit.run()
    return findings_of(place / "chat")


@pytest.mark.slow
def test_a_chat_model_behind_a_bad_line_finds_what_it_finds_on_a_calm_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAULTFINDER_LLM_TIMEOUT", "3")
    calm: list[Event] = []
    with ChatServer() as server:
        undisturbed = run(server, tmp_path / "calm", calm)
        paid_for = len(server.paid)
    heard: list[Event] = []
    with ChatServer(Manners(faults=FAULTS, hang_seconds=5)) as server:
        found = run(server, tmp_path / "rough", heard)
        keys = [request.key for request in server.paid]
    assert undisturbed.with_status(Status.CONFIRMED)
    confirmed = {finding.description for finding in undisturbed.with_status(Status.CONFIRMED)}
    assert {finding.description for finding in found.with_status(Status.CONFIRMED)} == confirmed
    assert len(keys) == len(set(keys))
    assert found.budget.spent.llm_calls >= paid_for
    assert found.budget.spent.tokens > 0
    assert sum(event.kind is EventKind.WAIT for event in heard) >= 3
    assert not any(event.kind is EventKind.WAIT for event in calm)


THIRTY_PERCENT = ("429", "500", "hang", "truncated", "prose", "cut", "invented-tool") * 20
"""Served with every third request, so that a little more than 30 % of all calls go wrong."""


@pytest.mark.slow
def test_when_a_third_of_all_calls_go_wrong_the_findings_are_those_of_a_calm_day_and_the_cap_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAULTFINDER_LLM_TIMEOUT", "2")
    monkeypatch.setenv("FAULTFINDER_PRICE_IN", "1")
    monkeypatch.setenv("FAULTFINDER_PRICE_OUT", "4")
    with ChatServer() as server:
        calm = run(server, tmp_path / "calm", [])
    cap = 3 * calm.budget.spent.usd
    heard: list[Event] = []
    with ChatServer(Manners(faults=THIRTY_PERCENT, every=3, hang_seconds=3)) as server:
        rough = run(server, tmp_path / "rough", heard, limits={"hypotheses": 4, "usd": cap})
        wrong = sum(bool(request.fault) for request in server.requests)
        share = wrong / len(server.requests)
        charged = sum(request.tokens for request in server.paid)
        keys = [request.key for request in server.paid]
    print(f"{wrong} of {len(server.requests)} requests went wrong ({share:.0%})")
    assert share >= 0.3
    assert calm.with_status(Status.CONFIRMED)
    assert {(f.description, f.status) for f in rough.findings} == {(f.description, f.status) for f in calm.findings}
    assert len(keys) == len(set(keys)), "an answer was bought twice"
    assert charged <= rough.budget.spent.tokens, "the ledger knows of everything that was charged"
    assert 0 < rough.budget.spent.usd <= cap
    assert any("slowing down" in event.text for event in heard)


@pytest.mark.slow
def test_a_cap_on_calls_is_a_wall(tmp_path: Path) -> None:
    with ChatServer() as server:
        found = run(server, tmp_path, [], limits={"llm_calls": 5})
        assert len(server.paid) <= 5
    assert found.audit.stopped_by == "max_llm_calls"
    assert found.budget.spent.llm_calls <= 5
