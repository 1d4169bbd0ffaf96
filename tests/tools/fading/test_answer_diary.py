"""Answers that are kept: nothing is paid for twice, whatever is killed in between."""

from pathlib import Path

import pytest

from faultfinder.memory.errors import AuditError, BudgetSpent, ResponseRefused, TargetError
from faultfinder.tools.fading.answer_diary import AnswerDiary
from tests.support.text_models import Lead

SAID = ["First one. Second one.", "Über uns. Mehr.", "A line\nbreak. \u2028 More."]


class Choosy(Lead):
    """Refuses one text, and fails at another."""

    def respond(self, texts):
        answers = super().respond(texts)
        if any("secret" in text for text in texts):
            raise ResponseRefused("it speaks of a secret")
        if any("broken" in text for text in texts):
            raise TargetError("it broke")
        return answers


class Watch:
    """A clock that goes on by ten seconds whenever it is looked at."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 10
        return self.now


def test_what_was_answered_is_not_asked_again_in_another_sitting(tmp_path: Path):
    path, first, second = tmp_path / "work" / "answers.jsonl", Lead(), Lead()
    answers = AnswerDiary(first, path, 1).respond(SAID)
    again = AnswerDiary(second, path, 1)
    assert again.asked == len(SAID)
    assert again.respond([*SAID, "New. Text."]) == [*answers, "New."]
    assert second.texts == ["New. Text."]


@pytest.mark.parametrize("left", [1, 7, 30])
def test_a_line_that_a_kill_left_unfinished_is_cut_off_and_asked_again(tmp_path: Path, left: int):
    path = tmp_path / "answers.jsonl"
    answers = AnswerDiary(Lead(), path, 1).respond(SAID)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][:left])
    model = Lead()
    assert AnswerDiary(model, path, 1).respond(SAID) == answers
    assert model.texts == SAID[-1:]
    assert AnswerDiary(model, path, 1).respond(SAID) == answers
    assert model.texts == SAID[-1:]


def test_a_refusal_is_kept_and_an_error_is_not(tmp_path: Path):
    path = tmp_path / "answers.jsonl"
    diary = AnswerDiary(Choosy(), path, 1)
    for _ in range(2):
        with pytest.raises(TargetError):
            diary.respond(["It is broken."])
    with pytest.raises(ResponseRefused):
        diary.respond(["A secret."])
    model = Choosy()
    with pytest.raises(ResponseRefused, match="speaks of a secret"):
        AnswerDiary(model, path, 1).respond(["A secret."])
    assert model.texts == []


def test_the_time_is_up_over_all_sittings_and_known_answers_stay(tmp_path: Path):
    path = tmp_path / "answers.jsonl"
    AnswerDiary(Lead(), path, 0.4, Watch()).respond(SAID[:1])
    AnswerDiary(Lead(), path, 0.4, Watch()).respond(SAID[1:2])
    third = AnswerDiary(Lead(), path, 0.4, Watch())
    assert third.seconds == pytest.approx(20)
    third.respond(SAID[2:])
    with pytest.raises(BudgetSpent):
        third.respond(["New."])
    assert len(third.respond(SAID)) == 3


def test_answers_of_another_model_are_not_taken_for_its_own(tmp_path: Path):
    path = tmp_path / "answers.jsonl"
    AnswerDiary(Lead(), path, 1).respond(SAID)
    other = Lead()
    other.identity = "other weights"
    with pytest.raises(AuditError, match="other weights is asked now"):
        AnswerDiary(other, path, 1)
    path.write_text("no diary\n")
    with pytest.raises(AuditError, match="--fresh"):
        AnswerDiary(Lead(), path, 1)
