"""Audits that run in the background of this process, one at a time, for a caller that comes and goes."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from faultfinder.agent.events import Event, EventKind
from faultfinder.agent.running.audits import Audit
from faultfinder.memory.errors import AuditError, FaultfinderError
from faultfinder.memory.records import Limits
from faultfinder.tools.plain_text import plain

Work = Callable[["Run"], None]

SECONDS_TO_BEGIN = 60.0
"""How long a folder and its database may take to be made."""

SECONDS_TO_STOP = 60.0
"""How long an audit may take to stop in order when the process ends; killed after that, it resumes all the same."""

KEPT = 200
"""Sayings kept for a caller who has not heard them yet."""

FAULT = "a fault of Faultfinder's own; what this server wrote to stderr says more. What was found is safe"


@dataclass(frozen=True)
class Said:
    """One thing that an audit said."""

    number: int
    text: str
    passing: bool


class Run:
    """One audit under way."""

    def __init__(self, name: str, limits: Limits) -> None:
        """Begin with nothing heard."""
        self.name = name
        self.limits = limits
        self.error: str | None = None
        self.born = threading.Event()
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._heard = 0
        self._said: deque[Said] = deque(maxlen=KEPT)
        self._audit: Audit | None = None
        self._stopping = False

    def hear(self, event: Event) -> None:
        """Take note of what the audit says; of mere progress only the latest."""
        with self._lock:
            self._heard += 1
            if event.kind is EventKind.PROGRESS and self._said and self._said[-1].passing:
                self._said.pop()
            self._said.append(Said(self._heard, plain(event.text), event.kind is EventKind.PROGRESS))

    def news(self, after: int) -> list[Said]:
        """Return what the audit has said after a saying of that number, in order."""
        with self._lock:
            return [said for said in self._said if said.number > after]

    @property
    def doing(self) -> str:
        """What it said last."""
        with self._lock:
            return self._said[-1].text if self._said else ""

    def follow(self, audit: Audit) -> None:
        """Run an audit to its end; one that was to stop before it began stops at its first step."""
        with self._lock:
            self._audit, stopping = audit, self._stopping
        if stopping:  # it says so, and is heard: not while holding the lock
            audit.interrupt()
        self.born.set()
        audit.run()

    def stop(self) -> None:
        """Ask the audit to stop at its next safe point."""
        with self._lock:
            self._stopping, audit = True, self._audit
        if audit is not None:
            audit.interrupt()

    def work(self, work: Work) -> None:
        """Do the work and keep what went wrong, for whoever asks."""
        wrong: str | None = FAULT
        try:
            work(self)
            wrong = None
        except FaultfinderError as error:
            wrong = str(error)
        finally:
            self.error = wrong
            self.ended.set()
            self.born.set()


class Runs:
    """Starts audits, one at a time, and remembers how they went."""

    def __init__(self) -> None:
        """Begin with none."""
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()

    def begin(self, run: Run, work: Work) -> Run:
        """Run an audit in the background; return when it is there to be read, or has failed before that.

        Raises:
            AuditError: another one is running.
        """
        with self._lock:
            running = next((other for other in self._runs.values() if not other.ended.is_set()), None)
            if running is not None:
                raise AuditError(f"the audit {running.name} is running, and one at a time may; wait for it, or stop it")
            self._runs[run.name] = run
        threading.Thread(target=run.work, args=(work,), name=f"audit {run.name}", daemon=True).start()
        run.born.wait(SECONDS_TO_BEGIN)
        return run

    def of(self, folder: Path) -> Run | None:
        """Return how this process ran the audit in a folder, if it did."""
        return self._runs.get(folder.name)

    def close(self) -> None:
        """Stop in order what is running, and wait for it."""
        for run in list(self._runs.values()):
            if not run.ended.is_set():
                run.stop()
                run.ended.wait(SECONDS_TO_STOP)
