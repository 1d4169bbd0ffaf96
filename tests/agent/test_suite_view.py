"""Progress of checks: the pace of each thing under way, on terminals and off them."""

import io

from rich.console import Console

from faultfinder.agent.events import Event, EventKind
from faultfinder.agent.suites.comparing import _added_up
from faultfinder.agent.suites.view import BarView, TimedView, TimeLeft


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def progress(text: str, done: int, total: int) -> Event:
    return Event(kind=EventKind.PROGRESS, text=text, done=done, total=total)


def test_the_time_left_goes_by_what_was_done_since_it_was_first_seen() -> None:
    clock = Clock()
    left = TimeLeft(clock)
    assert left.of("cases asked", 100, 500) is None
    clock.now = 10
    assert left.of("cases asked", 200, 500) == 30
    assert left.of("pictures", 0, 10) is None, "each thing has its own pace"
    clock.now = 20
    assert left.of("cases asked", 300, 500) == 20
    assert left.of("pictures", 5, 10) == 10
    assert left.of("pictures", 0, 10) is None, "begun again"


def test_lines_tell_the_time_left() -> None:
    page, clock = io.StringIO(), Clock()
    with TimedView(Console(file=page, width=80), clock) as view:
        view(Event(kind=EventKind.STAGE, text="opening lab:clip"))
        view(progress("cases asked", 0, 400))
        clock.now = 60
        view(progress("cases asked", 100, 400))
        view(progress("cases asked", 101, 400))
        view(Event(kind=EventKind.WARNING, text="red \x1b[31malert"))
    assert page.getvalue().splitlines() == [
        "[0:00] stage: opening lab:clip",
        "[0:00] progress: cases asked (0 of 400)",
        "[1:00] progress: cases asked, about 3:00 left (100 of 400)",
        "[1:00] warning: red  [31malert",
    ]


def test_bars_are_drawn_and_wiped() -> None:
    page = io.StringIO()
    with BarView(Console(file=page, force_terminal=True, width=80)) as view:
        view(progress("cases asked", 3, 10))
        view(progress("pictures by it", 8, 8))
        view(Event(kind=EventKind.NOTE, text="model 2 of 5: lab:clip"))
    assert "note: model 2 of 5: lab:clip" in page.getvalue()
    assert "cases asked" in page.getvalue()
    assert "3/10" in page.getvalue()


def test_the_cases_of_all_models_are_counted_together_and_nothing_else_is() -> None:
    heard: list[Event] = []
    listen = _added_up(heard.append, before=2, models=5)
    listen(progress("cases asked", 30, 100))
    listen(progress("pictures by it", 3, 4))
    assert [(event.done, event.total) for event in heard] == [(230, 500), (3, 4)]
