"""Who is asked what, and when the audit waits; the same questions again after a kill."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from faultfinder.agent.endings import FOR_PEOPLE
from faultfinder.agent.questions import unanswered
from faultfinder.agent.running.audits import Audit
from faultfinder.agent.scout.people_tools import Asked, PeopleTools
from faultfinder.memory.errors import Interrupted, ToolError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.people_records import CHOICES, Answer, Ask, Label, Question, Why
from faultfinder.memory.picture_records import Side
from faultfinder.memory.records import AuditSettings, Case, Decision, Observation, Outcome, Role, Verdict
from tests.support.audits import audit, findings_of, settings
from tests.support.reviewing import label, strategist, waiting_audit

PAIRS = 4
pytestmark = pytest.mark.enable_socket


def ledger_of(folder: Path) -> Ledger:
    return Ledger.open(folder / "audit.db")


def answer_all(folder: Path, rater: str = "Ann", most: int | None = None) -> None:
    with ledger_of(folder) as ledger:
        ledger.save([label(each, rater, CHOICES[each.kind][0]) for each in unanswered(ledger)[:most]])


def test_an_audit_waits_until_the_last_answer(tmp_path: Path) -> None:
    folder = waiting_audit(tmp_path, pairs=PAIRS)
    with ledger_of(folder) as ledger:
        asked = ledger.all(Question)
    assert len(asked) == 4 * PAIRS
    assert {(each.kind, each.why) for each in asked} == {(Ask.WHICH, Why.CANNOT_TELL)}
    answer_all(folder, most=4 * PAIRS - 1)
    for _ in range(2):
        with Audit.open(folder) as again:
            assert again.run(strategist()) == FOR_PEOPLE
    assert findings_of(folder).audit.stopped_by == FOR_PEOPLE
    answer_all(folder)
    with Audit.open(folder) as again:
        assert again.run(strategist()) != FOR_PEOPLE
    assert findings_of(folder).people is not None


def test_an_audit_that_need_not_wait_any_more_goes_on(tmp_path: Path) -> None:
    folder = waiting_audit(tmp_path, pairs=PAIRS)
    with Audit.open(folder, people="later") as again:
        assert again.run(strategist()) != FOR_PEOPLE
    (finding,) = findings_of(folder).findings
    assert finding.probes.unscorable == PAIRS


def test_an_answer_taken_back_is_waited_for_again(tmp_path: Path) -> None:
    folder = waiting_audit(tmp_path, pairs=PAIRS)
    answer_all(folder)
    with ledger_of(folder) as ledger:
        ledger.save([label(ledger.all(Question)[0], "Ann", None)])
    with Audit.open(folder) as again:
        assert again.run(strategist()) == FOR_PEOPLE


class Dying(Ledger):
    """A ledger whose process dies just before it writes a question."""

    def save(self, records: object, spent: object = (), arrived: object = ()) -> None:
        kept = list(records)  # type: ignore[call-overload]
        if any(isinstance(each, Question) for each in kept):
            raise Interrupted("killed")
        super().save(kept, spent, arrived)  # type: ignore[arg-type]


def test_a_kill_between_measuring_and_asking_loses_no_question(tmp_path: Path) -> None:
    whole = waiting_audit(tmp_path / "whole", pairs=PAIRS)
    folder = tmp_path / "killed" / "left-and-right"
    with ledger_of(whole) as ledger:
        chosen = ledger.all(AuditSettings)[0]
    with Audit.create(chosen, folder) as begun:
        begun.ledger.close()
        begun.ledger = Dying.open(folder / "audit.db")
        begun._budget._ledger = begun.ledger
        begun.run(strategist())
        assert begun.ledger.all(Observation)
        assert not begun.ledger.all(Question)
    with Audit.open(folder) as again:
        assert again.run(strategist()) == FOR_PEOPLE
    with ledger_of(whole) as one, ledger_of(folder) as other:
        assert {each.id for each in one.all(Question)} == {each.id for each in other.all(Question)}


def test_a_judge_that_sees_is_checked_on_a_sample_of_both_arms(tmp_path: Path) -> None:
    folder = waiting_audit(tmp_path, pairs=8, eyes=None)
    with ledger_of(folder) as ledger:
        cases = {case.id: case for case in ledger.all(Case)}
        asked = ledger.all(Question)
    assert {each.why for each in asked} == {Why.SAMPLE}
    by_role = {role: [each for each in asked if cases[each.case or ""].role is role] for role in Role}
    assert {role: len(some) for role, some in by_role.items()} == {Role.PROBE: 4, Role.CONTROL: 4}
    assert {each.side for each in asked} == set(Side)


def test_nobody_is_asked_where_nobody_is_to_be(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        waiting_audit(tmp_path, pairs=PAIRS, people="none", eyes="lab:clip")
    with ledger_of(tmp_path / "left-and-right") as ledger:
        assert ledger.all(Question) == []
        assert ledger.all(Label) == []


def test_answers_that_come_later_are_folded_in(tmp_path: Path) -> None:
    folder = waiting_audit(tmp_path, pairs=PAIRS)
    with Audit.open(folder, people="later") as again:
        again.run(strategist())
    with ledger_of(folder) as ledger:
        ledger.save([label(each, "Ann", Answer.NEITHER) for each in ledger.all(Question)])
    with Audit.open(folder, people="later") as again:
        again.run(strategist())
    (finding,) = findings_of(folder).findings
    assert (finding.probes.fail, finding.control.fail) == (PAIRS, PAIRS)


def test_an_encoders_failing_probes_are_shown_to_people(tmp_path: Path) -> None:
    audit(tmp_path, settings(tmp_path, people="later"))
    with ledger_of(tmp_path / "small") as ledger:
        asked, cases = ledger.all(Question), {case.id: case for case in ledger.all(Case)}
        failed = {seen.case for seen in ledger.all(Observation) if seen.outcome is Outcome.FAIL}
        last = {verdict.hypothesis: verdict.decision for verdict in ledger.all(Verdict)}
    assert asked
    assert {each.kind for each in asked} == {Ask.MEANING}
    assert {each.case for each in asked} <= failed
    assert {cases[each.case or ""].role for each in asked} == {Role.PROBE}
    proven = {hypothesis for hypothesis, decision in last.items() if decision is Decision.SUPPORTED}
    assert proven <= {cases[each.case or ""].hypothesis for each in asked}


def asked_of_people(ledger: Ledger, *said: str) -> Asked:
    context = SimpleNamespace(ledger=ledger, settings=SimpleNamespace(name="small"), tell=lambda *_: None)
    return Asked.model_validate_json(PeopleTools(context).ask_people(*said))  # type: ignore[arg-type]


def test_the_scout_asks_and_reads_answers_by_asking_again(ledger: Ledger) -> None:
    first = asked_of_people(ledger, "is a couch a sofa?")
    assert first.answers == {}
    asked = ledger.all(Question)[0]
    assert (asked.kind, asked.why, asked.rank) == (Ask.OPEN, Why.ASKED, 1)
    given = label(asked, "Ann", Answer.YES).model_copy(update={"note": "mostly"})
    ledger.save([given, label(asked, "Bob", Answer.NO), label(asked, "Bob", None)])
    again = asked_of_people(ledger, "is a couch a sofa?")
    assert (again.id, again.answers, again.notes) == (first.id, {"Ann": "yes"}, ("mostly",))
    assert asked_of_people(ledger, "", "a couch", "a sofa").id != first.id
    assert [each.kind for each in ledger.all(Question)] == [Ask.OPEN, Ask.MEANING]


@pytest.mark.parametrize("said", [("", "", ""), ("  ", "a", " "), ("x" * 1001, "", ""), ("", "a", "x" * 1001)])
def test_what_is_no_question_is_told_to_the_scout(ledger: Ledger, said: tuple[str, ...]) -> None:
    with pytest.raises(ToolError):
        asked_of_people(ledger, *said)
    assert ledger.all(Question) == []
