"""`findings.json`: the machine's copy of an audit, schema `faultfinder.findings/1`.

Everything in it is a function of the ledger and the settings, in a fixed order; only `started`, `finished` and the
spent `minutes` depend on the clock.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Literal

from pydantic import Field

from faultfinder.agent.endings import ENOUGH_SEEN, NOTHING_NEW, WAITING
from faultfinder.agent.explore.boundaries import boundaries
from faultfinder.agent.explore.tries import tries
from faultfinder.agent.following import Followed
from faultfinder.agent.inquiries import Attempt, Inquiry, asked_inquiries, inquiries
from faultfinder.agent.judge import TOTAL_ALPHA
from faultfinder.agent.landscape.unreadable import settled_explorations
from faultfinder.agent.pictures.correction import CorrectedRate, JudgeQuality, rogan_gladen
from faultfinder.agent.report.combining import combined
from faultfinder.agent.report.downstream_facts import DownstreamFacts, Gallery, PaintedSide, downstream_facts
from faultfinder.agent.report.human_facts import HumanFacts, PeopleFacts, PeopleView
from faultfinder.agent.report.search_facts import SearchFacts, search_facts
from faultfinder.memory.landscape_records import Exploration, Specimen
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.map_records import Looked
from faultfinder.memory.picture_records import Side
from faultfinder.memory.records import (
    AuditSettings,
    Calibration,
    Counts,
    Decision,
    Limits,
    MinedPair,
    Outcome,
    Record,
    Role,
    Rule,
    Spend,
)
from faultfinder.memory.regions import Change, Region
from faultfinder.tools.encoder_eyes import EyesCalibration

CORRECTION = (
    f"Every test of the audit, of discarded hypotheses too, was given its own share (alpha) of one error budget of "
    f"{TOTAL_ALPHA:.0%} before its result was known. The shares of all tests add up to at most {TOTAL_ALPHA:.0%}, so "
    f"the chance that anything at all was confirmed falsely in this audit is at most {TOTAL_ALPHA:.0%}."
)

NOT_TESTED = "No hypothesis was tested. This audit says nothing about the model, neither good nor bad."
NEVER_ASKED = "Hypotheses were written down, but the target was never asked about any case. Nothing below is a result."
ALL_INVALID = (
    "Every case was judged invalid (the two texts are not known to differ in meaning), so the target was never asked "
    "about any of them. Nothing below is a result."
)
NOTHING_SCORED = "No case could be scored: every answer of the target was an error or could not be interpreted."


class Status(StrEnum):
    """What a reader is told of a hypothesis."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"


STATUS_OF = {
    Decision.SUPPORTED: Status.CONFIRMED,
    Decision.REFUTED: Status.REFUTED,
    Decision.INCONCLUSIVE: Status.INCONCLUSIVE,
}


class AuditFacts(Record):
    """Who audited what, with what, when."""

    id: str = Field(description="name of the audit")
    goal: str = Field(description="the user's sentence")
    target: str = Field(description="spec of the model under audit")
    reference: str | None = Field(description="spec of the reference encoder, when there was one")
    corpus: str = Field(description="corpus spec")
    strategist: str = Field(description="'offline' or the chat model's spec")
    seed: int = Field(description="seed of every random choice")
    started: str | None = Field(description="when the first sitting began, ISO 8601")
    finished: str | None = Field(description="when the report was written, ISO 8601; null while the audit goes on")
    stopped_by: str = Field(description="why the audit ended")


class BudgetFacts(Record):
    """What could be spent and what was."""

    limits: Limits = Field(description="null where there was no limit")
    spent: Spend = Field(description="over all sittings")


class TriedCase(Record):
    """One case as it ended."""

    case: str = Field(description="id of the case, as `faultfinder review NAME --case ID` takes it")
    role: Role = Field(description="probe or control")
    a: str = Field(description="first text")
    b: str = Field(description="second text")
    target_similarity: float | None = Field(description="cosine between the target's embeddings; null when not asked")
    reference_similarity: float | None = Field(description="cosine of the reference, when there was one")
    outcome: Outcome = Field(description="fail, pass, unscorable, error or invalid; as it stands after people answered")
    painted_a: PaintedSide | None = Field(default=None, description="for a generator: the picture of a")
    painted_b: PaintedSide | None = Field(default=None, description="for a generator: the picture of b")
    change: Change | None = Field(default=None, description="of a changed input: which input, and how it was changed")
    severity: float | None = Field(
        default=None, description="of a changed input: how badly the answer missed the truth"
    )
    said: str = Field(default="", description="of a changed input: what the target answered")
    specimen: Specimen | None = Field(
        default=None, description="of a changed input: what it looked like before and after, for the first of each kind"
    )


class Finding(Record):
    """One hypothesis, whatever became of it."""

    id: str = Field(description="id of the hypothesis")
    title: str = Field(description="in a few words")
    description: str = Field(description="the falsifiable sentence that was tested")
    status: Status = Field(description="confirmed, refuted or inconclusive")
    parent: str | None = Field(description="the hypothesis this one refines")
    combines: tuple[str, ...] = Field(
        default=(), description="further hypotheses proven about the same failure; their cases are among the cases here"
    )
    rule: Rule | None = Field(default=None, description="kind of edit and words, where the failure is one of an edit")
    within: tuple[tuple[str, ...], ...] = Field(
        default=(), description="the texts it is said of: of each group they hold one of the words; empty for all texts"
    )
    region: Region | None = Field(default=None, description="the changed inputs it is about, where it is about such")
    boundaries: tuple[str, ...] = Field(
        default=(), description="where it ends, by everything that was tried beside it; described, not tested"
    )
    asked: str | None = Field(default=None, description="the question it answers; null for the audit's own")
    probes: Counts = Field(description="outcomes of the cases the hypothesis says fail")
    control: Counts = Field(description="outcomes of the matched cases it says do not")
    p_value: float | None = Field(description="one-sided exact test of probes against controls; null before a verdict")
    alpha: float | None = Field(description="this test's share of the error budget; null before a verdict")
    corrected: CorrectedRate | None = Field(
        default=None,
        description="the failure rate of painted probes corrected for the judge's errors, as people measured them",
    )
    downstream: DownstreamFacts | None = Field(
        default=None, description="what a proven failure of an encoder does to the pictures of a generator"
    )
    human: HumanFacts | None = Field(default=None, description="people's part; null where nobody was asked about it")
    cases: tuple[TriedCase, ...] = Field(description="every case behind the counts")


class FindingsFile(Record):
    """The whole of `findings.json`."""

    # The name `schema` belongs to pydantic; in the file it is plain `schema`.
    schema_id: Literal["faultfinder.findings/1"] = Field(
        default="faultfinder.findings/1", alias="schema", description="version of this schema"
    )
    audit: AuditFacts = Field(description="who audited what, with what, when")
    alarms: tuple[str, ...] = Field(
        default=(), description="what makes the whole audit worthless; empty for one that tested something"
    )
    calibration: Calibration | None = Field(description="the agreement threshold; null when the audit ended before it")
    eyes: tuple[EyesCalibration, ...] = Field(
        default=(), description="how encoders that judge pictures were calibrated, and how good they were found to be"
    )
    budget: BudgetFacts = Field(description="what could be spent and what was")
    hypotheses_tested: int = Field(
        description="the audit's own hypotheses written down to be tested, the discarded ones included"
    )
    correction: str = Field(description="how the number of tests was accounted for")
    people: PeopleFacts | None = Field(default=None, description="people's part in the audit; null if none were asked")
    search: SearchFacts | None = Field(
        default=None, description="how the search went; null in files of versions that did not say"
    )
    landscapes: tuple[Exploration, ...] = Field(
        default=(), description="what explorers measured on changed inputs; suspicions, which the findings test"
    )
    findings: tuple[Finding, ...] = Field(description="confirmed first, then refuted, then inconclusive")
    asked: tuple[Finding, ...] = Field(
        default=(), description="experiments that people asked for in a chat, apart from the audit's own findings"
    )

    model_config = Record.model_config | {"populate_by_name": True}

    def with_status(self, status: Status) -> list[Finding]:
        """Return the findings of one status, in order."""
        return [finding for finding in self.findings if finding.status is status]


def assemble(ledger: Ledger, settings: AuditSettings, stopped_by: str, finished: str | None) -> FindingsFile:
    """Gather an audit's findings from its ledger.

    Args:
        ledger: the evidence.
        settings: what determined the audit.
        stopped_by: why it ended.
        finished: the moment, ISO 8601; None while it goes on.
    """
    calibration = ledger.all(Calibration)
    charted = tries(ledger) if ledger.all(Looked) else []
    spent = ledger.spend()
    followed = {record.id: record for record in ledger.all(Followed)}
    gallery, view = Gallery(ledger), PeopleView(ledger, tuple(followed.values()))
    own, asked = combined(inquiries(ledger)), asked_inquiries(ledger)
    content = FindingsFile(
        audit=_facts(ledger, settings, stopped_by, finished),
        calibration=calibration[-1] if calibration else None,
        eyes=tuple(ledger.all(EyesCalibration)),
        budget=BudgetFacts(limits=settings.limits, spent=spent),
        hypotheses_tested=spent.hypotheses - len(asked),
        correction=CORRECTION,
        people=view.whole(),
        search=search_facts(ledger, own),
        landscapes=tuple(settled_explorations(ledger)),
        findings=tuple(_bounded(_finding(inquiry, followed, gallery, view), inquiry, charted) for inquiry in own),
        asked=tuple(_finding(inquiry, followed, gallery, view) for inquiry in asked),
    )
    return content.model_copy(update={"alarms": tuple(alarms(content))})


def alarms(findings: FindingsFile) -> list[str]:
    """Say loudly what makes an audit worthless: nothing tested, nothing valid, the target never asked.

    One that waits for a person is not over, and one that found nothing new to test has looked.
    """
    outcomes = [case.outcome for finding in findings.findings for case in finding.cases]
    if findings.audit.stopped_by.startswith(WAITING):
        return []
    if not findings.hypotheses_tested:
        return [] if findings.audit.stopped_by in (NOTHING_NEW, ENOUGH_SEEN) else [NOT_TESTED]
    if not outcomes:
        return [NEVER_ASKED]
    if all(outcome is Outcome.INVALID for outcome in outcomes):
        return [ALL_INVALID]
    if not any(outcome in (Outcome.FAIL, Outcome.PASS) for outcome in outcomes):
        return [NOTHING_SCORED]
    return []


def headline(findings: FindingsFile) -> str:
    """Say the outcome of an audit in one line."""
    if alarms(findings):
        return f"This audit of {findings.audit.target} tested nothing"
    proven = len(findings.with_status(Status.CONFIRMED))
    number = f"{proven or 'No'} systematic failure{'' if proven < 2 else 's'}"
    return f"{number} proven in {findings.audit.target}"


def _facts(ledger: Ledger, settings: AuditSettings, stopped_by: str, finished: str | None) -> AuditFacts:
    return AuditFacts(
        id=settings.name,
        goal=settings.goal,
        target=settings.target,
        reference=settings.reference,
        corpus=settings.corpus,
        strategist=settings.llm,
        seed=settings.seed,
        started=ledger.started(),
        finished=finished,
        stopped_by=stopped_by,
    )


def _finding(inquiry: Inquiry, followed: Mapping[str, Followed], gallery: Gallery, people: PeopleView) -> Finding:
    hypothesis, verdict = inquiry.hypothesis, inquiry.verdict
    cases = tuple(_tried(attempt, gallery) for attempt in inquiry.attempts)
    probes = inquiry.counts(Role.PROBE)
    downstream = downstream_facts(inquiry, followed, gallery)
    painted = downstream.probes if downstream else probes if any(case.painted_a for case in cases) else None
    return Finding(
        id=hypothesis.id,
        title=hypothesis.title,
        description=hypothesis.description,
        status=STATUS_OF[inquiry.decision],
        parent=hypothesis.parent,
        combines=inquiry.parts,
        rule=hypothesis.rule,
        within=hypothesis.within,
        region=hypothesis.region,
        asked=hypothesis.asked,
        probes=probes,
        control=inquiry.counts(Role.CONTROL),
        p_value=verdict.p_value if verdict else None,
        alpha=verdict.alpha if verdict else None,
        corrected=_corrected(painted, people.judge_quality()),
        downstream=downstream,
        human=people.of(inquiry),
        cases=cases,
    )


def _bounded(finding: Finding, inquiry: Inquiry, charted: Sequence[MinedPair]) -> Finding:
    """Say where a proven failure ends, where the audit kept a map."""
    if not charted or finding.status is not Status.CONFIRMED:
        return finding
    return finding.model_copy(update={"boundaries": boundaries(inquiry.hypothesis, charted)})


def _corrected(painted: Counts | None, quality: JudgeQuality | None) -> CorrectedRate | None:
    if painted is None or painted.rate is None or quality is None:
        return None
    return rogan_gladen(painted.rate, painted.fail + painted.passed, quality)


def _tried(attempt: Attempt, gallery: Gallery) -> TriedCase:
    case, seen = attempt.case, attempt.seen
    is_text = seen.target_similarity is not None
    return TriedCase(
        case=case.id,
        role=case.role,
        a=case.a,
        b=case.b,
        target_similarity=seen.target_similarity,
        reference_similarity=seen.reference_similarity,
        outcome=seen.outcome,
        painted_a=None if is_text else gallery.side(case.id, Side.A),
        painted_b=None if is_text else gallery.side(case.id, Side.B),
        change=case.change,
        severity=seen.severity,
        said=seen.said,
        specimen=gallery.specimen(case.id),
    )
