"""What the tools of a chat answer about findings and cases: records made for reading, short and citable."""

from pydantic import Field

from faultfinder.agent.inquiries import Attempt, Inquiry
from faultfinder.agent.report.findings import STATUS_OF, Status
from faultfinder.memory.records import Counts, Outcome, Record, Role


class FindingRow(Record):
    """One hypothesis in a line."""

    id: str
    title: str
    status: Status
    probes_failed: int
    probes_scored: int
    controls_failed: int
    controls_scored: int
    interval: tuple[float, float] = Field(description="95 % interval of the probes' failure rate")
    words: tuple[str, ...] = Field(description="the words it is about, where it is about words")
    parent: str | None
    asked: str | None = Field(description="the question it answers, where it was asked for in a chat")


class FindingsListed(Record):
    """Every hypothesis of an audit."""

    findings: tuple[FindingRow, ...]
    asked: tuple[FindingRow, ...]


class CaseFound(Record):
    """One case as it ended."""

    id: str
    role: Role
    outcome: Outcome
    a: str
    b: str
    similarity: float | None = Field(description="how near the target puts the two")
    bar: float | None = Field(description="from which similarity it takes them for rewordings of each other")
    detail: str
    judged: str = Field(description="who said that the two differ in meaning, and why")
    pictures: tuple[str, ...] = Field(default=(), description="files with pictures of a and b")


class CasesFound(Record):
    """Cases that match a search."""

    matching: int
    cases: tuple[CaseFound, ...]


class FindingShown(Record):
    """One hypothesis with its numbers and a few cases, the first ones written of each kind."""

    row: FindingRow
    description: str
    reason: str | None = Field(description="why the verdict is what it is; null without a verdict")
    probes: Counts
    control: Counts
    p_value: float | None
    alpha: float | None
    test_number: int | None
    looks: int | None
    judges: tuple[str, ...]
    failing: tuple[CaseFound, ...]
    passing: tuple[CaseFound, ...]
    controls: tuple[CaseFound, ...]
    unjudged: int


def finding_row(inquiry: Inquiry) -> FindingRow:
    """Put a hypothesis in a line."""
    hypothesis, probes, control = inquiry.hypothesis, inquiry.counts(Role.PROBE), inquiry.counts(Role.CONTROL)
    return FindingRow(
        id=hypothesis.id,
        title=hypothesis.title,
        status=STATUS_OF[inquiry.decision],
        probes_failed=probes.fail,
        probes_scored=probes.fail + probes.passed,
        controls_failed=control.fail,
        controls_scored=control.fail + control.passed,
        interval=probes.interval,
        words=hypothesis.rule.words if hypothesis.rule else (),
        parent=hypothesis.parent,
        asked=hypothesis.asked,
    )


def finding_shown(inquiry: Inquiry, cases: int) -> FindingShown:
    """Show a hypothesis with its numbers and the first cases of each kind."""
    verdict = inquiry.verdict
    scored = [t for t in inquiry.attempts if t.seen.outcome in (Outcome.FAIL, Outcome.PASS)]
    return FindingShown(
        row=finding_row(inquiry),
        description=inquiry.hypothesis.description,
        reason=verdict.reason if verdict else None,
        probes=inquiry.counts(Role.PROBE),
        control=inquiry.counts(Role.CONTROL),
        p_value=verdict.p_value if verdict else None,
        alpha=verdict.alpha if verdict else None,
        test_number=verdict.test_number if verdict else None,
        looks=verdict.look if verdict else None,
        judges=tuple(dict.fromkeys(tried.case.judgement.judge for tried in inquiry.attempts)),
        failing=tuple(case_found(t) for t in inquiry.pick(Role.PROBE, Outcome.FAIL)[:cases]),
        passing=tuple(case_found(t) for t in inquiry.pick(Role.PROBE, Outcome.PASS)[:cases]),
        controls=tuple(case_found(t) for t in [t for t in scored if t.case.role is Role.CONTROL][:cases]),
        unjudged=inquiry.unjudged,
    )


def case_found(tried: Attempt) -> CaseFound:
    """Show a case."""
    case, seen = tried.case, tried.seen
    return CaseFound(
        id=case.id,
        role=case.role,
        outcome=seen.outcome,
        a=case.a,
        b=case.b,
        similarity=seen.target_similarity,
        bar=seen.bar,
        detail=seen.detail,
        judged=f"{case.judgement.judge}: {case.judgement.reason}",
    )
