"""Running a suite at the terminal: progress while it runs, a check when it is done."""

from datetime import UTC, datetime

from faultfinder.agent.events import Listener
from faultfinder.agent.suites.checking import Check, assess
from faultfinder.agent.suites.files import Suite
from faultfinder.agent.suites.replaying import Conditions, replay
from faultfinder.agent.suites.view import suite_view


def run_check(suite: Suite, target: str, how: Conditions) -> Check:
    """Ask a target every case of a suite, with progress on stderr.

    Raises:
        FaultfinderError: it could not be done.
    """
    with suite_view() as view:
        return checked(suite, target, how, view)


def checked(suite: Suite, target: str, how: Conditions, listen: Listener) -> Check:
    """Ask a target every case of a suite and make a check of it.

    Raises:
        FaultfinderError: it could not be done.
    """
    started = now()
    replayed = replay(suite, target, how, listen)
    return assess(suite, target, replayed, started, now())


def now() -> str:
    """Return the moment, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")
