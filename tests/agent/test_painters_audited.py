"""Audits of generators from outside: what is planted in them is found, and one that paints the truth yields nothing."""

from pathlib import Path

import pytest

from faultfinder.agent.endings import FOR_PEOPLE
from faultfinder.agent.pictures.files import open_picture
from faultfinder.agent.questions import unanswered
from faultfinder.agent.report.findings import FindingsFile, Status
from faultfinder.agent.running.audits import Audit
from faultfinder.memory.errors import SpecError
from faultfinder.memory.people_records import Answer, Label
from faultfinder.memory.records import Outcome
from faultfinder.tools.ports import Look
from faultfinder.tools.targets.lab import lab_world
from tests.support.audits import audit, findings_of, settings

pytestmark = pytest.mark.slow


def audited(place: Path, painter: str, **changes: object) -> FindingsFile:
    chosen = settings(place, f"tests.support.painters:{painter}", corpus="lab", **changes)
    return audit(place, chosen.model_copy(update={"target": f"python:tests.support.painters:{painter}"}))


@pytest.mark.parametrize("seed", [0, 1])
def test_one_that_paints_the_truth_yields_nothing(tmp_path: Path, seed: int) -> None:
    found = audited(tmp_path, "truthful", seed=seed)
    assert found.with_status(Status.CONFIRMED) == []
    assert found.budget.spent.images > 100


@pytest.mark.parametrize(
    ("painter", "words", "never"),
    [
        ("one_fewer", {"two", "three", "four"}, {"left", "red", "small"}),
        ("mirrored", {"left", "right"}, {"two", "red", "above", "small"}),
        ("on_white", {"white", "grey", "beige"}, {"two", "red", "left", "small"}),
        ("blue_as_green", {"blue"}, {"two", "left", "small", "above"}),
    ],
)
def test_a_planted_failure_is_found_and_nothing_else(
    tmp_path: Path, painter: str, words: set[str], never: set[str]
) -> None:
    found = audited(tmp_path, painter)
    proven = found.with_status(Status.CONFIRMED)
    named = " ".join(finding.description for finding in proven).replace(",", " ").replace(".", " ").split()
    assert words <= set(named)
    differing = {
        word for finding in proven for case in finding.cases for word in set(case.a.split()) ^ set(case.b.split())
    }
    assert words <= differing
    failing = [case for finding in proven for case in finding.cases if case.outcome is Outcome.FAIL]
    blamed = {word for case in failing if case.role == "probe" for word in set(case.a.split()) ^ set(case.b.split())}
    assert not never & blamed
    assert all(case.painted_a and case.painted_b and case.painted_a.seed == case.painted_b.seed for case in failing)


def left_to_people(place: Path, **changes: object) -> Audit:
    target = "python:tests.support.painters:one_fewer"
    small = {"corpus": "lab", "probes": 10, "controls": 10, "eyes": "people", "people": "auto"}
    return Audit.create(settings(place, target, **(small | changes)), place / "small")


def answer_all(audit: Audit) -> int:
    """Answer what is open as a person would who sees well; return how much that was."""
    asked = unanswered(audit.ledger)
    looks = []
    for question in asked:
        picture = open_picture(audit.folder, question.image)
        assert picture is not None
        looks.append(Look(picture, question.a, question.b))
    sights = lab_world().eyes.which(looks)
    audit.ledger.save(
        Label(id=question.id, question=question.id, rater="Ann", answer=Answer(sight.seen), at="2026-03-05T14:02:11Z")
        for question, sight in zip(asked, sights, strict=True)
    )
    return len(asked)


def test_where_nobody_but_people_can_look_they_are_asked_from_the_scouting_on(tmp_path: Path) -> None:
    answered = []
    with left_to_people(tmp_path) as waiting:
        reason = waiting.run()
        while reason == FOR_PEOPLE and len(answered) < 12:
            answered.append(answer_all(waiting))
            reason = waiting.run()
    assert reason != FOR_PEOPLE
    assert answered[0] <= 120, "a few pairs of a few kinds before anything is claimed"
    found = findings_of(tmp_path / "small")
    (proven,) = found.with_status(Status.CONFIRMED)
    assert {"two", "three", "four"} <= set(proven.description.replace(",", " ").replace(".", " ").split())
    assert proven.human is not None


def test_pictures_that_nobody_may_look_at_are_not_painted(tmp_path: Path) -> None:
    with left_to_people(tmp_path, people="none") as nobody, pytest.raises(SpecError, match="nobody would look"):
        nobody.run()
