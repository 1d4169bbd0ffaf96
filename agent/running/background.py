"""Running an audit in the background: a process of its own session, its words in `audit.log` in the audit's folder."""

import subprocess
import sys
import time
from pathlib import Path

from faultfinder.agent.events import EventKind
from faultfinder.agent.folder.event_log import EventTail
from faultfinder.agent.terminal.streams import err, plain
from faultfinder.memory.errors import AuditError

LOG = "audit.log"
PATIENCE = 120.0
"""Seconds to wait for the audit to begin; large models take longer, and then it is left to itself."""

_LOOK = 0.1


def run_in_background(folder: Path, options: list[str]) -> int | None:
    """Start `faultfinder resume` for an audit in a process that outlives this one; wait until it has begun.

    Args:
        folder: the audit's folder.
        options: options of `resume`, beyond the name and the place.

    Returns:
        None where it runs, else the exit code with which it ended before it had begun.

    Raises:
        AuditError: it cannot be started.
    """
    command = [sys.executable, "-m", "faultfinder.agent.cli", "resume", folder.name, "--out", str(folder.parent)]
    tail = EventTail(folder)
    list(tail.new())
    said_before = (folder / LOG).stat().st_size if (folder / LOG).is_file() else 0
    try:
        with (folder / LOG).open("ab") as log:
            process = subprocess.Popen(
                [*command, *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
    except OSError as error:
        raise AuditError(f"cannot run in the background ({error.strerror}); leave --detach out") from error
    if _begins(process, tail):
        _say_where(folder, process.pid)
        return None
    err().print(_said_since(folder / LOG, said_before), markup=False, soft_wrap=True)
    return process.wait()


def _begins(process: "subprocess.Popen[bytes]", tail: EventTail) -> bool:
    """Wait until the audit has begun, or was left to itself; False where it ended before."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        ended = process.poll() is not None
        if any(event.kind is EventKind.BEGUN and event.pid == process.pid for event in tail.new()):
            return True
        if ended:
            return False
        time.sleep(_LOOK)
    return True


def _say_where(folder: Path, pid: int) -> None:
    name, place = plain(folder.name), f" --out {folder.parent}" if folder.parent != Path("audits") else ""
    err().print(
        f"{name} runs in the background as process {pid}; its words go to {folder / LOG}\n"
        f"Watch it: faultfinder watch {name}{place}\nStop it:  faultfinder stop {name}{place}",
        markup=False,
        soft_wrap=True,
    )


def _said_since(log: Path, before: int) -> str:
    with log.open("rb") as file:
        file.seek(before)
        said = file.read().decode(errors="replace")
    return "\n".join(plain(line) for line in said.splitlines() if "Error" in line) or plain(said)
