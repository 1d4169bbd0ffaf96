"""Progress says what happened, what is left, and never lets a text steer the terminal."""

import io

from rich.console import Console

from faultfinder.agent.events import Event, EventKind
from faultfinder.agent.terminal.progress import LiveView, PlainView, Scoreboard, clock_time
from faultfinder.memory.records import Limits, Spend


class HandClock:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def event(kind: EventKind, text: str, done: int | None = None, total: int | None = None) -> Event:
    return Event(kind=kind, text=text, done=done, total=total, spend=Spend(minutes=2, hypotheses=3))


def test_what_is_left_of_every_limit_is_said() -> None:
    board = Scoreboard(Limits(minutes=10, hypotheses=12))
    assert board.budget_left() == "10 of 10 min, 12 of 12 hypotheses"
    board.hear(event(EventKind.STAGE, "scouting"))
    assert board.budget_left() == "8 of 10 min, 9 of 12 hypotheses"
    assert Scoreboard(Limits()).budget_left() == "no limits"


def test_the_time_left_of_a_step_is_told_from_its_pace() -> None:
    clock = HandClock()
    board = Scoreboard(Limits(), clock)
    board.hear(event(EventKind.PROGRESS, "embedding", 0, 100))
    assert board.step_left() is None
    clock.now += 10
    board.hear(event(EventKind.PROGRESS, "embedding", 25, 100))
    assert board.step_left() == 30
    board.hear(event(EventKind.STAGE, "judging"))
    assert (board.stage, board.doing, board.step_left()) == ("judging", "", None)


def test_plain_lines_are_one_an_event_and_progress_is_rare() -> None:
    clock, page = HandClock(), io.StringIO()
    view = PlainView(Console(file=page, width=40), Scoreboard(Limits(), clock))
    for done in range(100):
        clock.now += 0.25
        view(event(EventKind.PROGRESS, "embedding", done, 100))
    view(event(EventKind.FOUND, "left and right [bold]are[/bold] confused, and this line is long"))
    lines = page.getvalue().splitlines()
    assert len(lines) == 4
    assert lines[0] == "[0:00] progress: embedding (0 of 100)"
    assert lines[-1] == "[0:25] found: left and right [bold]are[/bold] confused, and this line is long"


def test_nothing_in_an_event_reaches_the_terminal_as_a_command() -> None:
    page = io.StringIO()
    PlainView(Console(file=page), Scoreboard(Limits()))(
        event(EventKind.FOUND, "red \x1b[31malert\x07\nnext\u202e line")
    )
    assert page.getvalue().count("\n") == 1
    assert not set(page.getvalue()) & {"\x1b", "\x07", "\u202e"}


def test_the_live_display_shows_stage_findings_budget_and_time() -> None:
    clock, page = HandClock(), io.StringIO()
    console = Console(file=page, width=90, force_terminal=True, color_system=None)
    view = LiveView(console, "goal \x1b[2J", Scoreboard(Limits(minutes=10), clock))
    view(event(EventKind.STAGE, "measuring"))
    view(event(EventKind.PROGRESS, "asking the target", 0, 80))
    clock.now += 65
    view(event(EventKind.PROGRESS, "asking the target", 40, 80))
    view(event(EventKind.FOUND, "left and right are confused"))
    console.print(view.draw())
    shown = page.getvalue()
    for said in (
        "measuring",
        "asking the target",
        "left and right are confused",
        "8 of 10 min",
        "1:05",
        "about 1:05 left",
    ):
        assert said in shown
    assert "\x1b[2J" not in shown


def test_durations_are_read_at_a_glance() -> None:
    assert [clock_time(seconds) for seconds in (0, 59.9, 60, 3661)] == ["0:00", "0:59", "1:00", "1:01:01"]
