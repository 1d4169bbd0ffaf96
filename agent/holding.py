"""Holding an audit: one process at a time may change its course or its outputs. People's answers need no hold."""

import fcntl
import os
from pathlib import Path
from typing import IO

from faultfinder.agent.names import LOCK
from faultfinder.memory.errors import AuditError


def hold_audit(folder: Path) -> IO[str]:
    """Hold the audit for this process; the system lets go of it however the process ends.

    Raises:
        AuditError: another process holds it (its id is said), or the folder cannot be written.
    """
    try:
        hold = (folder / LOCK).open("a+")
    except OSError as error:
        raise AuditError(f"cannot write in {folder} ({error.strerror}); choose another folder with --out") from error
    try:
        fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        hold.seek(0)
        holder = hold.read().strip() or "unknown"
        hold.close()
        raise AuditError(f"{folder} is in use by process {holder}; wait for it or stop it first") from error
    hold.truncate(0)
    hold.write(str(os.getpid()))
    hold.flush()
    return hold
