"""Running an audit at the terminal: show progress, stop in order when asked, say what was found."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from faultfinder.agent import endings
from faultfinder.agent.events import Event, Listener
from faultfinder.agent.folder.event_log import EVENTS
from faultfinder.agent.folder.holding import LOCK
from faultfinder.agent.folder.names import CORPUS, DATABASE
from faultfinder.agent.folder.stop_requests import STOP
from faultfinder.agent.running.background import LOG, run_in_background
from faultfinder.agent.terminal.progress import Scoreboard, view_of
from faultfinder.agent.terminal.stopping import stops_in_order
from faultfinder.agent.terminal.streams import err, out, plain
from faultfinder.memory.errors import FaultfinderError
from faultfinder.memory.records import AuditSettings, Limits, PeoplePolicy

if TYPE_CHECKING:
    from langchain_core.callbacks import BaseCallbackHandler

    from faultfinder.agent.given import Given
    from faultfinder.agent.running.audits import Audit

_LEFTOVERS = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", LOCK, CORPUS, EVENTS, LOG, STOP)


def begin(settings: AuditSettings, folder: Path, *, otel: bool = False) -> int:
    """Run a new audit and return the exit code. An audit that fails before it began leaves no folder behind.

    Args:
        settings: what determines the audit.
        folder: where it lives.
        otel: send traces where the environment says.

    Raises:
        FaultfinderError: something the person can act on.
    """
    complaints: list[str] = []
    with view_of(settings.goal, Scoreboard(settings.limits)) as view, new_audit(settings, folder, view) as audit:
        reason = _run(audit, complaints.append if otel else None)
    return _conclude(folder, reason, complaints)


@contextmanager
def new_audit(
    settings: AuditSettings, folder: Path, listen: Listener, given: "Given | None" = None
) -> Iterator["Audit"]:
    """Hold a new audit while the block lasts. One that fails before it began leaves no folder behind.

    Raises:
        FaultfinderError: something the person can act on.
    """
    from faultfinder.agent.given import NOTHING_GIVEN
    from faultfinder.agent.running.audits import Audit

    audit = Audit.create(settings, folder, listen, given or NOTHING_GIVEN)
    try:
        with audit:
            yield audit
    except FaultfinderError:
        _discard_unborn(folder)
        raise


def begin_detached(settings: AuditSettings, folder: Path, *, otel: bool = False) -> int:
    """Begin a new audit in the background and return the exit code: 0 where it runs. Arguments as for `begin`."""
    from faultfinder.agent.running.audits import Audit

    Audit.create(settings, folder).close()
    code = run_in_background(folder, ["--otel"] if otel else [])
    if code:
        _discard_unborn(folder)
    return code or 0


def go_on(folder: Path, limits: Limits, people: PeoplePolicy | None = None, *, otel: bool = False) -> int:
    """Go on with an audit and return the exit code.

    Args:
        folder: the audit's folder.
        limits: new limits in place of those given where set.
        people: a new policy towards people, in place of the audit's.
        otel: send traces where the environment says.

    Raises:
        FaultfinderError: something the person can act on.
    """
    from faultfinder.agent.running.audits import Audit

    complaints: list[str] = []
    relay = _Relay()
    with (
        Audit.open(folder, relay, limits, people) as audit,
        view_of(audit.settings.goal, Scoreboard(audit.settings.limits)) as view,
    ):
        relay.to = view
        reason = _run(audit, complaints.append if otel else None)
    return _conclude(folder, reason, complaints)


def go_on_detached(folder: Path, limits: Limits, people: PeoplePolicy | None = None, *, otel: bool = False) -> int:
    """Go on with an audit in the background and return the exit code: 0 where it runs. Arguments as for `go_on`."""
    from faultfinder.agent.running.audits import Audit

    Audit.open(folder).close()  # refused here rather than in the log, where it is missing or taken
    given = limits.model_dump(exclude_none=True)
    options = [word for name, value in given.items() for word in (f"--max-{name.replace('_', '-')}", str(value))]
    options += [*(["--people", people] if people else []), *(["--otel"] if otel else [])]
    return run_in_background(folder, options) or 0


class _Relay:
    """Passes events on to a view that does not exist yet when the audit is opened."""

    def __init__(self) -> None:
        self.to: Listener | None = None

    def __call__(self, event: Event) -> None:
        if self.to:
            self.to(event)


def _run(audit: "Audit", complain: Callable[[str], None] | None) -> str:
    audit.has_the_process()
    with stops_in_order(lambda: audit.interrupt(endings.ONCE_MORE)), watched(audit, complain) as watchers:
        return audit.run(watchers=watchers)


@contextmanager
def watched(audit: "Audit", complain: Callable[[str], None] | None) -> Iterator[Sequence["BaseCallbackHandler"]]:
    """Trace a sitting while the block lasts, where traces are asked for; give the watchers to run the audit with.

    Args:
        audit: the audit.
        complain: told at the end what could not be delivered; None where no traces are asked for.

    Raises:
        SpecError: what sends them is not installed, or the environment names no address to send to.
    """
    if complain is None:
        yield ()
        return
    from faultfinder.agent.running.tracing import traced

    with traced(audit, complain) as watcher:
        yield (watcher,)


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


def _conclude(folder: Path, reason: str, complaints: Sequence[str]) -> int:
    from faultfinder.agent.report.conclusion import exit_code, load_findings, say_conclusion

    for complaint in complaints:
        err().print(f"Warning: {plain(complaint)}", markup=False, soft_wrap=True)

    found = load_findings(folder)
    say_conclusion(out(), found, folder)
    if (todo := _what_to_do(folder.name, reason)) is not None:
        err().print(todo, markup=False, soft_wrap=True)
    return exit_code(found)


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
