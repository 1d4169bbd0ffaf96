"""`events.jsonl` in an audit's folder: every event as one line of JSON, for machines and for `faultfinder watch`.

Append-only over all sittings. A line is handed to the system whole, the moment it happens; one that a kill or full disk
cut short is ended before the next begins, and readers skip it. The schema is in `docs/reliability.md`.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import TracebackType

from pydantic import Field, ValidationError

from faultfinder.agent.events import Event
from faultfinder.memory.errors import AuditError
from faultfinder.memory.records import Spend

EVENTS = "events.jsonl"
SCHEMA = "faultfinder.event/1"


class LoggedEvent(Event):
    """One line of `events.jsonl`: an event, and when it happened."""

    schema_id: str = Field(default=SCHEMA, alias="schema", description="version of this schema")
    seq: int = Field(description="position in this sitting, from 1")
    pid: int = Field(description="the process that ran this sitting")
    at: str = Field(description="the wall clock, ISO 8601; it may jump when somebody sets the clock")
    elapsed: float = Field(description="seconds the audit has run, over all sittings; never goes back")

    model_config = Event.model_config | {"populate_by_name": True}


class EventLog(AbstractContextManager["EventLog"]):
    """Writes the events of one sitting. Safe to use from several threads and from signal handlers."""

    def __init__(self, folder: Path, elapsed: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        """Open the log.

        Args:
            folder: the audit's folder.
            elapsed: seconds the audit has run in earlier sittings.
            clock: tells seconds that never go back.

        Raises:
            AuditError: it cannot be written.
        """
        self._path = folder / EVENTS
        self._clock = clock
        self._begun = clock() - elapsed
        self._numbers = count(1)
        self._guard = threading.RLock()  # a signal handler may interrupt its own thread in here
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise self._trouble(error) from error
        self._end_torn_line()

    def __call__(self, event: Event) -> None:
        """Append an event.

        Raises:
            AuditError: it cannot be written.
        """
        with self._guard:
            line = LoggedEvent(
                **event.model_dump(),
                seq=next(self._numbers),
                pid=os.getpid(),
                at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                elapsed=round(self._clock() - self._begun, 3),
            )
            self._write(line.model_dump_json(by_alias=True, exclude_none=True).encode() + b"\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the log."""
        os.close(self._file)

    def _end_torn_line(self) -> None:
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            self._write(b"\n")

    def _write(self, line: bytes) -> None:
        try:
            written = os.write(self._file, line)
        except OSError as error:
            raise self._trouble(error) from error
        if written < len(line):
            raise AuditError(f"cannot write {self._path}: the disk is full; free some space, then resume the audit")

    def _trouble(self, error: OSError) -> AuditError:
        return AuditError(
            f"cannot write {self._path} ({error.strerror}); is the disk full? Mend it, then resume the audit"
        )


class EventTail:
    """Reads a log as it grows."""

    def __init__(self, folder: Path) -> None:
        """Begin at the first line."""
        self._path = folder / EVENTS
        self._read = 0

    def new(self) -> Iterator[LoggedEvent]:
        """Yield the whole lines that came since the last call; lines that were torn are skipped."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._read)
                grown = file.read()
        except FileNotFoundError:
            return
        whole = grown[: grown.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            if (event := _parsed(line)) is not None:
                yield event


def _parsed(line: bytes) -> LoggedEvent | None:
    try:
        return LoggedEvent.model_validate(json.loads(line))
    except (ValueError, ValidationError):
        return None


def spent_seconds(spend: Spend) -> float:
    """Return the seconds an audit has run."""
    return spend.minutes * 60
