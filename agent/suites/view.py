"""Progress of a check: bars with the time left on a terminal, plain lines otherwise; on stderr only.

Two things can be under way at a time, models and the pictures of one of them; the time left of each is its own.
"""

import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING

from faultfinder.agent.events import Event, EventKind
from faultfinder.agent.terminal.progress import Clock, PlainView, Scoreboard, View, clock_time
from faultfinder.agent.terminal.streams import err, plain
from faultfinder.memory.records import Limits

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID


def suite_view() -> View:
    """Return the progress display that fits stderr."""
    console = err()
    return BarView(console) if console.is_terminal else TimedView(console)


class TimeLeft:
    """How long things still take, each known by its name and judged by how fast it has gone so far."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        """Begin with nothing under way."""
        self._clock = clock
        self._begun: dict[str, tuple[float, int]] = {}

    def of(self, name: str, done: int, total: int) -> float | None:
        """Estimate the seconds that something still takes; None where nothing of it has been seen to move yet."""
        since, first = self._begun.setdefault(name, (self._clock(), done))
        if done <= first:
            self._begun[name] = (self._clock(), done)
            return None
        return (self._clock() - since) * (total - done) / (done - first)


class BarView(AbstractContextManager["BarView"]):
    """A bar for each thing under way, with how long it still takes."""

    def __init__(self, console: "Console") -> None:
        """Draw on a console."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()
        self._progress = Progress(*columns, TimeRemainingColumn(compact=True), console=console, transient=True)
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, event: Event) -> None:
        """Move a bar, or print what is to stay."""
        text = plain(event.text)
        if event.kind is EventKind.PROGRESS:
            self._progress.update(self._task(text), completed=event.done, total=event.total)
            if event.done == event.total:
                self._progress.remove_task(self._tasks.pop(text))
        else:
            self._progress.console.print(f"{event.kind.value}: {text}", markup=False, highlight=False, soft_wrap=True)

    def __enter__(self) -> "BarView":
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wipe the bars."""
        self._progress.stop()

    def _task(self, doing: str) -> "TaskID":
        if doing not in self._tasks:
            self._tasks[doing] = self._progress.add_task(doing, total=None)
        return self._tasks[doing]


class TimedView(PlainView):
    """Plain lines, with the time left on those of progress."""

    def __init__(self, console: "Console", clock: Clock = time.monotonic) -> None:
        """Write to a console."""
        super().__init__(console, Scoreboard(Limits(), clock))
        self._time_left = TimeLeft(clock)

    def __call__(self, event: Event) -> None:
        """Print the event; progress only now and then."""
        left = None
        if event.kind is EventKind.PROGRESS and event.done is not None and event.total:
            left = self._time_left.of(event.text, event.done, event.total)
        told = f"{event.text}, about {clock_time(left)} left" if left else event.text
        super().__call__(event.model_copy(update={"text": told}))

    def __enter__(self) -> "TimedView":
        """Say nothing before there is something to say."""
        return self
