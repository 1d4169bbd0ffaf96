"""Stopping in order at the terminal: asked once, what is under way ends its step; asked again, the process quits."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130
"""Exit code of a command that a person stopped."""

_SHOW_CURSOR = "\x1b[?25h"


@contextmanager
def stops_in_order(interrupt: Callable[[], None]) -> Iterator[None]:
    """Turn the first Ctrl-C or SIGTERM into an orderly stop, and the second into an immediate one.

    Args:
        interrupt: asks what is under way to stop at its next safe point.
    """
    asked = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            os.write(sys.stderr.fileno(), _SHOW_CURSOR.encode() if sys.stderr.isatty() else b"")
            os._exit(INTERRUPTED)
        asked = True
        interrupt()

    # A closed terminal stops it in order too, unless it was told to outlive it (nohup).
    hangs_up = (signal.SIGHUP,) if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL else ()
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, *hangs_up)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
