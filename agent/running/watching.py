"""Following and stopping an audit that runs in another process, by its event log and its lock."""

import os
import signal
import time
from pathlib import Path

from faultfinder.agent.endings import STOPPING
from faultfinder.agent.events import EventKind
from faultfinder.agent.folder.event_log import EVENTS, EventTail, LoggedEvent
from faultfinder.agent.folder.holding import holder_of, is_alone, is_held
from faultfinder.agent.folder.names import DATABASE
from faultfinder.agent.folder.stop_requests import request_stop
from faultfinder.agent.terminal.progress import Scoreboard, View, view_of
from faultfinder.agent.terminal.streams import err, plain
from faultfinder.memory.errors import AuditError
from faultfinder.memory.records import Limits

_LOOK = 0.3
"""Seconds between two looks at the log."""

_OVER = (EventKind.ENDED, EventKind.FAILED)


class LogClock:
    """Tells the seconds an audit has run: those its last event said, and what has passed since it was read."""

    def __init__(self) -> None:
        """Begin at zero."""
        self._said, self._read = 0.0, time.monotonic()

    def set(self, elapsed: float) -> None:
        """Take over what an event says."""
        self._said, self._read = elapsed, time.monotonic()

    def __call__(self) -> float:
        """Return the seconds."""
        return self._said + time.monotonic() - self._read


def follow(folder: Path) -> None:
    """Show a running audit until it ends; one that runs no longer as it ended.

    Raises:
        AuditError: there is no such audit, it left no log, it failed, or its process is gone without an end.
    """
    _require_audit(folder)
    running, tail, clock = is_held(folder), EventTail(folder), LogClock()
    board = Scoreboard(Limits(), clock)
    past = list(tail.new())
    if not past and not running:
        raise AuditError(f"{folder} has no {EVENTS} and is not running: `faultfinder resume {folder.name}` goes on")
    this_sitting = max((i for i, event in enumerate(past) if event.seq == 1), default=0)
    for event in past[:this_sitting]:
        clock.set(event.elapsed)
        board.hear(event)
    with view_of(folder.name, board) as view:
        last = _show_until_over(folder, tail, past[this_sitting:], clock, view)
    if last is None or last.kind is not EventKind.ENDED:
        raise AuditError(_without_end(folder, last))


def _show_until_over(
    folder: Path, tail: EventTail, events: list[LoggedEvent], clock: LogClock, view: View
) -> LoggedEvent | None:
    """Show events as they come; return the one that ended the sitting, None where the process is gone without."""
    while True:
        last = _show(events, clock, view)
        if last is not None:
            return last
        running = is_held(folder)  # asked before the log is read: what ended it in between is in there
        events = list(tail.new())
        if not running and not events:
            return None
        if not events:
            time.sleep(_LOOK)


def _show(events: list[LoggedEvent], clock: LogClock, view: View) -> LoggedEvent | None:
    last = None
    for event in events:
        clock.set(event.elapsed)
        view(event)
        last = event if event.kind in _OVER else None if event.seq == 1 else last
    return last


def _without_end(folder: Path, last: LoggedEvent | None) -> str:
    if last is not None:
        return f"the audit failed: {plain(last.text)}. Mend it, then: faultfinder resume {folder.name}"
    return f"{folder} runs no longer, and did not end: it was killed. Go on with: faultfinder resume {folder.name}"


def stop(folder: Path, wait: float, *, now: bool) -> str:
    """Ask the process that holds an audit to stop it in order, or kill that; return what came of it, in a line.

    A process that does nothing else is sent a signal; in a server's, a notebook's or another one only the audit stops.

    Args:
        folder: the audit's folder.
        wait: seconds to wait for it to end.
        now: kill it instead; nothing found or paid for is lost by that.

    Raises:
        AuditError: there is no such audit, or the process cannot be reached, or must not be killed.
    """
    _require_audit(folder)
    if not is_held(folder):
        return f"{folder.name} is not running"
    holder = holder_of(folder)
    if holder is None:
        raise AuditError(f"{folder} is held by a process that does not say which; try again in a moment")
    _ask(folder, holder, now=now)
    until = time.monotonic() + wait
    while is_held(folder):
        if time.monotonic() >= until:
            return f"asked process {holder} to stop it, after the step in hand (faultfinder watch {folder.name})"
        time.sleep(_LOOK)
    return f"{folder.name} has stopped. Go on with: faultfinder resume {folder.name}"


def _ask(folder: Path, holder: int, *, now: bool) -> None:
    if not is_alone(folder):
        if now:
            raise AuditError(
                f"{folder.name} runs inside process {holder}, which does other things too; leave out --now to stop "
                "only the audit, or end that process yourself (nothing found is lost)"
            )
        request_stop(folder)
    elif now or not _is_stopping(folder, holder):
        _send(holder, signal.SIGKILL if now else signal.SIGTERM)


def _send(holder: int, what: signal.Signals) -> None:
    try:
        os.kill(holder, what)
    except ProcessLookupError as error:
        raise AuditError(
            f"process {holder} holds the audit, and is not to be seen from here: stop it where it runs"
        ) from error
    except PermissionError as error:
        raise AuditError(f"process {holder} belongs to somebody else; stop it as its owner") from error


def _is_stopping(folder: Path, holder: int) -> bool:
    """Tell whether the holder was asked to stop before: asked twice it would quit at once."""
    return any(event.pid == holder and event.text.startswith(STOPPING) for event in EventTail(folder).new())


def _require_audit(folder: Path) -> None:
    if not (folder / DATABASE).is_file():
        raise AuditError(f"no audit in {folder}; `faultfinder audits` lists those there are")


def said_running(folder: Path) -> None:
    """Say on stderr that watching ended and the audit goes on."""
    err().print(
        f"The audit goes on. Watch: faultfinder watch {folder.name}. Stop: faultfinder stop {folder.name}", markup=False
    )
