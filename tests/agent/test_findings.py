"""`findings.json` says what the ledger holds, in the agreed names, and nothing that the ledger does not."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.agent.endings import FOR_PEOPLE, INTERRUPTED, NOTHING_NEW, PAUSED
from faultfinder.agent.inquiries import inquiries, natural
from faultfinder.agent.judge import judge
from faultfinder.agent.report.conclusion import exit_code
from faultfinder.agent.report.findings import (
    ALL_INVALID,
    NEVER_ASKED,
    NOT_TESTED,
    NOTHING_SCORED,
    FindingsFile,
    Status,
    alarms,
    assemble,
    headline,
)
from faultfinder.agent.report.suite import suite, to_jsonl
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Case, Hypothesis, Judgement, Meaning, Observation, Outcome, Role
from faultfinder.tools.rewording import TemplateRewriter
from tests.support.sample_audit import FINISHED, PLANS, SETTINGS, Plan, sample_ledger

LETTERS = st.text(alphabet="fpuei", max_size=50)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with sample_ledger(tmp_path / "audit.db") as opened:
        yield opened


def found(ledger: Ledger) -> FindingsFile:
    return assemble(ledger, SETTINGS, "max_hypotheses", FINISHED)


def of_plans(*plans: Plan) -> FindingsFile:
    with sample_ledger(Path(":memory:"), plans) as ledger:
        return found(ledger)


def test_the_file_has_exactly_the_agreed_fields(ledger: Ledger) -> None:
    content = json.loads(found(ledger).model_dump_json(by_alias=True))
    assert content["schema"] == "faultfinder.findings/1"
    assert set(content) == {
        "schema", "audit", "alarms", "calibration", "eyes", "budget", "hypotheses_tested", "correction", "people",
        "search", "landscapes", "findings", "asked",
    }  # fmt: skip
    assert set(content["audit"]) == {
        "id", "goal", "target", "reference", "corpus", "strategist", "seed", "started", "finished", "stopped_by",
    }  # fmt: skip
    assert set(content["calibration"]) == {"agreement_threshold", "method", "pairs"}
    assert set(content["budget"]) == {"limits", "spent"}
    finding = content["findings"][0]
    assert set(finding) == {
        "id", "title", "description", "status", "parent", "probes", "control", "p_value", "alpha", "corrected",
        "downstream", "human", "cases", "asked", "combines", "rule", "within", "boundaries",
        "region",
    }  # fmt: skip
    arm = {"n", "fail", "pass", "unscorable", "error", "invalid", "rate", "interval"}
    assert set(finding["probes"]) == set(finding["control"]) == arm
    assert set(finding["cases"][0]) == {
        "case", "role", "a", "b", "target_similarity", "reference_similarity", "outcome", "painted_a", "painted_b",
        "change", "severity", "said", "specimen",
    }  # fmt: skip


def test_what_is_written_can_be_read_back(ledger: Ledger) -> None:
    content = found(ledger)
    assert FindingsFile.model_validate_json(content.model_dump_json(by_alias=True)) == content


def test_confirmed_come_first_by_p_then_refuted_then_open_in_natural_order(ledger: Ledger) -> None:
    findings = found(ledger).findings
    assert [f.id for f in findings] == ["h1", "h2", "h10", "h4", "h3", "h11"]
    confirmed = [f.p_value for f in findings if f.status is Status.CONFIRMED]
    assert confirmed == sorted(confirmed)


def test_a_hypothesis_without_a_verdict_is_open_and_still_counted(ledger: Ledger) -> None:
    content = found(ledger)
    waiting = next(f for f in content.findings if f.id == "h11")
    assert (waiting.status, waiting.p_value, waiting.alpha) == (Status.INCONCLUSIVE, None, None)
    assert (waiting.probes.n, waiting.control.n) == (3, 2)
    assert content.hypotheses_tested == len(PLANS)


@given(probes=LETTERS, controls=LETTERS, judged=st.booleans())
def test_the_counts_are_those_of_the_cases_shown(probes: str, controls: str, judged: bool) -> None:
    content = of_plans(Plan("h1", "t", "d", probes, controls, "side", judged=judged))
    finding = content.findings[0]
    for role, counts in ((Role.PROBE, finding.probes), (Role.CONTROL, finding.control)):
        shown = Counter(case.outcome for case in finding.cases if case.role is role)
        assert counts.fail == shown[Outcome.FAIL]
        assert counts.passed == shown[Outcome.PASS]
        assert counts.unscorable == shown[Outcome.UNSCORABLE]
        assert counts.error == shown[Outcome.ERROR]
        assert counts.invalid == shown[Outcome.INVALID]
        assert counts.n == shown.total()


def case(number: int, look: int, meaning: Meaning = Meaning.DIFFERENT) -> Case:
    judgement = Judgement(meaning=meaning, reason="said so", judge="lexicon")
    text = f"{look}-{number}"
    return Case(
        id=f"h1-p{text}", hypothesis="h1", role=Role.PROBE, a=text, b=f"not {text}", judgement=judgement, look=look
    )


def test_the_latest_look_decides_and_what_came_after_it_is_kept_apart() -> None:
    hypothesis = Hypothesis(id="h1", title="t", description="d")
    looks = {look: [case(number, look) for number in range(5)] for look in (1, 2, 3)}
    seen = [
        Observation(case=c.id, outcome=Outcome.PASS, target_similarity=0.5) for look in looks.values() for c in look
    ]
    with Ledger.open(Path(":memory:")) as ledger:
        ledger.save([hypothesis, *looks[1], *looks[2], *looks[3], *seen])
        ledger.save([judge(hypothesis, looks[1], seen, 1, 1), judge(hypothesis, looks[1] + looks[2], seen, 2, 2)])
        (inquiry,) = inquiries(ledger)
    assert inquiry.verdict is not None
    assert inquiry.verdict.id == "h1-2"
    assert len(inquiry.attempts) == inquiry.counts(Role.PROBE).n == 10
    assert inquiry.unjudged == 5


def test_a_case_judged_invalid_counts_as_invalid_even_before_it_is_observed() -> None:
    with Ledger.open(Path(":memory:")) as ledger:
        ledger.save([Hypothesis(id="h1", title="t", description="d"), case(1, 1, Meaning.SAME), case(2, 1)])
        (inquiry,) = inquiries(ledger)
    assert [attempt.seen.outcome for attempt in inquiry.attempts] == [Outcome.INVALID]
    assert inquiry.unjudged == 1


@pytest.mark.parametrize(
    ("plans", "alarm"),
    [
        ((), NOT_TESTED),
        ((Plan("h1", "t", "d", "", "", "side"),), NEVER_ASKED),
        ((Plan("h1", "t", "d", "iii", "ii", "side"),), ALL_INVALID),
        ((Plan("h1", "t", "d", "eeu", "ei", "side"),), NOTHING_SCORED),
    ],
)
def test_an_empty_audit_is_flagged(plans: tuple[Plan, ...], alarm: str) -> None:
    content = of_plans(*plans)
    assert alarms(content) == [alarm]
    assert json.loads(content.model_dump_json())["alarms"] == [alarm]
    assert headline(content) == "This audit of lab:clip tested nothing"
    assert exit_code(content) == 4


def test_cases_written_but_never_asked_are_flagged() -> None:
    with Ledger.open(Path(":memory:")) as ledger:
        ledger.save([Hypothesis(id="h1", title="t", description="d"), case(1, 1)])
        assert alarms(found(ledger)) == [NEVER_ASKED]


@pytest.mark.parametrize(("reason", "code"), [(FOR_PEOPLE, 0), (INTERRUPTED, 130), (f"{PAUSED}no answer", 75)])
def test_an_audit_that_is_not_over_ends_with_the_code_for_that(reason: str, code: int) -> None:
    with sample_ledger(Path(":memory:"), (Plan("h1", "t", "d", "", "", "side"),)) as ledger:
        content = assemble(ledger, SETTINGS, reason, FINISHED)
    assert exit_code(content) == code
    assert (alarms(content) == []) == (reason == FOR_PEOPLE)


def test_an_audit_that_measured_something_is_not_flagged(ledger: Ledger) -> None:
    assert alarms(found(ledger)) == []
    assert exit_code(found(ledger)) == 0
    assert headline(found(ledger)) == "3 systematic failures proven in lab:clip"


def test_a_target_that_notices_everything_is_no_empty_audit() -> None:
    with sample_ledger(Path(":memory:"), ()) as ledger:
        content = assemble(ledger, SETTINGS, NOTHING_NEW, FINISHED)
    assert alarms(content) == []
    assert exit_code(content) == 0
    assert headline(content) == "No systematic failure proven in lab:clip"


def test_one_and_no_failure_are_said_in_words() -> None:
    assert headline(of_plans(PLANS[0])) == "1 systematic failure proven in lab:clip"
    assert headline(of_plans(PLANS[3])) == "No systematic failure proven in lab:clip"


def test_the_suite_holds_the_scored_cases_of_confirmed_failures_and_nothing_else(ledger: Ledger) -> None:
    written = to_jsonl(suite(inquiries(ledger), SETTINGS, TemplateRewriter()))
    lines = [json.loads(line) for line in written.splitlines()]
    confirmed = found(ledger).with_status(Status.CONFIRMED)
    for role, arm in (("probe", "probes"), ("control", "control")):
        scored = {f"{SETTINGS.name}/{f.id}": getattr(f, arm).fail + getattr(f, arm).passed for f in confirmed}
        assert Counter(line["failure"] for line in lines if line["role"] == role) == scored
    assert {line["outcome"] for line in lines} == {"fail", "pass"}
    assert {line["bar"]["method"] for line in lines} == {"rewordings"}
    assert all(line["bar"]["rewordings"] == TemplateRewriter().rewordings(line["a"]) for line in lines)
    assert all((line["target_similarity"] >= line["bar"]["value"]) == (line["outcome"] == "fail") for line in lines)


@given(st.lists(st.integers(0, 10_000), min_size=2))
def test_natural_order_is_that_of_the_numbers(numbers: list[int]) -> None:
    assert sorted((f"h{n}-p{n}" for n in numbers), key=natural) == [f"h{n}-p{n}" for n in sorted(numbers)]
