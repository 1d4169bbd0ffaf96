"""An audit that is killed, interrupted or crowded goes on as if nothing had been."""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faultfinder.agent.folder.holding import LOCK, holder_of
from faultfinder.agent.running.audits import Audit
from faultfinder.memory.errors import AuditError
from tests.soak import Plan, soak
from tests.support.audits import (
    HANG,
    ROOT,
    audit_command,
    await_event,
    command,
    environment,
    run,
    settings,
    timeless,
)

KILLS = 10

Start = Callable[[list[str]], subprocess.Popen[bytes]]

pytestmark = pytest.mark.slow


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a command whose words go to said.log; one that still runs after the test is ended."""
    begun: list[subprocess.Popen[bytes]] = []

    def started(arguments: list[str]) -> subprocess.Popen[bytes]:
        with (tmp_path / "said.log").open("ab") as sink:
            begun.append(subprocess.Popen(arguments, stdout=sink, stderr=sink, env=environment(), cwd=ROOT))
        return begun[-1]

    yield started
    for process in begun:
        process.kill()
        process.wait()


def resume_command(place: Path) -> list[str]:
    return command("resume", "small", "--out", str(place))


def test_killed_ten_times_an_audit_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    tally = soak(Plan(kills=KILLS, seed=11, target="blind", corpus=None), tmp_path, print)
    assert tally.kills == KILLS
    assert tally.answers > 0


def test_an_interrupted_audit_writes_its_report_and_goes_on(tmp_path: Path, start: Start) -> None:
    log = tmp_path / "said.log"
    process = start(audit_command(tmp_path, "slow"))
    await_event(tmp_path / "small", "scouting", lambda: process.poll() is None)
    process.send_signal(signal.SIGINT)
    assert process.wait(HANG) == 130, log.read_text()
    assert "faultfinder resume small" in log.read_text()
    assert "Traceback" not in log.read_text()
    assert (tmp_path / "small" / "report.html").is_file()
    assert '"stopped_by": "interrupted"' in (tmp_path / "small" / "findings.json").read_text()
    ended = run(resume_command(tmp_path))
    assert ended.returncode == 0, ended.stderr
    calm = run(audit_command(tmp_path / "calm", "slow"))
    assert calm.returncode == 0, calm.stderr
    assert timeless(tmp_path / "small") == timeless(tmp_path / "calm" / "small")


def test_two_processes_cannot_hold_one_audit(tmp_path: Path) -> None:
    with Audit.create(settings(tmp_path), tmp_path / "small"):
        refused = run(resume_command(tmp_path))
        assert refused.returncode == 2
        assert f"in use by process {os.getpid()}" in refused.stderr
        assert "Traceback" not in refused.stderr
        with pytest.raises(AuditError, match=re.escape(f"in use by process {os.getpid()}")):
            Audit.open(tmp_path / "small")


def test_the_lock_of_a_killed_process_holds_nobody_up(tmp_path: Path, start: Start) -> None:
    process = start(audit_command(tmp_path, "slow"))
    await_event(tmp_path / "small", "begun", lambda: process.poll() is None)
    assert holder_of(tmp_path / "small") == process.pid
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = (tmp_path / "small" / LOCK).read_text()
    assert left.split()[0] == str(process.pid)  # the file stays, and means nothing
    assert holder_of(tmp_path / "small") is None
    with Audit.open(tmp_path / "small"):
        assert holder_of(tmp_path / "small") == os.getpid()
