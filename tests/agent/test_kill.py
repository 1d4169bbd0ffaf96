"""An audit that is killed, interrupted or crowded goes on as if nothing had been."""

import os
import random
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from faultfinder.agent.assembly import open_memory
from faultfinder.agent.audits import Audit
from faultfinder.memory.errors import AuditError
from tests.support.audits import (
    assert_single,
    audit_command,
    command,
    environment,
    findings_of,
    run,
    settings,
    timeless,
)
from tests.support.server import ChatServer, Manners

KILLS = 10
CHAT_KILLS = 4
SPREAD = 7
"""A process lives for up to a seventh of the whole audit, so that ten kills reach well into it and seldom past it."""

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Undisturbed:
    """The same audit, left alone: where it is and how long it took."""

    place: Path
    seconds: float


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    place = tmp_path_factory.mktemp("undisturbed")
    begun = time.monotonic()
    ended = run(audit_command(place, "slow"))
    assert ended.returncode == 0, ended.stderr
    return Undisturbed(place, time.monotonic() - begun)


def start(arguments: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a command whose standard error goes to a log."""
    with log.open("ab") as sink:
        return subprocess.Popen(arguments, stdout=sink, stderr=sink, env=environment(), cwd=Path(__file__).parents[2])


def await_lines(log: Path, process: subprocess.Popen[bytes], number: int, patience: float = 60) -> None:
    """Wait until a command has said so many lines, or has ended."""
    end = time.monotonic() + patience
    while time.monotonic() < end and process.poll() is None:
        if log.is_file() and len(log.read_text().splitlines()) >= number:
            return
        time.sleep(0.005)


def resume_command(place: Path) -> list[str]:
    return command("resume", "small", "--out", str(place))


def test_killed_ten_times_an_audit_ends_as_if_it_had_not_been(undisturbed: Undisturbed, tmp_path: Path) -> None:
    rng = random.Random(11)
    log = tmp_path / "said.log"
    hits = []
    process = start(audit_command(tmp_path, "slow"), log)
    for _ in range(KILLS):
        said = len(log.read_text().splitlines()) if log.is_file() else 0
        await_lines(log, process, said + 2)
        time.sleep(rng.uniform(0, undisturbed.seconds / SPREAD))
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        hits.append(log.read_text().splitlines()[-1] if log.read_text() else "before the first line")
        process = start(resume_command(tmp_path), log)
    process.wait(timeout=120)
    print("killed after:", *hits, sep="\n  ")
    assert process.returncode == 0, log.read_text()
    assert "Traceback" not in log.read_text()
    assert len(hits) >= KILLS - 1  # the audit may have ended just before the last
    assert timeless(tmp_path / "small") == timeless(undisturbed.place / "small")
    with open_memory(str(tmp_path / "memory"), None) as memory:
        assert_single(tmp_path / "small", memory.all())
        kept = memory.all()
    with open_memory(str(undisturbed.place / "memory"), None) as memory:
        assert [failure.id for failure in kept] == [failure.id for failure in memory.all()]


def test_an_interrupted_audit_writes_its_report_and_goes_on(undisturbed: Undisturbed, tmp_path: Path) -> None:
    log = tmp_path / "said.log"
    process = start(audit_command(tmp_path, "slow"), log)
    await_lines(log, process, 6)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130, log.read_text()
    assert "faultfinder resume small" in log.read_text()
    assert "Traceback" not in log.read_text()
    assert (tmp_path / "small" / "report.html").is_file()
    assert '"stopped_by": "interrupted"' in (tmp_path / "small" / "findings.json").read_text()
    ended = run(resume_command(tmp_path))
    assert ended.returncode == 0, ended.stderr
    assert timeless(tmp_path / "small") == timeless(undisturbed.place / "small")


def test_two_processes_cannot_hold_one_audit(tmp_path: Path) -> None:
    with Audit.create(settings(tmp_path), tmp_path / "small"):
        refused = run(resume_command(tmp_path))
        assert refused.returncode == 2
        assert f"in use by process {os.getpid()}" in refused.stderr
        assert "Traceback" not in refused.stderr
        with pytest.raises(AuditError, match=re.escape(f"in use by process {os.getpid()}")):
            Audit.open(tmp_path / "small")


def test_killed_while_a_chat_model_answers_no_call_is_paid_twice(tmp_path: Path) -> None:
    rng = random.Random(3)
    log = tmp_path / "said.log"
    with ChatServer(Manners(seconds_per_answer=0.3)) as server:
        chat = ["--corpus", "lab", "--llm", "openai:scripted", "--llm-url", server.url, "--max-hypotheses", "3"]
        process = start(audit_command(tmp_path, "blind", *chat), log)
        kills = 0
        while kills < CHAT_KILLS:
            answered = len(server.requests)
            while len(server.requests) < answered + 2 and process.poll() is None:
                time.sleep(0.01)
            time.sleep(rng.uniform(0, 0.5))
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            process = start(resume_command(tmp_path), log)
        assert process.wait(timeout=120) == 0, log.read_text()
        asked = [request.key for request in server.requests]
    assert kills == CHAT_KILLS
    assert (
        len(asked) - len(set(asked)) <= kills
    )  # only the call in flight is asked for again, and by its key not charged
    assert findings_of(tmp_path / "small").budget.spent.llm_calls == len(set(asked))
