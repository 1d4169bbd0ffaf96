"""An audit in the background: followed, stopped in order, killed; machines read its events."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from faultfinder.agent.events import Event, EventKind
from faultfinder.agent.folder.event_log import EVENTS, EventLog, EventTail
from faultfinder.agent.folder.holding import hold_audit, holder_of, is_held
from faultfinder.agent.folder.stop_requests import STOP, heeds_requests, request_stop
from faultfinder.agent.running.background import LOG
from faultfinder.agent.running.watching import LogClock
from faultfinder.memory.errors import AuditError
from tests.support.audits import (
    HANG,
    ROOT,
    audit_command,
    await_event,
    command,
    environment,
    findings_of,
    run,
)

PATIENCE = 60.0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A place for audits; what still runs in it afterwards is ended."""
    yield tmp_path
    for folder in tmp_path.glob("*/"):
        if (holder := holder_of(folder)) is not None and holder != os.getpid():
            os.kill(holder, signal.SIGKILL)


def in_place(name: str, place: Path, *more: str) -> list[str]:
    return command(name, "small", "--out", str(place), *more)


@pytest.mark.slow
def test_in_the_background_watched_stopped_and_gone_on_with(place: Path) -> None:
    begun = run(audit_command(place, "sluggish", "--detach"))
    assert begun.returncode == 0, begun.stderr
    assert "faultfinder watch small" in begun.stderr
    folder = place / "small"
    assert f"as process {holder_of(folder)}" in begun.stderr
    refused = run(in_place("resume", place, "--detach"))
    assert refused.returncode == 2
    assert f"in use by process {holder_of(folder)}" in refused.stderr
    await_event(folder, "scouting")
    stopped = run(in_place("stop", place))
    assert "has stopped" in stopped.stderr
    assert run(in_place("stop", place)).stderr.strip() == "small is not running"
    assert findings_of(folder).audit.stopped_by == "interrupted"
    assert "Traceback" not in (folder / LOG).read_text()
    again = run(in_place("resume", place, "--detach", "--max-hypotheses", "1"))
    assert again.returncode == 0, again.stderr
    watched = run(in_place("watch", place))
    assert watched.returncode == 0, watched.stderr
    assert "begun: " in watched.stderr
    assert "verdict: h1" in watched.stderr
    assert "Report: " in watched.stdout
    assert findings_of(folder).audit.stopped_by == "max_hypotheses"
    assert run(in_place("watch", place)).returncode == 0  # one that has ended is shown as it ended


@pytest.mark.slow
def test_watching_an_audit_that_is_killed_ends_with_what_to_do(place: Path) -> None:
    assert run(audit_command(place, "sluggish", "--detach")).returncode == 0
    assert run(in_place("stop", place, "--now")).returncode == 0
    assert not is_held(place / "small")
    watched = run(in_place("watch", place))
    assert watched.returncode == 2
    assert "was killed. Go on with: faultfinder resume small" in watched.stderr
    assert "Traceback" not in watched.stderr


def test_what_cannot_begin_says_so_before_it_is_left_to_itself(place: Path) -> None:
    begun = run(audit_command(place, "unheard_of", "--detach"))
    assert begun.returncode == 2
    assert "has no function unheard_of" in begun.stderr
    assert not (place / "small").exists(), "a start that failed leaves no audit behind"


@pytest.mark.parametrize("name", ["watch", "stop"])
def test_an_audit_that_is_not_there_is_a_message(name: str, tmp_path: Path) -> None:
    shown = run(in_place(name, tmp_path))
    assert shown.returncode == 2
    assert "no audit in" in shown.stderr


def test_every_event_is_one_object_a_line_in_order(tmp_path: Path) -> None:
    for _ in range(2):
        with EventLog(tmp_path) as log:
            log(Event(kind=EventKind.BEGUN, text="a goal"))
            log(Event(kind=EventKind.NOTE, text='line\nbreak, "quotes", \u2028 and \x1b[31m'))
    lines = [json.loads(line) for line in (tmp_path / EVENTS).read_bytes().splitlines()]
    assert [(line["schema"], line["seq"], line["kind"]) for line in lines] == [
        ("faultfinder.event/1", 1, "begun"),
        ("faultfinder.event/1", 2, "note"),
    ] * 2
    assert {line["pid"] for line in lines} == {os.getpid()}
    assert [event.seq for event in EventTail(tmp_path).new()] == [1, 2, 1, 2]


def test_a_line_that_was_cut_short_costs_only_itself(tmp_path: Path) -> None:
    with EventLog(tmp_path) as log:
        log(Event(kind=EventKind.NOTE, text="first"))
        log(Event(kind=EventKind.NOTE, text="second"))
    path = tmp_path / EVENTS
    path.write_bytes(path.read_bytes()[:-20])
    with EventLog(tmp_path) as log:
        log(Event(kind=EventKind.NOTE, text="third"))
    assert [event.text for event in EventTail(tmp_path).new()] == ["first", "third"]


def test_a_tail_reads_each_line_once_and_no_half_lines(tmp_path: Path) -> None:
    tail = EventTail(tmp_path)
    assert list(tail.new()) == []
    with EventLog(tmp_path) as log:
        log(Event(kind=EventKind.NOTE, text="first"))
        assert [event.text for event in tail.new()] == ["first"]
        log(Event(kind=EventKind.NOTE, text="second"))
    whole = (tmp_path / EVENTS).read_bytes()
    (tmp_path / EVENTS).write_bytes(whole[:-10])
    assert list(tail.new()) == []
    (tmp_path / EVENTS).write_bytes(whole)
    assert [event.text for event in tail.new()] == ["second"]


def test_the_time_an_audit_has_run_does_not_follow_the_wall_clock(tmp_path: Path) -> None:
    seconds = iter([100.0, 107.5])
    with EventLog(tmp_path, elapsed=60.0, clock=lambda: next(seconds)) as log:
        log(Event(kind=EventKind.NOTE, text="later"))
    (event,) = EventTail(tmp_path).new()
    assert event.elapsed == 67.5
    clock = LogClock()
    clock.set(event.elapsed)
    assert 67.5 <= clock() < 67.5 + HANG


def test_a_log_on_a_full_disk_is_a_message(tmp_path: Path) -> None:
    (tmp_path / EVENTS).symlink_to("/dev/full")
    with EventLog(tmp_path) as log, pytest.raises(AuditError, match="is the disk full"):
        log(Event(kind=EventKind.NOTE, text="lost"))


SHARED = """
from pathlib import Path
from faultfinder.agent import audit
from tests.support.audits import CASES, corpus
from tests.support.encoders import sluggish
place = Path({place!r})
found = audit(
    "does it see everything?", target=sluggish(), corpus=corpus(place), probes=CASES, controls=CASES,
    memory=place / "memory", out=place, name="small", people="none",
)
print("goes on, after", found.stopped_by)
"""
"""A program that does other things too: it prints after the audit has stopped."""


def test_an_audit_inside_another_program_is_stopped_and_the_program_goes_on(place: Path) -> None:
    program = [sys.executable, "-c", SHARED.format(place=str(place))]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=environment(), cwd=ROOT) as running:
        await_event(place / "small", "begun")
        refused = run(in_place("stop", place, "--now"))
        assert refused.returncode == 2
        assert f"inside process {running.pid}, which does other things too" in " ".join(refused.stderr.split())
        stopped = run(in_place("stop", place))
        assert "has stopped" in stopped.stderr
        said, _ = running.communicate(timeout=PATIENCE)
    assert (running.returncode, said) == (0, "goes on, after interrupted\n")
    assert not (place / "small" / STOP).exists()


def test_a_request_that_came_too_late_does_not_stop_the_next_sitting(tmp_path: Path) -> None:
    request_stop(tmp_path)
    with hold_audit(tmp_path):
        heard: list[str] = []
        with heeds_requests(tmp_path, lambda: heard.append("stop")):
            time.sleep(1.0)
        assert heard == []


def test_a_request_is_heard_once(tmp_path: Path) -> None:
    heard: list[str] = []
    with heeds_requests(tmp_path, lambda: heard.append("stop")):
        request_stop(tmp_path)
        until = time.monotonic() + PATIENCE
        while not heard and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(1.0)
    assert heard == ["stop"]
