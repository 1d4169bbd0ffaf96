"""Running an audit at the terminal: show progress, stop in order when asked, say what was found."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from faultfinder.agent import endings
from faultfinder.agent.background import LOG, run_in_background
from faultfinder.agent.event_log import EVENTS
from faultfinder.agent.events import Event, Listener
from faultfinder.agent.holding import LOCK
from faultfinder.agent.names import DATABASE
from faultfinder.agent.progress import Scoreboard, view_of
from faultfinder.agent.terminal import err, out, plain
from faultfinder.memory.errors import FaultfinderError
from faultfinder.memory.records import AuditSettings, Limits, PeoplePolicy

if TYPE_CHECKING:
    from faultfinder.agent.audit import Audit

PAUSED, INTERRUPTED = 75, 130
_SHOW_CURSOR = "\x1b[?25h"
_LEFTOVERS = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", LOCK, EVENTS, LOG)


def begin(settings: AuditSettings, folder: Path) -> int:
    """Run a new audit and return the exit code. An audit that fails before it began leaves no folder behind.

    Raises:
        FaultfinderError: something the person can act on.
    """
    from faultfinder.agent.audit import Audit

    with view_of(settings.goal, Scoreboard(settings.limits)) as view:
        audit = Audit.create(settings, folder, view)
        try:
            with audit:
                reason = _run(audit)
        except FaultfinderError:
            _discard_unborn(folder)
            raise
    return _conclude(folder, reason)


def begin_detached(settings: AuditSettings, folder: Path) -> int:
    """Begin a new audit in the background and return the exit code: 0 where it runs.

    Raises:
        FaultfinderError: something the person can act on.
    """
    from faultfinder.agent.audit import Audit

    Audit.create(settings, folder).close()
    code = run_in_background(folder, [])
    if code:
        _discard_unborn(folder)
    return code or 0


def go_on(folder: Path, limits: Limits, people: PeoplePolicy | None = None) -> int:
    """Go on with an audit and return the exit code.

    Args:
        folder: the audit's folder.
        limits: new limits in place of those given where set.
        people: a new policy towards people, in place of the audit's.

    Raises:
        FaultfinderError: something the person can act on.
    """
    from faultfinder.agent.audit import Audit

    relay = _Relay()
    with (
        Audit.open(folder, relay, limits, people) as audit,
        view_of(audit.settings.goal, Scoreboard(audit.settings.limits)) as view,
    ):
        relay.to = view
        reason = _run(audit)
    return _conclude(folder, reason)


def go_on_detached(folder: Path, limits: Limits, people: PeoplePolicy | None = None) -> int:
    """Go on with an audit in the background and return the exit code: 0 where it runs.

    Raises:
        FaultfinderError: something the person can act on.
    """
    from faultfinder.agent.audit import Audit

    Audit.open(folder).close()  # refused here rather than in the log, where it is missing or taken
    given = limits.model_dump(exclude_none=True)
    options = [word for name, value in given.items() for word in (f"--max-{name.replace('_', '-')}", str(value))]
    return run_in_background(folder, [*options, *(["--people", people] if people else [])]) or 0


class _Relay:
    """Passes events on to a view that does not exist yet when the audit is opened."""

    def __init__(self) -> None:
        self.to: Listener | None = None

    def __call__(self, event: Event) -> None:
        if self.to:
            self.to(event)


def _run(audit: "Audit") -> str:
    with _stop_in_order(audit):
        return audit.run()


@contextmanager
def _stop_in_order(audit: "Audit") -> Iterator[None]:
    """Turn the first Ctrl-C or SIGTERM into an orderly stop, and the second into an immediate one."""
    asked = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            os.write(sys.stderr.fileno(), _SHOW_CURSOR.encode() if sys.stderr.isatty() else b"")
            os._exit(INTERRUPTED)
        asked = True
        audit.interrupt()

    # A closed terminal stops the audit in order too, unless it was told to outlive it (nohup).
    hangs_up = (signal.SIGHUP,) if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL else ()
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, *hangs_up)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _discard_unborn(folder: Path) -> None:
    """Remove what a failed start left in a folder it had just made, so that the name is free for the next try."""
    from faultfinder.memory.ledger import Ledger
    from faultfinder.memory.records import Brief

    if not (folder / DATABASE).is_file():
        return
    with Ledger.open(folder / DATABASE) as ledger:
        if ledger.all(Brief) or ledger.spend().llm_calls:
            return
    for leftover in [*_LEFTOVERS, *(path.name for path in folder.glob("embeddings.db*"))]:
        (folder / leftover).unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def _conclude(folder: Path, reason: str) -> int:
    from faultfinder.agent.conclusion import load_findings, say_conclusion

    say_conclusion(out(), load_findings(folder), folder)
    if (todo := _what_to_do(folder.name, reason)) is not None:
        err().print(todo, markup=False, soft_wrap=True)
    if reason.startswith(endings.PAUSED):
        return PAUSED
    return INTERRUPTED if reason == endings.INTERRUPTED else 0


def _what_to_do(name: str, reason: str) -> str | None:
    """Say how an audit that has not ended goes on; None where it has, or met a limit."""
    resume = f"faultfinder resume {plain(name)}"
    if reason == endings.FOR_PEOPLE:
        return f"Waiting for people: faultfinder review {plain(name)}, then {resume}"
    if reason.startswith(endings.WAITING):
        return f"W{plain(reason)[1:]}. Then: {resume}"
    if reason.startswith(endings.PAUSED):
        return f"P{plain(reason)[1:]}. Nothing found or paid for is lost. When the model answers again: {resume}"
    return f"Interrupted. Go on with: {resume}" if reason == endings.INTERRUPTED else None
