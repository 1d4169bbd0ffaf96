"""Whole audits for tests: settings, runs, and what must be equal and single afterwards."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from faultfinder.agent.folder.event_log import EventTail
from faultfinder.agent.recording import Recorded
from faultfinder.agent.report.findings import FindingsFile, Status
from faultfinder.agent.running.audits import Audit
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings, Case, Decision, Failure, Hypothesis, Observation, Verdict
from tests.support.encoders import sentences

ROOT = Path(__file__).parents[2]
GOAL = "does it see everything that a sentence says?"
CASES = 20
SENTENCES = 1200

HANG = 900.0
"""Seconds after which what has not happened is taken for a hang; only a test that fails waits so long."""


def settings(place: Path, factory: str = "blind", **changes: object) -> AuditSettings:
    """Return the settings of a small audit of a small corpus, its memory under `place`."""
    chosen = {
        "corpus": str(corpus(place)),
        "probes": CASES,
        "controls": CASES,
        "memory": str(place / "memory"),
        **changes,
    }
    target = factory if ":" in factory else f"python:tests.support.encoders:{factory}"
    return AuditSettings.model_validate({"name": "small", "goal": GOAL, "target": target, **chosen})


def corpus(place: Path) -> Path:
    """Write the corpus of small audits under `place`."""
    place.mkdir(parents=True, exist_ok=True)
    path = place / "scenes.txt"
    path.write_text("\n".join(sentences(SENTENCES)))
    return path


def audit(place: Path, chosen: AuditSettings) -> FindingsFile:
    """Run a new audit under `place` and return its findings."""
    with Audit.create(chosen, place / chosen.name) as begun:
        begun.run()
    return findings_of(place / chosen.name)


def findings_of(folder: Path) -> FindingsFile:
    """Read an audit's findings."""
    return FindingsFile.model_validate_json((folder / "findings.json").read_bytes())


def timeless(folder: Path) -> dict[str, object]:
    """Return `findings.json` without what the clock decides, and without the corpus' place."""
    found = json.loads((folder / "findings.json").read_text())
    found["audit"] |= {"started": None, "finished": None, "corpus": None}
    found["budget"]["spent"]["minutes"] = None
    return dict(found)


def confirmed(found: FindingsFile) -> set[str]:
    """Return the titles of what was confirmed."""
    return {finding.title for finding in found.with_status(Status.CONFIRMED)}


def statuses(found: FindingsFile) -> dict[str, Status]:
    """Return what became of each hypothesis, by what it says."""
    return {finding.description: finding.status for finding in found.findings}


def assert_single(folder: Path, memory: list[Failure]) -> None:
    """Check that nothing was done twice: every record once, every text in one case, every failure kept once."""
    with Ledger.open(folder / "audit.db") as ledger:
        hypotheses, cases, verdicts = ledger.all(Hypothesis), ledger.all(Case), ledger.all(Verdict)
        seen, recorded = ledger.all(Observation), ledger.all(Recorded)
    assert _doubles(h.description for h in hypotheses) == []
    assert _doubles((v.hypothesis, v.look) for v in verdicts) == []
    assert sorted(v.test_number for v in verdicts) == list(range(1, len(verdicts) + 1))
    assert _doubles(text for case in cases for text in (case.a, case.b)) == []
    assert sorted(o.case for o in seen) == sorted(case.id for case in cases)
    assert _doubles((failure.target, failure.description) for failure in memory) == []
    supported = {verdict.hypothesis for verdict in verdicts if verdict.decision is Decision.SUPPORTED}
    assert {one.id for one in recorded} == supported
    assert {one.failure for one in recorded} <= {failure.id for failure in memory}
    with closing(sqlite3.connect(folder / "audit.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def await_event(folder: Path, word: str, lives: Callable[[], bool] = lambda: True) -> None:
    """Wait until an audit's log says something, however busy the machine is.

    Raises:
        AssertionError: its process has ended without, or hangs.
    """
    tail, until = EventTail(folder), time.monotonic() + HANG
    while time.monotonic() < until:
        alive = lives()  # asked before the log is read: what the process said last is in there
        if any(word in f"{event.kind} {event.text}" for event in tail.new()):
            return
        assert alive, f"ended, and never said {word!r}"
        time.sleep(0.01)
    raise AssertionError(f"never heard {word!r}")


def command(*arguments: str) -> list[str]:
    """Return the command line of a Faultfinder command in a process of its own."""
    return [sys.executable, "-m", "faultfinder.agent.cli", *arguments]


def audit_command(out: Path, factory: str, *more: str) -> list[str]:
    """Return the command that begins a small audit named `small` under `out`."""
    target = factory if ":" in factory else f"python:tests.support.encoders:{factory}"
    size = ["--probes", str(CASES), "--controls", str(CASES)]
    place = ["--out", str(out), "--name", "small", "--memory", str(out / "memory"), "--corpus", str(corpus(out))]
    return command("audit", GOAL, "--target", target, *size, *place, *more)


def environment() -> dict[str, str]:
    """Return the environment of a command: the tests' encoders can be imported, no colours."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return os.environ | {"PYTHONPATH": path, "NO_COLOR": "1", "PYTHONWARNINGS": "ignore"}


def run(arguments: list[str], timeout: float = HANG, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with more in its environment."""
    return subprocess.run(
        arguments, capture_output=True, text=True, timeout=timeout, check=False, env=environment() | more, cwd=ROOT
    )


def _doubles(things: Iterable[object]) -> list[object]:
    return [thing for thing, number in Counter(things).items() if number > 1]
