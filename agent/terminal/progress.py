"""Live progress: what an audit is doing, what it has found, what is left of the budget.

A `Scoreboard` keeps what the events say; `LiveView` draws it on a terminal, `PlainView` prints a line an event. Both
write to stderr only.
"""

import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from faultfinder.agent.events import Event, EventKind, Expected, Standing
from faultfinder.agent.terminal.progress_table import standings_table
from faultfinder.agent.terminal.streams import err, plain
from faultfinder.memory.records import Limits, Spend

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

Clock = Callable[[], float]
PLAIN_PROGRESS_SECONDS = 10.0
"""At most one line of mere progress in this time where there is no terminal."""

LINES_KEPT = 6
FOUND_KEPT = 8
_MARKS = {
    EventKind.FOUND: ("✓", "bold red"),
    EventKind.VERDICT: ("·", "default"),
    EventKind.HYPOTHESIS: ("?", "cyan"),
    EventKind.TOOL: ("→", "dim"),
    EventKind.WAIT: ("…", "yellow"),
    EventKind.WARNING: ("!", "yellow"),
    EventKind.NOTE: (" ", "dim"),
}
_LIMITED = {
    "minutes": "min",
    "hypotheses": "hypotheses",
    "llm_calls": "model calls",
    "tokens": "tokens",
    "usd": "US$",
    "images": "pictures",
}


class View(Protocol):
    """What the command line needs of a progress display: call it with events, use it as a context."""

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        ...

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop showing."""
        ...


class Scoreboard:
    """What has been heard so far."""

    def __init__(self, limits: Limits, clock: Clock = time.monotonic) -> None:
        """Begin with nothing heard."""
        self.limits = limits
        self.stage = "opening the models and the corpus"
        self.doing = ""
        self.done: int | None = None
        self.total: int | None = None
        self.found: list[str] = []
        self.standings: dict[str, Standing] = {}
        self.expected: Expected | None = None
        self.spend = Spend()
        self.lines: deque[Event] = deque(maxlen=LINES_KEPT)
        self._clock = clock
        self._begun = self._step_begun = clock()

    def hear(self, event: Event) -> None:
        """Take note of an event."""
        self.spend, self.limits = event.spend or self.spend, event.limits or self.limits
        self.expected = event.expected or self.expected
        if event.standing:
            self.standings.pop(event.standing.id, None)  # what changed last comes last
            self.standings[event.standing.id] = event.standing
        if event.kind is EventKind.STAGE:
            self._step(plain(event.text), "")
        elif event.kind is EventKind.PROGRESS:
            self._progress(event)
        else:
            self.lines.append(event)
        if event.kind is EventKind.FOUND and plain(event.text) not in self.found:  # a resumed audit says it again
            self.found.append(plain(event.text))

    @property
    def elapsed(self) -> float:
        """Seconds since the first event could have come."""
        return self._clock() - self._begun

    def step_left(self) -> float | None:
        """Estimate the seconds that the running step still takes; None where its length is unknown."""
        if not self.done or not self.total:
            return None
        return (self._clock() - self._step_begun) * (self.total - self.done) / self.done

    def budget_left(self) -> str:
        """Say what is left of each limit; 'no limits' where none was set."""
        spent, given = self.spend.model_dump(), self.limits.model_dump()
        left = [
            f"{max(0, given[name] - spent[name]):,.4g} of {given[name]:,.4g} {unit}"
            for name, unit in _LIMITED.items()
            if given[name] is not None
        ]
        return ", ".join(left) or "no limits"

    def _progress(self, event: Event) -> None:
        if plain(event.text) != self.doing or (self.done or 0) > (event.done or 0):
            self._step(self.stage, plain(event.text))
        self.done, self.total = event.done, event.total

    def _step(self, stage: str, doing: str) -> None:
        self.stage, self.doing, self.done, self.total = stage, doing, None, None
        self._step_begun = self._clock()


class PlainView(AbstractContextManager["PlainView"]):
    """One plain line an event, for logs and pipes."""

    def __init__(self, console: "Console", board: Scoreboard) -> None:
        """Write to a console."""
        self._console = console
        self._board = board
        self._quiet_until = 0.0

    def __call__(self, event: Event) -> None:
        """Print the event; progress only now and then."""
        self._board.hear(event)
        if event.kind is EventKind.PROGRESS:
            if self._board.elapsed < self._quiet_until:
                return
            self._quiet_until = self._board.elapsed + PLAIN_PROGRESS_SECONDS
        self._say(f"{event.kind.value}: {plain(event.text)}{_share(event)}")

    def __enter__(self) -> Self:
        """Say that something is happening, long before the first model is loaded."""
        self._say(self._board.stage)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the lines where they are."""

    def _say(self, line: str) -> None:
        self._console.print(f"[{clock_time(self._board.elapsed)}] {line}", markup=False, soft_wrap=True)


class LiveView(AbstractContextManager["LiveView"]):
    """A display that is drawn anew as things happen."""

    def __init__(self, console: "Console", title: str, board: Scoreboard) -> None:
        """Draw on a console, under a title."""
        from rich.live import Live

        self._title = plain(title)
        self._board = board
        self._live = Live(get_renderable=self.draw, console=console, refresh_per_second=4, transient=True)

    def __call__(self, event: Event) -> None:
        """Take note of the event; the next drawing shows it."""
        self._board.hear(event)

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wipe the display."""
        self._live.stop()

    def draw(self) -> "RenderableType":
        """Return the display as it is now."""
        from rich.console import Group
        from rich.panel import Panel
        from rich.text import Text

        board = self._board
        rows = [
            Text.assemble((board.stage, "bold"), f"  {board.doing}"),
            *self._bar(),
            *[_line(event) for event in board.lines],
            *self._standing(),
            Text.assemble(("Budget left: ", "bold"), board.budget_left()),
            *self._expected(),
            Text.assemble(("Elapsed: ", "bold"), clock_time(board.elapsed), *self._left()),
        ]
        return Panel(Group(*rows), title=Text(self._title), title_align="left", border_style="dim")

    def _standing(self) -> "list[RenderableType]":
        from rich.text import Text

        if self._board.standings:
            return [standings_table(list(self._board.standings.values()))]
        return [Text.assemble(("Proven so far: ", "bold"), self._found())]

    def _expected(self) -> "list[RenderableType]":
        from rich.text import Text

        expected = self._board.expected
        return [Text.assemble(("Expected in all: ", "bold"), plain(str(expected)))] if expected else []

    def _found(self) -> "Text":
        from rich.text import Text

        found, earlier = self._board.found[-FOUND_KEPT:], len(self._board.found) - FOUND_KEPT
        if not found:
            return Text("nothing yet", style="dim")
        lines = [*([f"{earlier} earlier ones"] if earlier > 0 else []), *found]
        return Text("".join(f"\n  {line}" for line in lines), style="bold red")

    def _bar(self) -> "list[RenderableType]":
        from rich.progress_bar import ProgressBar

        board = self._board
        return [ProgressBar(total=board.total, completed=board.done or 0, width=50)] if board.total else []

    def _left(self) -> list[str]:
        left = self._board.step_left()
        return [] if left is None else [f"   this step: about {clock_time(left)} left"]


def view_of(title: str, board: Scoreboard) -> View:
    """Return the display that fits: drawn anew on a terminal, plain lines otherwise."""
    console = err()
    return LiveView(console, title, board) if console.is_terminal else PlainView(console, board)


def clock_time(seconds: float) -> str:
    """Say a duration as m:ss, or h:mm:ss."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _line(event: Event) -> "RenderableType":
    from rich.text import Text

    mark, style = _MARKS.get(event.kind, (" ", "default"))
    return Text(f"{mark} {plain(event.text)}", style=style, no_wrap=True, overflow="ellipsis")


def _share(event: Event) -> str:
    return f" ({event.done:,} of {event.total:,})" if event.done is not None and event.total else ""
