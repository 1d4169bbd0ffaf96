"""A server that is asked too often is asked less often, visibly, and more often again bit by bit."""

from faultfinder.agent.llm.pace import LONGEST_GAP, Pace


class HandClock:
    """A clock that is turned by hand."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def begin(most=8):
    told, clock = [], HandClock()
    return Pace(told.append, most, clock), told, clock


def call(pace, clock, refused=None):
    """Make one call, waiting until it may be made."""

    def wait():
        clock.now += LONGEST_GAP

    with pace.turn(wait) as changes:
        begun = clock.now
        if refused is None:
            pace.answered()
        else:
            pace.refused(refused, changes)
    return begun


def test_each_refusal_halves_what_is_asked_at_once_then_stretches_the_gap():
    pace, told, clock = begin()
    for _ in range(5):
        call(pace, clock, refused=0.0)
    assert told == [
        "slowing down: 4 calls at a time",
        "slowing down: 2 calls at a time",
        "slowing down: 1 call at a time",
        "slowing down: one call every 1 s",
        "slowing down: one call every 2 s",
    ]
    for _ in range(7):
        call(pace, clock, refused=0.0)
    assert pace.tempo.gap == LONGEST_GAP
    assert len(told) == 10  # one that stays as it is is not said again


def test_calls_that_were_under_way_together_count_once():
    pace, told, _ = begin()
    with pace.turn(lambda: None) as first, pace.turn(lambda: None) as second:
        pace.refused(0.0, first)
        pace.refused(0.0, second)
    assert told == ["slowing down: 4 calls at a time"]


def test_nobody_else_begins_before_the_time_that_was_asked_for():
    pace, _, clock = begin()
    call(pace, clock, refused=30.0)
    assert call(pace, clock) >= 30.0


def test_a_row_of_answers_takes_one_step_back_at_a_time():
    pace, told, clock = begin(most=2)
    for _ in range(3):
        call(pace, clock, refused=0.0)
    told.clear()
    for _ in range(40):
        call(pace, clock)
    assert told == [
        "going faster again: one call every 1 s",
        "going faster again: 1 call at a time",
        "going faster again: 2 calls at a time",
    ]


def test_no_more_are_under_way_than_the_tempo_allows():
    pace, _, clock = begin(most=1)

    class EnoughError(Exception):
        """Ends the wait."""

    def enough():
        raise EnoughError

    with pace.turn(enough):
        try:
            with pace.turn(enough):
                raise AssertionError("two at once")
        except EnoughError:
            pass
    assert call(pace, clock) == 0.0
