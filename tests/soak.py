"""Kill an audit with `kill -9` again and again, at chosen kinds of instants, and check that nothing tells that it was.

    python -m tests.soak --kills 100 --seed 1

The instants are chosen by watching what anybody can see: the audit's `events.jsonl`, its files, and the requests that
reach the chat server. Nothing in the product knows of it. `docs/reliability.md` quotes what it prints.
"""

import argparse
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from faultfinder.agent.assembly import open_memory
from faultfinder.agent.folder.event_log import EVENTS, EventTail
from tests.support.audits import HANG, ROOT, assert_single, audit_command, command, environment, timeless
from tests.support.server import ChatServer, Manners

KILLS_A_ROUND = 12
"""Kills of one audit; then it is left to end, compared, and another begins."""

LATE = 3
"""Of these, kills aimed at the end of the audit, after the others."""

ANSWER_SECONDS = 0.2
"""How long the chat server takes over an answer: long enough to be killed in."""


@dataclass(frozen=True)
class Plan:
    """What is done to which audit."""

    kills: int = 100
    seed: int = 1
    target: str = "lab:clip"
    corpus: str | None = "lab"
    hypotheses: int = 6
    chat: bool = True
    minutes: float = float("inf")


@dataclass
class Tally:
    """What was done, and where the kills fell."""

    kills: int = 0
    audits: int = 0
    aims: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    cut_off: int = 0
    seconds: float = 0.0

    def lines(self) -> list[str]:
        """Say it."""
        return [
            f"{self.kills} kills of {self.audits} audits in {self.seconds:.0f} s; each ended as the undisturbed one",
            "aimed at: " + ", ".join(f"{aim} {number}" for aim, number in self.aims.most_common()),
            "hit while: " + ", ".join(f"{stage} {number}" for stage, number in self.stages.most_common()),
            f"{self.answers} answers of the chat model, each paid once; {self.cut_off} cut off on the way and counted",
        ]


class Sitting:
    """One process running the audit, watched from outside."""

    def __init__(self, arguments: Sequence[str], place: Path, server: ChatServer | None, rng: random.Random) -> None:
        self.folder = place / "small"
        self.log = place / "said.log"
        self._server = server
        self._asked = len(server.requests) if server else 0
        self._patience = rng.randint(1, 6)
        self._begun = time.time()
        self._tail = EventTail(self.folder)
        list(self._tail.new())
        self.last = "opening"
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(arguments, stdout=sink, stderr=sink, env=_environment(place), cwd=ROOT)

    def lives(self) -> bool:
        """Tell whether the process still runs."""
        return self.process.poll() is None

    def heard(self, word: str) -> bool:
        """Tell whether an event of this sitting says something."""
        found = False
        for event in self._tail.new():
            self.last = event.text.split(",")[0].split(" for ")[0] if event.kind == "stage" else self.last
            found = found or word in f"{event.kind} {event.text}"
        return found

    def asks(self) -> bool:
        """Tell whether the chat server got one more request than it was to get in this sitting."""
        return self._server is not None and len(self._server.requests) >= self._asked + self._patience

    def writes(self) -> bool:
        """Tell whether a file is being written, or a picture has just been."""
        names = [path for folder in (self.folder, self.folder / "images") for path in _inside(folder)]
        half = any(path.name.startswith(".") for path in names)
        return half or any(path.suffix == ".png" and _changed(path) > self._begun for path in names)

    def end(self) -> None:
        """Let the process come to its end, which is to be in order.

        Raises:
            AssertionError: it failed, or did not end in time.
        """
        try:
            code = self.process.wait(HANG)
        except subprocess.TimeoutExpired:
            self.kill()
            code = None
        assert code == 0, self.log.read_text()

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.heard("")
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


AIMS: dict[str, tuple[Callable[[Sitting], bool], float]] = {
    "any instant": (lambda sitting: sitting.heard("begun "), 6.0),
    "starting": (lambda sitting: True, 3.0),
    "a model call": (Sitting.asks, ANSWER_SECONDS),
    "a memory write": (lambda sitting: sitting.heard("found "), 0.5),
    "a file write": (Sitting.writes, 0.02),
    "the report": (lambda sitting: sitting.heard("writing the report"), 1.5),
}
"""What to wait for, and within how many seconds after it to kill."""

EARLY_AIMS = ("any instant", "any instant", "a model call", "a model call", "a memory write", "starting")
LATE_AIMS = ("a file write", "the report", "any instant")


def soak(plan: Plan, place: Path, say: Callable[[str], None] = lambda line: None) -> Tally:
    """Kill audits until the plan is done or its time is up; raise where one ends otherwise than undisturbed.

    Raises:
        AssertionError: something was lost, doubled, or paid for twice.
    """
    rng, tally, begun = random.Random(plan.seed), Tally(), time.monotonic()
    with served(plan) as server:
        calm = _undisturbed(plan, place / "calm", server, rng)
    while tally.kills < plan.kills and tally.seconds < plan.minutes * 60:
        tally.audits += 1
        with served(plan) as server:
            killed = place / f"killed-{tally.audits}"
            _round(plan, killed, server, rng, tally, say)
            _compare(calm, killed, server, tally)
        tally.seconds = time.monotonic() - begun
    return tally


@contextmanager
def served(plan: Plan) -> Iterator[ChatServer | None]:
    """Serve the scripted chat model, where the plan has one."""
    if not plan.chat:
        yield None
        return
    with ChatServer(Manners(seconds_per_answer=ANSWER_SECONDS)) as server:
        yield server


def _undisturbed(plan: Plan, place: Path, server: ChatServer | None, rng: random.Random) -> Path:
    sitting = Sitting(_begin(plan, place, server), place, server, rng)
    sitting.end()
    return place


def _round(
    plan: Plan, place: Path, server: ChatServer | None, rng: random.Random, tally: Tally, say: Callable[[str], None]
) -> None:
    """Kill one audit a dozen times, then leave it to end."""
    sitting = Sitting(_begin(plan, place, server), place, server, rng)
    for aim in _aims(min(KILLS_A_ROUND, plan.kills - tally.kills), plan.chat, rng):
        if not _hit(sitting, aim, rng):
            break
        tally.kills += 1
        tally.aims[aim] += 1
        tally.stages[sitting.last] += 1
        say(f"{tally.kills}: aimed at {aim}, hit while {sitting.last}")
        begun = (place / "small" / "audit.db").is_file() and _has_settings(place / "small" / "audit.db")
        sitting = Sitting(_resume(place) if begun else [*_begin(plan, place, server), "--fresh"], place, server, rng)
    sitting.end()


def _aims(kills: int, chat: bool, rng: random.Random) -> list[str]:
    """Draw what the kills of one audit are aimed at; those at its end come last."""
    late = [rng.choice(LATE_AIMS) for _ in range(min(LATE, kills // 2))]
    early = [aim for aim in EARLY_AIMS if chat or aim != "a model call"]
    return [rng.choice(early) for _ in range(kills - len(late))] + late


def _hit(sitting: Sitting, aim: str, rng: random.Random) -> bool:
    """Wait for the instant and kill; False when the audit ended before."""
    waits_for, within = AIMS[aim]
    while not waits_for(sitting):
        if not sitting.lives():
            return False
        time.sleep(0.001)
    time.sleep(rng.uniform(0, within))
    if not sitting.lives():
        return False
    sitting.kill()
    return True


def _compare(calm: Path, killed: Path, server: ChatServer | None, tally: Tally) -> None:
    """Check that nothing is lost, nothing doubled, nothing paid for twice."""
    assert "Traceback" not in (killed / "said.log").read_text()
    assert _findings(killed) == _findings(calm)
    with open_memory(str(killed / "memory"), None) as memory:
        assert_single(killed / "small", memory.all())
        kept = [failure.id for failure in memory.all()]
    with open_memory(str(calm / "memory"), None) as memory:
        assert kept == [failure.id for failure in memory.all()]
    lines = (killed / "small" / EVENTS).read_bytes().splitlines()
    assert sum(not _is_json(line) for line in lines) <= tally.kills
    if server:
        _compare_bills(killed / "small" / "audit.db", server, tally)


def _compare_bills(database: Path, server: ChatServer, tally: Tally) -> None:
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT key, reply, tokens FROM calls").fetchall()
        assert connection.execute("SELECT COUNT(*) FROM calls_under_way").fetchone() == (0,)
    answered = {key: tokens for key, reply, tokens in rows if reply}
    charged = {request.key.rpartition("-")[0]: request.tokens for request in server.paid}
    assert len(charged) == len(server.paid), "an answer was charged twice"
    assert answered == charged, "the ledger and the bill differ"
    tally.answers += len(answered)
    tally.cut_off += len(rows) - len(answered)


def _findings(place: Path) -> dict[str, object]:
    """Return what was found; what calls that were cut off cost is compared with the bill instead."""
    found = timeless(place / "small")
    return {name: value for name, value in found.items() if name != "budget"}


def _begin(plan: Plan, place: Path, server: ChatServer | None) -> list[str]:
    chat = ["--llm", "openai:scripted", "--llm-url", server.url] if server else []
    corpus = ["--corpus", plan.corpus] if plan.corpus else []
    return audit_command(place, plan.target, "--max-hypotheses", str(plan.hypotheses), *chat, *corpus)


def _environment(place: Path) -> dict[str, str]:
    """Return the environment of a process whose caches, logs and data lie in the audit's own place."""
    own = {f"XDG_{kind}_HOME": str(place / "user" / kind.lower()) for kind in ("CACHE", "DATA", "STATE", "CONFIG")}
    return environment() | own


def _resume(place: Path) -> list[str]:
    return command("resume", "small", "--out", str(place))


def _has_settings(database: Path) -> bool:
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'records'").fetchall()
        kept = "SELECT COUNT(*) FROM records WHERE kind = 'AuditSettings'"
        return bool(tables) and connection.execute(kept).fetchone() != (0,)


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a soak and print its figures; exit code 1 where something was lost, doubled or paid for twice."""
    plan = Plan()
    parser = argparse.ArgumentParser(prog="soak", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=plan.kills, help="how often to kill")
    parser.add_argument("--seed", type=int, default=plan.seed, help="decides when")
    parser.add_argument("--target", default=plan.target, help="an encoder of tests/support/encoders.py, or any spec")
    parser.add_argument("--hypotheses", type=int, default=plan.hypotheses, help="how long an audit is")
    parser.add_argument("--minutes", type=float, default=plan.minutes, help="begin no further audit after this time")
    parser.add_argument("--offline", action="store_true", help="without the scripted chat model")
    said = parser.parse_args(arguments)
    corpus = "lab" if said.target.startswith("lab:") else None
    wanted = Plan(said.kills, said.seed, said.target, corpus, said.hypotheses, not said.offline, said.minutes)
    place = Path(tempfile.mkdtemp(prefix="soak-"))
    try:
        tally = soak(wanted, place, lambda line: print(line, flush=True))
    except AssertionError as failed:
        print(f"soak: {failed}\nThe audits it compared are kept in {place}", file=sys.stderr)
        return 1
    shutil.rmtree(place)
    print(*tally.lines(), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
