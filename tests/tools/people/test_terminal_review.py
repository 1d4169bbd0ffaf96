"""The review without a browser: the same questions, an answer a line, nothing the terminal would obey."""

import io

import pytest
from rich.console import Console

from faultfinder.memory.errors import LabelError
from faultfinder.memory.people_records import Answer, Ask, standing
from faultfinder.tools.people.raters_queue import RatersQueue, turn
from faultfinder.tools.people.terminal_review import TerminalReview
from tests.support.reviewing import MemoryDesk, png, question

HOSTILE = "a red \x1b]0;owned\x07 circle \x1b[2J left [bold]of[/bold] it"
ASKED = [question(1, a=HOSTILE), question(2), question(3, Ask.MEANING), question(4, Ask.OPEN, text=HOSTILE, a="", b="")]


def reviewed(desk: MemoryDesk, typed: str, rater: str | None = "Ann", colours: bool = False) -> str:
    """Type lines at a review and return what was shown."""
    shown = io.StringIO()
    system = "truecolor" if colours else None
    console = Console(file=shown, width=100, color_system=system, force_terminal=colours, highlight=False)
    TerminalReview(desk, console, io.StringIO(typed)).run(rater)
    return shown.getvalue()


def test_lines_are_answers_in_the_cases_order() -> None:
    desk = MemoryDesk(ASKED[:2])
    order = RatersQueue("Ann", desk.questions(), []).upcoming(2)
    shown = reviewed(desk, "1\n3\n")
    first, second = (next(each for each in ASKED if each.id == key) for key in order)
    answers = {key: each.answer for key, each in standing(desk.labels()).items()}
    assert answers == {(first.id, "Ann"): turn("Ann", first, Answer.FIRST), (second.id, "Ann"): Answer.NEITHER}
    assert "All 2 answered. Thank you, Ann." in shown


def test_an_answer_is_taken_back_and_asked_again() -> None:
    desk = MemoryDesk(ASKED[:2])
    shown = reviewed(desk, "3\nu\n4\nq\n")
    assert shown.count("1 of 2") == 2
    assert [each.answer for each in standing(desk.labels()).values()] == [Answer.CANNOT_TELL]
    assert len(desk.labels()) == 3


def test_a_failure_is_rated_from_one_to_ten_or_not_at_all() -> None:
    told = {"a": "a cat", "b": "a dog (97 %)", "before": "the cat sat", "after": "the cta sat", "image": None}
    asked = [question(number, Ask.RATING, rank=number, **told) for number in (1, 2)]
    desk = MemoryDesk(asked)
    shown = reviewed(desk, "12\n10\nX\n")
    assert "what is right: a cat" in shown
    assert "the model said: a dog (97 %)" in shown
    assert "as given:  the cta sat" in shown
    assert [each.answer for each in desk.labels()] == [Answer.R10, Answer.CANNOT_TELL]


def test_a_note_goes_with_the_next_answer() -> None:
    desk = MemoryDesk(ASKED[:2])
    reviewed(desk, "n too dark to see\n4\n4\n")
    assert [each.note for each in desk.labels()] == ["too dark to see", ""]


def test_nonsense_is_explained_and_counts_for_nothing() -> None:
    desk = MemoryDesk(ASKED[:1])
    shown = reviewed(desk, "7\n0\nyes\n\nu\n\u0662\n")
    assert shown.count("Type a number from 1 to 4") == 5
    assert len(desk.labels()) == 1, "a digit is a digit in any script"


def test_the_end_of_input_ends_it() -> None:
    desk = MemoryDesk(ASKED)
    reviewed(desk, "3\n")
    assert len(desk.labels()) == 1


def test_nothing_is_obeyed() -> None:
    shown = reviewed(MemoryDesk(ASKED), "1\n" * 4)
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "[bold]of[/bold]" in shown


def test_pictures_are_drawn_where_there_are_colours() -> None:
    desk = MemoryDesk(ASKED[1:2], {ASKED[1].id: png("#102030", 200)})
    shown = reviewed(desk, "q\n", colours=True)
    assert "\u2580" in shown
    assert "38;2;16;32;48" in shown
    assert max(line.count("\u2580") for line in shown.splitlines()) == 64


def test_a_picture_that_is_gone_is_said() -> None:
    assert "gone or damaged" in reviewed(MemoryDesk(ASKED[:1], {ASKED[0].id: None}), "q\n")
    assert f"images/{'0' * 64}.png" in reviewed(MemoryDesk(ASKED[:1]), "q\n")


def test_a_name_is_asked_for() -> None:
    desk = MemoryDesk(ASKED[2:3])
    reviewed(desk, " Zoe \n1\n", rater=None)
    assert [each.rater for each in desk.labels()] == ["Zoe"]
    with pytest.raises(LabelError):
        reviewed(desk, "\n", rater=None)
