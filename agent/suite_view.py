"""Progress of a check: a bar with the time left on a terminal, plain lines otherwise; on stderr only."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING

from faultfinder.agent.events import Event, EventKind
from faultfinder.agent.progress import PlainView, Scoreboard, View, clock_time
from faultfinder.agent.terminal import err, plain
from faultfinder.memory.records import Limits

if TYPE_CHECKING:
    from rich.console import Console


def suite_view() -> View:
    """Return the progress display that fits stderr."""
    console = err()
    return BarView(console) if console.is_terminal else TimedView(console)


class BarView(AbstractContextManager["BarView"]):
    """A bar that shows what is being done and how long it still takes."""

    def __init__(self, console: "Console") -> None:
        """Draw on a console."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()
        self._progress = Progress(*columns, TimeRemainingColumn(compact=True), console=console, transient=True)
        self._doing = ""
        self._task = self._progress.add_task("", total=None)

    def __call__(self, event: Event) -> None:
        """Move the bar, or print what is to stay."""
        text = plain(event.text)
        if event.kind is EventKind.PROGRESS:
            self._begin(text)
            self._progress.update(self._task, completed=event.done, total=event.total)
        elif event.kind is EventKind.STAGE:
            self._begin(text)
        else:
            self._progress.console.print(f"{event.kind.value}: {text}", markup=False, soft_wrap=True)

    def __enter__(self) -> "BarView":
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wipe the bar."""
        self._progress.stop()

    def _begin(self, doing: str) -> None:
        if doing != self._doing:
            self._doing = doing
            self._progress.reset(self._task, description=doing, total=None, completed=0)


class TimedView(PlainView):
    """Plain lines, with the time left on those of progress."""

    def __init__(self, console: "Console") -> None:
        """Write to a console."""
        super().__init__(console, Limits())
        self._heard = Scoreboard(Limits())

    def __call__(self, event: Event) -> None:
        """Print the event; progress only now and then."""
        self._heard.hear(event)
        left = self._heard.step_left() if event.kind is EventKind.PROGRESS and event.done != event.total else None
        told = f"{event.text}, about {clock_time(left)} left" if left is not None else event.text
        super().__call__(event.model_copy(update={"text": told}))

    def __enter__(self) -> "TimedView":
        """Say nothing before there is something to say."""
        return self
