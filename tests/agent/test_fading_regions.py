"""Fading a region: which actions are the failure's, when it is found again, and what becomes of the landscape."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.agent.fading.changed_exam import CLEAN, OUTSIDE, THE_FAILURE, Ways, exam_of
from faultfinder.agent.fading.gallery import Gallery
from faultfinder.agent.fading.kept import Kept
from faultfinder.agent.fading.reauditing import is_again, lies_within
from faultfinder.agent.fading.scoring import change
from faultfinder.agent.fading.shifting import survey
from faultfinder.agent.fading.words import peaks
from faultfinder.memory.landscape_records import Visit
from faultfinder.memory.records import Hypothesis, Outcome
from faultfinder.memory.regions import Bound, Region
from faultfinder.tools.actions.conditions import PictureConditions
from faultfinder.tools.actions.space import Factor
from faultfinder.tools.classifiers import as_classifier
from faultfinder.tools.label_matching import match
from faultfinder.tools.labelled import LabelledPictures, open_labelled
from faultfinder.tools.tasks.calibrated import CalibratedClassifier
from faultfinder.tools.tasks.classifying import ClassificationTask
from faultfinder.tools.tasks.temperature import Answers, Temperature, fit_temperature
from tests.support.classifiers import blind_in_the_dark, discs

DARKNESS = Factor("darkness", (0.3, 0.6, 1.0, 1.1), "at {level} times the brightness", 1.0, 0.1)
ROTATION = Factor("rotation", (-10.0, 0.0, 10.0), "rotated by {level} degrees", 0.0, 1.0)


def bound(factor: Factor, *levels: float) -> Bound:
    return Bound(factor=factor.name, levels=levels, say=factor.say)


DARK = Region(bounds=(bound(DARKNESS, 0.3, 0.6),))


def hypothesis(region: Region) -> Hypothesis:
    return Hypothesis(id="h1", title="t", description=repr(region), region=region)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> LabelledPictures:
    return open_labelled(str(discs(tmp_path_factory.mktemp("discs"), 12)))


def _as_it_is() -> Temperature:
    return fit_temperature(Answers(np.array([[0.9, 0.1]] * 9 + [[0.1, 0.9]], dtype=np.float32), [frozenset({0})] * 10))


def ways(pictures: LabelledPictures, region: Region = DARK, *factors: Factor) -> Ways:
    classifier = as_classifier(blind_in_the_dark(), "python:it")
    matched = match(pictures, classifier)
    calibrated = CalibratedClassifier(classifier, _as_it_is())
    conditions = PictureConditions(factors or (DARKNESS, ROTATION))
    return Ways(Gallery(ClassificationTask(calibrated, pictures, matched.right, conditions, 0), matched.right), region)


@pytest.mark.parametrize(
    ("found", "again"),
    [
        (DARK, True),
        (Region(bounds=(bound(DARKNESS, 0.3),)), True),
        (Region(bounds=(bound(DARKNESS, 0.3), bound(ROTATION, 10.0))), True),
        (Region(bounds=(bound(DARKNESS, 0.3),), topics=("red",)), True),
        (Region(bounds=(bound(DARKNESS, 1.1),)), False),
        (Region(bounds=(bound(ROTATION, 10.0),)), False),
        (Region(bounds=(bound(DARKNESS, 0.6, 1.0, 1.1),)), False),
    ],
)
def test_a_region_is_the_failure_again_where_most_of_it_lies_within(found: Region, again: bool) -> None:
    assert is_again(hypothesis(found), hypothesis(DARK)) is again


@given(st.sets(st.sampled_from(DARKNESS.levels), min_size=1), st.sets(st.sampled_from(DARKNESS.levels), min_size=1))
def test_the_share_within_is_a_share(mine: set[float], others: set[float]) -> None:
    one, other = (Region(bounds=(bound(DARKNESS, *sorted(each)),)) for each in (mine, others))
    assert 0 <= lies_within(one, other) <= 1
    assert lies_within(one, one) == 1


def test_every_action_is_the_failures_or_another_or_none(pictures: LabelledPictures) -> None:
    found = ways(pictures)
    space = found.gallery.space
    inside, others = set(found.failing(0)), set(found.other(0))
    assert not inside & others
    assert inside | others | {space.neutral} == set(range(len(space)))
    assert {space.actions[n].level("darkness") for n in inside} == {0.3, 0.6}
    assert {space.actions[n].level("darkness") for n in found.alone("rotation")(0)} == {1.0}


def test_a_region_of_one_class_leaves_the_others_alone(pictures: LabelledPictures) -> None:
    found = ways(pictures, DARK.model_copy(update={"topics": ("red",)}))
    topics = [found.gallery.topic(number) for number in range(len(pictures))]
    assert [bool(found.failing(number)) for number in range(len(pictures))] == [topic == "red" for topic in topics]


def test_an_exam_finds_the_fault_where_it_lies_and_nowhere_else(pictures: LabelledPictures) -> None:
    exam = exam_of(ways(pictures), range(len(pictures)), 0)
    scored = exam.take(blind_in_the_dark())
    rates = {name: float(each.values.mean()) for name, each in scored.items()}
    assert rates[THE_FAILURE] == exam.failing(blind_in_the_dark()) < 0.2
    assert min(rates[name] for name in (CLEAN, "darkness", "rotation", OUTSIDE)) > 0.9
    labels = [each for each in scored.values() if each.about == "label"]
    assert [each.among for each in labels] == [4] * 4
    again = exam_of(ways(pictures), range(len(pictures)), 0)
    assert [sheet.cases for sheet in exam.sheets] == [sheet.cases for sheet in again.sheets]


def test_intervals_are_wider_where_many_changes_are_looked_at() -> None:
    before, after = np.ones(100), np.repeat([0.0, 1.0], [6, 94])
    alone, among = change(before, after), change(before, after, among=48)
    assert alone.high < 0 < among.high
    assert among.value == alone.value


def test_a_survey_asks_everything_where_that_is_affordable_and_else_every_action_alike(
    pictures: LabelledPictures,
) -> None:
    task, inputs = ways(pictures).gallery.task, list(range(len(pictures)))
    assert survey(task, inputs, 0).exhaustive
    some = survey(task, inputs, 0, most=60)
    assert not some.exhaustive
    assert np.bincount([query.action for query in some.queries]).tolist() == [5] * 12
    assert some == survey(task, inputs, 0, most=60)


def test_what_became_of_a_landscape_says_how_far_failures_moved_and_what_got_worst(pictures: LabelledPictures) -> None:
    asked = survey(ways(pictures, DARK, DARKNESS).gallery.task, list(range(len(pictures))), 0)
    before = asked.ask(lambda done, total: None)
    same = asked.shift(before, before)
    assert (same.distance, same.worsened) == (0.0, None)
    assert same.before.rates[0].rate > 0.8 > 0.2 > same.before.rates[3].rate
    turned = asked.shift(before, [_turned(visit) for visit in before])
    assert turned.distance > 0.3
    assert turned.worsened is not None
    assert turned.worsened.level in (1.0, 1.1)
    assert turned.worsened.low > 0
    assert peaks(same, same.shape_before).startswith("1: at 0.")


def _turned(visit: Visit) -> Visit:
    other = {Outcome.FAIL: Outcome.PASS, Outcome.PASS: Outcome.FAIL}
    return visit.model_copy(update={"outcome": other.get(visit.outcome, visit.outcome)})


def test_pictures_are_kept_as_far_as_memory_is_bounded(pictures: LabelledPictures) -> None:
    made: list[int] = []
    picture = pictures.open(0)
    kept = Kept(most=picture.width * picture.height * 3)

    def make(number: int):
        made.append(number)
        return picture

    for number in (0, 1, 0, 1):
        kept.picture(number, lambda number=number: make(number))
    assert made == [0, 1, 1], "the first is kept, the second no longer fits"


def test_what_nobody_could_read_is_not_drawn(pictures: LabelledPictures) -> None:
    black = Factor("darkness", (0.0, 0.3, 1.0), "at {level} times the brightness", 1.0, 0.1)
    gallery = ways(pictures, DARK, black).gallery
    assert gallery.draw([0, 1], lambda _: (0,), Random(0)) == []
    assert {showing.action for showing in gallery.draw([0, 1], lambda _: (0, 1), Random(0))} == {1}
