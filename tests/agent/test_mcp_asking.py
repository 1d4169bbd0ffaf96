"""What other agents may ask of an audit over the protocol: its failures of another model, questions about it."""

from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the MCP server needs the extra mcp")

from mcp import Client

from faultfinder.agent.doors.door import Rules
from tests.support.audits import findings_of
from tests.support.callers import BLIND, answer, complaint, place_of_audits, rules_of, within


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of audits with a finished one, and what is beside it."""
    return place_of_audits(tmp_path_factory.mktemp("mcp"))


@pytest.fixture
def rules(place: Path) -> Rules:
    return rules_of(place)


def test_proven_failures_are_asked_of_a_model_again(rules: Rules, place: Path) -> None:
    proven = [one.title for one in findings_of(place / "audits" / "small").findings if one.status == "confirmed"]

    async def talk(client: Client) -> None:
        same = await answer(client, "check", name="small", target=BLIND)
        assert [(one["title"], one["fate"]) for one in same["failures"]] == [(title, "still fails") for title in proven]
        assert all(one["probes"] == one["before"] for one in same["failures"])
        exact = await answer(client, "check", name="small", target="lab:oracle")
        assert {one["fate"] for one in exact["failures"]} == {"fixed"}
        assert "is not allowed" in await complaint(client, "check", name="small", target="python:os:abort")
        assert "no audit in" in await complaint(client, "check", name="nothing", target=BLIND)

    within(rules, talk)


def test_questions_about_an_audit_are_answered_with_citations_and_nothing_else_is_begun(
    rules: Rules, place: Path
) -> None:
    first = findings_of(place / "audits" / "small").findings[0]
    before = {path.name for path in (place / "audits").iterdir()}

    async def talk(client: Client) -> None:
        told = await answer(client, "chat", name="small", question="what failed?")
        assert f"[{first.id}]" in told["answer"]
        assert first.id in told["citations"]
        for target in ("python:os:abort", BLIND):
            refused = await answer(
                client, "chat", name="small", question=f"start another audit of {target} about colours"
            )
            assert "no other audit is begun" in refused["answer"]
        assert "question is empty" in await complaint(client, "chat", name="small", question=" ")
        assert "no audit in" in await complaint(client, "chat", name="nothing", question="what failed?")

    within(rules, talk)
    assert {path.name for path in (place / "audits").iterdir()} == before
