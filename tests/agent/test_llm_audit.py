"""A chat model behind HTTP drives the same loop to findings, through every kind of bad manners, and is paid once."""

from pathlib import Path

import pytest

from faultfinder.agent.events import Event, EventKind
from faultfinder.agent.report.findings import FindingsFile, Status
from faultfinder.agent.running.audits import Audit
from faultfinder.memory.records import AuditSettings
from tests.support.audits import findings_of
from tests.support.encoders import POISON
from tests.support.mind import next_tool
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


THIRTY_PERCENT = ("429", "garbage", "500", "hang", "prose", "truncated", "page", "invented-tool") * 20
"""Served with every third request, so that a little more than 30 % of all calls go wrong.

Not "cut": an answer that the model itself breaks off is used as far as it goes, and the cases are then others.
"""


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
        served = {request.fault for request in server.requests}
    print(f"{wrong} of {len(server.requests)} requests went wrong ({share:.0%})")
    assert share >= 0.3
    assert calm.with_status(Status.CONFIRMED)
    assert served >= {"429", "500", "hang", "garbage", "page"}
    assert rough.findings == calm.findings
    assert rough.audit.stopped_by == calm.audit.stopped_by
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


POISONED = "a text that nobody can read"

MISUSES = (
    {"name": "ask_the_oracle", "arguments": {}},
    {"name": "nearest_neighbours", "arguments": {"text": ["a list"], "k": "many"}},
    {"name": "compare_texts", "arguments": {"a": "one text only"}},
    {"name": "compare_texts", "arguments": "[1, 2]"},
    {"name": "compare_texts", "arguments": '{"a": "cut'},
)
"""A tool that is not there; arguments of the wrong type, missing, no object, no JSON."""


def clumsy(messages: list[dict], tools: list[dict]) -> dict | str:
    """Use every tool wrongly before using one well."""
    used = sum(len(message.get("tool_calls") or []) for message in messages)
    return MISUSES[used] if used < len(MISUSES) else next_tool(messages, tools) or "I have seen enough."


def test_a_model_that_uses_tools_wrongly_is_told_and_the_audit_goes_on(tmp_path: Path) -> None:
    few = {"limits": {"hypotheses": 1}}
    with ChatServer() as server:
        careful = run(server, tmp_path / "careful", [], **few)
    with ChatServer(talker=clumsy) as server:
        found = run(server, tmp_path / "clumsy", [], **few)
        asked = [body["messages"] for body in server.bodies if body.get("tools")]
    told = [message["content"] for message in asked[len(MISUSES)] if message["role"] == "tool"]
    assert len(told) == len(MISUSES)
    assert "ask_the_oracle is not a valid tool" in told[0]
    assert "k: Input should be a valid integer" in told[1]
    assert "b: Field required" in told[2]
    assert all("cannot be read as a JSON object" in said for said in told[3:])
    assert found.findings == careful.findings
    assert found.audit.stopped_by == careful.audit.stopped_by == "max_hypotheses"


def test_a_model_that_only_ever_invents_tools_is_led_through_the_mining(tmp_path: Path) -> None:
    few = {"limits": {"hypotheses": 1}}
    with ChatServer(talker=lambda messages, tools: MISUSES[0]) as server:
        found = run(server, tmp_path, [], **few)
    assert found.hypotheses_tested == 1


def test_a_text_of_the_models_own_that_the_target_fails_at_is_told_to_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(POISON, POISONED)
    poisoned = ("compare_texts", {"a": "a red ring", "b": POISONED}), ("nearest_neighbours", {"text": POISONED})

    def poisoning(messages: list[dict], tools: list[dict]) -> dict | str:
        used = sum(len(message.get("tool_calls") or []) for message in messages)
        if used < len(poisoned):
            return dict(zip(("name", "arguments"), poisoned[used], strict=True))
        return next_tool(messages, tools) or "I have seen enough."

    few = {"limits": {"hypotheses": 1}, "target": "python:tests.support.encoders:allergic"}
    with ChatServer(talker=poisoning) as server:
        found = run(server, tmp_path, [], **few)
        asked = [body["messages"] for body in server.bodies if body.get("tools")]
    told = [message["content"] for message in asked[len(poisoned)] if message["role"] == "tool"]
    assert all("the target fails at that, try another text" in said for said in told)
    assert len(told) == len(poisoned)
    assert found.hypotheses_tested == 1
