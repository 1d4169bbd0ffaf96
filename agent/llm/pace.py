"""How fast a chat server is asked: slower the moment it says that it is too much, faster again bit by bit.

At first several calls may be under way at once. Each refusal halves that number; at one call at a time it stretches the
gap between calls instead. A row of answers takes a step back. Time is monotonic: setting the clock changes nothing.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pydantic import Field

from faultfinder.memory.records import Record

MOST_AT_ONCE = 8
LONGEST_GAP = 60.0
"""Seconds between two calls, at most."""

_FIRST_GAP = 1.0
_LOOK = 0.2
"""Seconds between two looks at what may end a wait."""

_ROW = 6
"""Answers in a row after which it gets faster by a step."""


class Tempo(Record):
    """How fast a server may be asked."""

    at_once: int = Field(description="calls that may be under way side by side")
    gap: float = Field(default=0.0, description="seconds between the beginnings of two calls")

    def __str__(self) -> str:
        if self.gap:
            return f"one call every {self.gap:.0f} s"
        return f"{self.at_once} call{'' if self.at_once == 1 else 's'} at a time"

    def slower(self) -> "Tempo":
        """Return the next slower tempo."""
        if self.at_once > 1:
            return Tempo(at_once=self.at_once // 2)
        return Tempo(at_once=1, gap=min(LONGEST_GAP, 2 * self.gap or _FIRST_GAP))

    def faster(self, most: int) -> "Tempo":
        """Return the next faster tempo."""
        if self.gap > _FIRST_GAP:
            return Tempo(at_once=1, gap=self.gap / 2)
        return Tempo(at_once=1) if self.gap else Tempo(at_once=min(most, self.at_once + 1))


class Pace:
    """Watches how a server bears up. Safe to use from several threads."""

    def __init__(
        self, tell: Callable[[str], None], most: int = MOST_AT_ONCE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin at full speed; `tell` is told of every change, in words."""
        self.tempo = Tempo(at_once=most)
        self._tell, self._most, self._clock = tell, most, clock
        self._under_way = self._row = self._changes = 0
        self._earliest = 0.0
        self._slowed = False
        self._changed = threading.Condition(threading.RLock())

    @contextmanager
    def turn(self, check: Callable[[], None]) -> Iterator[int]:
        """Wait until a call may be made and give the number of changes so far; it is under way inside the block.

        Args:
            check: called while waiting; what it raises ends the wait.
        """
        with self._changed:
            while not self._may_start():
                self._changed.wait(_LOOK)
                check()
            self._under_way += 1
            self._earliest = max(self._earliest, self._clock() + self.tempo.gap)
            changes = self._changes
        try:
            yield changes
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def refused(self, wait: float, changes: int) -> None:
        """Note that the server wants fewer calls.

        Args:
            wait: seconds in which no other call begins.
            changes: of the call's turn. Calls that were under way together are refused together, which counts once.
        """
        with self._changed:
            self._row = 0
            self._earliest = max(self._earliest, self._clock() + wait)
            if changes == self._changes:
                self._change(self.tempo.slower(), "slowing down")
                self._slowed = True

    def answered(self) -> None:
        """Note that an answer came."""
        with self._changed:
            self._row += 1
            if self._slowed and self._row >= _ROW:
                self._row = 0
                self._change(self.tempo.faster(self._most), "going faster again")
                self._slowed = self.tempo.at_once < self._most

    def _may_start(self) -> bool:
        return self._under_way < self.tempo.at_once and self._clock() >= self._earliest

    def _change(self, tempo: Tempo, why: str) -> None:
        if tempo != self.tempo:
            self.tempo = tempo
            self._changes += 1
            self._tell(f"{why}: {tempo}")
