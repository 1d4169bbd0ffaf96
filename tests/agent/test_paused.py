"""A chat model that keeps failing pauses the audit, which loses nothing and goes on when it answers again."""

from pathlib import Path

import pytest

from faultfinder.agent.report.findings import Status
from tests.support.audits import audit_command, command, findings_of, run
from tests.support.server import ChatServer, Manners

LIVELY = 8
"""Requests that are answered before the server fails."""


def begin(place: Path, server: ChatServer) -> list[str]:
    chat = ["--llm", "openai:scripted", "--llm-url", server.url, "--max-hypotheses", "3"]
    return audit_command(place, "blind", *chat)


def test_a_failing_model_pauses_the_audit_and_a_mended_one_lets_it_end(tmp_path: Path) -> None:
    with ChatServer() as server:
        calm = run(begin(tmp_path / "calm", server))
        asked = len(server.requests)
    assert calm.returncode == 0, calm.stderr
    port = server.port
    with ChatServer(Manners(fails_after=LIVELY, retry_after="0"), port=port) as server:
        paused = run([*begin(tmp_path, server)], FAULTFINDER_LLM_TRIES="2")
        tried = len(server.requests) - LIVELY
        keys = {request.key for request in server.paid}
    assert paused.returncode == 75, paused.stderr
    assert "Paused: openai:scripted" in paused.stderr
    assert "faultfinder resume small" in paused.stderr
    assert "Traceback" not in paused.stderr
    assert tried < 20  # not burnt: a few tries of the calls under way
    assert (tmp_path / "small" / "report.html").is_file()
    assert findings_of(tmp_path / "small").audit.stopped_by.startswith("paused: ")
    with ChatServer(port=port) as server:
        ended = run(command("resume", "small", "--out", str(tmp_path)))
        assert ended.returncode == 0, ended.stderr
        assert not keys & {request.key for request in server.paid}, "an answer was bought again"
        assert len(server.requests) + len(keys) == asked
    found, undisturbed = findings_of(tmp_path / "small"), findings_of(tmp_path / "calm" / "small")
    assert found.with_status(Status.CONFIRMED)
    assert found.findings == undisturbed.findings


@pytest.mark.parametrize("status", [401, 404])
def test_a_model_that_refuses_from_the_start_is_something_to_correct(tmp_path: Path, status: int) -> None:
    with ChatServer(Manners(status=status)) as server:
        ended = run(begin(tmp_path, server))
        assert len(server.requests) == 1
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "small").exists(), "a start that failed leaves no audit behind"
