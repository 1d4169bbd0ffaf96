"""Asking an audit to stop without a signal: a file in its folder, which the process that runs it looks for.

A signal goes to a whole process, and an audit may share one with other things: a server, a notebook, another program.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from faultfinder.memory.errors import AuditError

STOP = "audit.stop"
"""The file; what is in it does not matter."""

_LOOK = 0.3
"""Seconds between two looks for it."""


def request_stop(folder: Path) -> None:
    """Ask whoever runs the audit to stop it.

    Raises:
        AuditError: the folder cannot be written.
    """
    try:
        (folder / STOP).touch()
    except OSError as error:
        raise AuditError(f"cannot write in {folder} ({error.strerror}); stop it as its owner") from error


def forget_requests(folder: Path) -> None:
    """Remove a request that nobody heard: it was meant for somebody who holds the audit no longer."""
    with suppress(OSError):
        (folder / STOP).unlink()


@contextmanager
def heeds_requests(folder: Path, interrupt: Callable[[], None]) -> Iterator[None]:
    """Look for requests while the block lasts.

    Args:
        folder: the audit's folder.
        interrupt: called from another thread for each request; asks what is under way to stop at its next safe point.
    """
    over = threading.Event()

    def look() -> None:
        while not over.wait(_LOOK):
            if (folder / STOP).exists():
                forget_requests(folder)
                with suppress(AuditError):  # a full disk: what is under way meets it too, and says so
                    interrupt()

    looking = threading.Thread(target=look, name=f"stop requests of {folder.name}", daemon=True)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()
