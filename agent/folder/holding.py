"""Holding an audit: one process at a time may change its course or its outputs. People's answers need no hold.

The hold is a lock of the operating system on a file that says who holds it, and whether that process does anything
else; it goes with the process, however that ends, so the file of a crashed process holds nobody up.
"""

import fcntl
import os
import time
from pathlib import Path
from typing import IO

from faultfinder.agent.folder.stop_requests import forget_requests
from faultfinder.memory.errors import AuditError

LOCK = "audit.lock"
_ALONE = "alone"
_TRIES, _PAUSE = 5, 0.02


def hold_audit(folder: Path) -> IO[str]:
    """Hold the audit for this process; the system lets go of it however the process ends.

    Raises:
        AuditError: another process holds it (its id is said), or the folder cannot be written.
    """
    try:
        hold = (folder / LOCK).open("a+")
    except OSError as error:
        raise AuditError(f"cannot write in {folder} ({error.strerror}); choose another folder with --out") from error
    if not _locked(hold):
        holder = _said_in(hold)
        hold.close()
        raise AuditError(
            f"{folder} is in use by process {holder or 'unknown'}; wait for it (`faultfinder watch {folder.name}`) or "
            f"stop it first (`faultfinder stop {folder.name}`)"
        )
    forget_requests(folder)
    _say(hold, str(os.getpid()))
    return hold


def say_alone(hold: IO[str]) -> None:
    """Say that this process does nothing besides what it holds the audit for, so that it may be sent a signal.

    Raises:
        AuditError: the disk is full.
    """
    _say(hold, f"{os.getpid()} {_ALONE}")


def _say(hold: IO[str], holder: str) -> None:
    try:
        hold.truncate(0)
        hold.write(holder)
        hold.flush()
    except OSError as error:
        raise AuditError(f"cannot write {hold.name} ({error.strerror}); is the disk full?") from error


def _locked(hold: IO[str]) -> bool:
    """Try to lock; a few times, for somebody who only looks locks for an instant too."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(_PAUSE)
        else:
            return True
    return False


def is_held(folder: Path) -> bool:
    """Tell whether a process holds the audit now."""
    try:
        lock = (folder / LOCK).open("r")
    except OSError:
        return False
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def holder_of(folder: Path) -> int | None:
    """Return the process that holds the audit; None where none does, or it has not said its id yet."""
    if not is_held(folder):
        return None
    with (folder / LOCK).open("r") as lock:
        return _said_in(lock)


def is_alone(folder: Path) -> bool:
    """Tell whether the process that holds the audit does nothing else."""
    with (folder / LOCK).open("r") as lock:
        return lock.read().endswith(_ALONE)


def _said_in(lock: IO[str]) -> int | None:
    lock.seek(0)
    said = lock.read().partition(" ")[0].strip()
    return int(said) if said.isdecimal() else None
