"""Whole audits that people reshape: asked what matters, explored again by it, told what was left."""

import shutil
from pathlib import Path

import pytest

from faultfinder.agent.endings import FOR_PEOPLE
from faultfinder.agent.landscape.rating import AT_ONCE, Ratings
from faultfinder.agent.people.review_desk import LedgerDesk
from faultfinder.agent.report.findings import FindingsFile, Status
from faultfinder.agent.report.words import percent
from faultfinder.agent.running.audits import Audit
from faultfinder.memory.landscape_records import Exploration, ImportanceFound, Visit
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.people_records import Answer, Ask, Question, Why
from faultfinder.memory.records import AuditSettings, Limits, Outcome
from tests.support.audits import findings_of, timeless
from tests.support.classifiers import discs
from tests.support.rating_people import answer_all, everything, label, nothing, open_to, the_dark, the_light

RATINGS = 60
QUERIES = 240


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return discs(tmp_path_factory.mktemp("discs"))


def plan(place: Path, pictures: Path, **changes: object) -> AuditSettings:
    chosen = {
        "name": "rated",
        "goal": "does it fail under any light?",
        "target": "python:tests.support.classifiers:blinded_by_any_light",
        "corpus": "lab",
        "inputs": str(pictures),
        "actions": "rotation,darkness=0.3:0.6:1:1.1",
        "queries": QUERIES,
        "probes": 20,
        "controls": 20,
        "explorer": "thompson",
        "ratings": RATINGS,
        "people": "later",
        "memory": str(place / "memory"),
        **changes,
    }
    return AuditSettings.model_validate(chosen)


def begun(place: Path, chosen: AuditSettings) -> str:
    with Audit.create(chosen, place / "rated") as audit:
        return audit.run()


def resumed(place: Path) -> FindingsFile:
    with Audit.open(place / "rated") as audit:
        audit.run()
    return findings_of(place / "rated")


def told(found: FindingsFile) -> ImportanceFound:
    importance = found.landscapes[-1].importance
    assert importance is not None
    return importance


def share_of(told_: ImportanceFound, key: str, levels: tuple[float, ...]) -> float:
    own = [each for each in told_.levels if each.factor == "darkness" and each.level in levels]
    return sum(getattr(each, key) for each in own)


@pytest.fixture(scope="module")
def unrated(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Path:
    """An audit that has ended, and asked people what matters."""
    place = tmp_path_factory.mktemp("unrated")
    begun(place, plan(place, pictures))
    return place


def copied(unrated: Path, place: Path) -> Path:
    shutil.copytree(unrated / "rated", place / "rated")
    return place


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory, unrated: Path) -> tuple[Path, FindingsFile]:
    """The same audit, rated by somebody who minds too much light only, and gone on with."""
    place = copied(unrated, tmp_path_factory.mktemp("rated"))
    answer_all(place / "rated", the_light)
    return place, resumed(place)


def test_people_are_asked_about_failures_they_can_look_at_a_few_at_a_time(unrated):
    with Ledger.open(unrated / "rated" / "audit.db") as ledger:
        desk, visits = LedgerDesk(unrated / "rated", ledger), {each.id: each for each in ledger.all(Visit)}
        asked = [each for each in ledger.all(Question) if each.kind is Ask.RATING]
        assert len(asked) == AT_ONCE
        assert {each.why for each in asked} == {Why.IMPORTANCE}
        assert all(visits[each.visit].outcome is Outcome.FAIL for each in asked)
        assert all(desk.picture(each.id) for each in asked)
        actions = [visits[each.visit].action for each in asked]
    assert len(set(actions)) == len(actions), "spread over actions"


def test_the_next_questions_follow_from_the_answers_up_to_the_cap(unrated, tmp_path):
    folder = copied(unrated, tmp_path) / "rated"
    with Ledger.open(folder / "audit.db") as ledger:
        desk = LedgerDesk(folder, ledger)
        for number, asked in enumerate(open_to(desk, "Ada"), start=1):
            assert len(desk.questions()) == AT_ONCE
            answer = list(Answer)[7 + number % 10]  # somebody of whom nothing can be learnt
            desk.append([label(asked, "Ada", answer)])
        assert len(desk.questions()) == 2 * AT_ONCE
        while left := open_to(desk, "Ada"):
            desk.append([label(each, "Ada", (Answer.R1, Answer.R10)[hash(each.id) % 2]) for each in left])
        assert len(desk.questions()) <= RATINGS


def test_attention_moves_to_what_people_mind(rated):
    _, found = rated
    importance = told(found)
    assert importance.ratings <= RATINGS
    assert importance.raters == 1
    dark = [each.mean for each in importance.levels if each.factor == "darkness"]
    assert dark[3] > 0.7
    assert max(dark[:2]) < 0.3
    before, after = (share_of(importance, key, (1.1,)) for key in ("before", "queries"))
    assert before < 0.4
    assert after > 0.6


def test_both_explorations_are_kept_and_the_second_begins_with_its_ratings(rated):
    place, found = rated
    first, second = found.landscapes
    assert first.importance is None
    assert (second.id, second.queries) == ("explore-2", QUERIES)
    with Ledger.open(place / "rated" / "audit.db") as ledger:
        assert set(told(found).labels) == set(Ratings(ledger).labels)


def test_what_people_do_not_mind_is_named_and_not_hidden(rated):
    place, found = rated
    left = told(found).left
    assert any(each.words == "at 0.3 to 0.6 times the brightness" for each in left)
    assert all("1.1" not in each.words for each in left)
    html = (place / "rated" / "report.html").read_text().replace("\u202f", " ")
    assert "What people mind" in html
    assert "What was left" in html
    assert "Of darkness, people mind failures at 1.1 times the brightness" in html


def test_an_audit_that_waits_tests_first_what_people_mind(tmp_path, pictures):
    assert begun(tmp_path, plan(tmp_path, pictures, people="wait", limits=Limits(hypotheses=1))) == FOR_PEOPLE
    assert not findings_of(tmp_path / "rated").findings
    answer_all(tmp_path / "rated", the_light)
    found = resumed(tmp_path)
    assert len(found.landscapes) == 2
    (first,) = found.findings
    assert first.title == "pictures at 1.1 times the brightness are answered wrongly"
    assert first.status is Status.CONFIRMED


@pytest.mark.parametrize("minds", [nothing, everything])
def test_somebody_who_minds_nothing_or_everything_does_no_harm(unrated, tmp_path, minds):
    place = copied(unrated, tmp_path)
    rated = answer_all(place / "rated", minds)
    assert rated < RATINGS, "nobody is asked on when nothing more is learnt"
    found = resumed(place)
    failures = [sum(each.fail for each in landscape.landscape.rates) for landscape in found.landscapes]
    assert failures[1] >= 0.85 * failures[0]
    confirmed = {each.title for each in found.with_status(Status.CONFIRMED)}
    assert {each.title for each in findings_of(unrated / "rated").with_status(Status.CONFIRMED)} <= confirmed
    assert told(found).minded_actions == (1.0 if minds is everything else 0.0)


def test_what_people_cannot_read_counts_as_invalid(unrated, tmp_path):
    place = copied(unrated, tmp_path)
    with Ledger.open(place / "rated" / "audit.db") as ledger:
        desk = LedgerDesk(place / "rated", ledger)
        asked = open_to(desk, "Ada")
        desk.append([label(each, "Ada", Answer.CANNOT_TELL) for each in asked[:3]])
        desk.append([label(each, "Ada", Answer.R5) for each in asked[3:]])
        desk.append([label(asked[3], "Bo", Answer.CANNOT_TELL)])
        visits = {each.id: each for each in ledger.all(Visit)}
        before = ledger.all(Exploration)[0].landscape.rates
    found = resumed(place)
    assert told(found).unreadable == 4
    assert told(found).ratings == AT_ONCE - 4
    now = found.landscapes[0].landscape.rates
    for each in asked[:4]:
        action = visits[each.visit].action
        assert now[action].invalid > before[action].invalid
        assert now[action].fail < before[action].fail
    html = (place / "rated" / "report.html").read_text()
    assert "4 could not be read or judged; they count as invalid" in html


def test_a_second_exploration_cut_off_goes_on_with_the_ratings_it_began_with(rated, unrated, tmp_path):
    place = copied(unrated, tmp_path)
    answer_all(place / "rated", the_light)
    with Audit.open(place / "rated") as stopped:
        stopping = _StopAfter(stopped, 100)
        stopped._listen = stopped._heard_by = stopping
        stopped.run()
    with Ledger.open(place / "rated" / "audit.db") as ledger:
        assert len(ledger.all(Exploration)) == 1
        LedgerDesk(place / "rated", ledger).append(
            [label(each, "Bo", Answer.R1) for each in ledger.all(Question) if each.kind is Ask.RATING][:3]
        )
    found = resumed(place)
    assert told(found) == told(rated[1])
    assert found.landscapes[1] == rated[1].landscapes[1]


def test_nothing_is_asked_where_nobody_is_to_be_asked(tmp_path, pictures):
    begun(tmp_path, plan(tmp_path, pictures, people="none"))
    with Ledger.open(tmp_path / "rated" / "audit.db") as ledger:
        assert not ledger.all(Question)
    with Audit.open(tmp_path / "rated", people="later") as audit:
        audit.run()
    with Ledger.open(tmp_path / "rated" / "audit.db") as ledger:
        assert len(ledger.all(Question)) == AT_ONCE


def test_an_audit_goes_on_only_once_with_the_same_ratings(rated, tmp_path):
    place = copied(rated[0], tmp_path)
    again = resumed(place)
    assert len(again.landscapes) == 2
    assert timeless(place / "rated")["findings"] == timeless(rated[0] / "rated")["findings"]


def test_sixty_ratings_take_an_explorer_of_the_labs_model_to_the_dark(tmp_path, pictures):
    changes = {"target": "lab:clip", "inputs": "lab", "actions": "rotation,darkness,saturation", "ratings": 60}
    begun(tmp_path, plan(tmp_path, pictures, queries=300, limits=Limits(hypotheses=0), **changes))
    assert 0 < answer_all(tmp_path / "rated", the_dark) <= 60
    found = resumed(tmp_path)
    importance = told(found)
    dark = share_of(importance, "queries", (0.1, 0.5))
    assert dark >= 0.7
    html = (tmp_path / "rated" / "report.html").read_text()
    said = (
        f"{percent(dark)} of the queries were spent there, {percent(share_of(importance, 'before', (0.1, 0.5)))} before"
    )
    assert "Of darkness, people mind failures at 0.1 to 0.5 times the brightness" in html
    assert said in html


class _StopAfter:
    """Asks an audit to stop once so many inputs were tried."""

    def __init__(self, audit: Audit, tried: int) -> None:
        self._audit, self._tried = audit, tried

    def __call__(self, event: object) -> None:
        if getattr(event, "text", "") == "changed inputs tried" and (event.done or 0) >= self._tried:
            self._audit.interrupt()
