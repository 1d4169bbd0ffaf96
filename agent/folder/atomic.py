"""Files that are whole or not there: written beside their place, then moved into it."""

import os
import tempfile
from pathlib import Path

from faultfinder.memory.errors import AuditError


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader, or a killed writer, never leaves half of it.

    Raises:
        AuditError: the folder cannot be written to, or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            _fill(handle, content)
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise AuditError(
            f"cannot write {path} ({error.strerror}). Is the folder writable and the disk not full?"
        ) from error


def _fill(handle: int, content: bytes) -> None:
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
