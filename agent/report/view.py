"""What the report shows, ready to be set: everything chosen, counted and put into words before the template sees it."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from faultfinder.agent.inquiries import Attempt, Inquiry
from faultfinder.agent.pictures.drawing import Pictures, data_uri
from faultfinder.agent.report import words
from faultfinder.agent.report.changed_view import ChangedGroup, changed_groups
from faultfinder.agent.report.facts import Expense, changes, expenses, facts, looking, paints, summary
from faultfinder.agent.report.findings import Finding, FindingsFile, Status, alarms, headline
from faultfinder.agent.report.landscape_view import LandscapeView, landscape_views
from faultfinder.agent.report.minds_view import MindsView, minds_view
from faultfinder.agent.report.painted_view import (
    DownstreamView,
    PaintedGroup,
    corrected_sentence,
    downstream_view,
    human_sentences,
    painted_groups,
)
from faultfinder.agent.report.search_view import SearchView, search_view
from faultfinder.agent.report.words import Segment
from faultfinder.memory.records import AuditSettings, Decision, Failure, Outcome, Role

FAILING_SHOWN, PASSING_SHOWN, CONTROLS_SHOWN = 6, 2, 4
"""Pairs shown of a confirmed failure: always the first ones written, never picked by result."""

OTHERS_SHOWN = 3
"""Pairs shown of a hypothesis that was not confirmed."""

UNSCORED_SHOWN = 8
"""Examples of cases without a result."""


NO_CASE = "never tested: no case was written for it, since no fresh inputs were left or the audit ended first"
UNJUDGED = "the audit ended before its cases were judged"


@dataclass(frozen=True)
class Gauge:
    """A similarity beside its bar, as positions in percent of the page's scale."""

    similarity: float
    bar: float | None


@dataclass(frozen=True)
class PairView:
    """Two texts side by side."""

    a: list[Segment]
    b: list[Segment]
    picture_a: str | None
    picture_b: str | None
    outcome: str
    similarity: str
    bar: str
    reference: str | None
    judgement: str
    gauge: Gauge | None


@dataclass(frozen=True)
class Chapter:
    """One hypothesis with its numbers in words and its pairs."""

    finding: Finding
    verdict: str
    reason: str
    probes: str
    control: str
    p_value: str
    alpha: str
    failing: list[PairView]
    passing: list[PairView]
    controls: list[PairView]
    unjudged: int
    known: str | None
    child_of: str | None
    painted: list[PaintedGroup]
    changed: list[ChangedGroup]
    corrected: str
    downstream: DownstreamView | None
    human: list[str]


@dataclass(frozen=True)
class Unscored:
    """A case without a result, and why."""

    hypothesis: str
    a: list[Segment]
    b: list[Segment]
    outcome: str
    why: str


@dataclass(frozen=True)
class Page:
    """The whole report."""

    headline: str
    summary: str
    alarms: list[str]
    facts: list[tuple[str, str]]
    paints: bool
    changes: bool
    looking: list[str]
    proven: list[Chapter]
    refuted: list[Chapter]
    open: list[Chapter]
    rows: list[Chapter]
    unscored: list[Unscored]
    unscored_count: dict[str, int]
    search: SearchView | None
    landscapes: list[LandscapeView]
    minds: MindsView | None
    expenses: list[Expense]
    known: list[Failure]
    floor: float
    command: str
    resume: str | None
    findings: FindingsFile


def shown_texts(tried: Sequence[Inquiry]) -> list[str]:
    """Return the texts of the pairs that the report shows with pictures."""
    confirmed = [inquiry for inquiry in tried if inquiry.decision is Decision.SUPPORTED]
    shown = [attempt for inquiry in confirmed for group in _shown(inquiry) for attempt in group]
    return [text for attempt in shown for text in (attempt.case.a, attempt.case.b)]


def page(
    findings: FindingsFile,
    tried: Sequence[Inquiry],
    settings: AuditSettings,
    pictures: Pictures,
    known: Sequence[Failure],
    painted: Mapping[str, str],
) -> Page:
    """Choose and say everything that the report shows."""
    floor = _floor(tried)
    setter = _Setter(
        pictures, painted, floor, {f.id: f.title for f in findings.findings}, {f.id: f.title for f in known}
    )
    chapters = [setter.chapter(*both) for both in zip(findings.findings, tried, strict=True)]
    by_status = {status: [c for c in chapters if c.finding.status is status] for status in Status}
    return Page(
        headline=headline(findings),
        summary=summary(findings, settings, untested=sum(inquiry.untested for inquiry in tried)),
        alarms=alarms(findings),
        facts=facts(findings, settings, tried),
        paints=paints(findings, settings),
        changes=changes(findings),
        looking=looking(findings),
        proven=by_status[Status.CONFIRMED],
        refuted=by_status[Status.REFUTED],
        open=by_status[Status.INCONCLUSIVE],
        rows=chapters,
        unscored=_unscored(tried),
        unscored_count=_unscored_count(findings),
        search=search_view(findings),
        landscapes=landscape_views(findings.landscapes),
        minds=minds_view(findings.landscapes),
        expenses=expenses(findings),
        known=list(known),
        floor=floor,
        command=words.command(settings),
        resume=words.resumption(settings) if words.can_go_on(findings.audit.stopped_by) else None,
        findings=findings,
    )


class _Setter:
    """Sets the pairs of one report on one scale."""

    def __init__(
        self,
        pictures: Pictures,
        painted: Mapping[str, str],
        floor: float,
        titles: dict[str, str],
        known: dict[str, str],
    ) -> None:
        self._painted = painted
        self._pictures = {text: data_uri(png) for text, png in pictures.items()}
        self._floor = floor
        self._titles = titles
        self._known = known

    def chapter(self, finding: Finding, inquiry: Inquiry) -> Chapter:
        painted, changed = painted_groups(finding.cases, self._painted), changed_groups(finding.cases, self._painted)
        is_pairs = not painted and finding.region is None
        failing, passing, controls = ([self.pair(a) for a in group if is_pairs] for group in _shown(inquiry))
        hypothesis, verdict = inquiry.hypothesis, inquiry.verdict
        return Chapter(
            finding=finding,
            verdict=_verdict(finding, inquiry),
            reason=verdict.reason if verdict else NO_CASE if inquiry.untested else UNJUDGED,
            probes=words.tally(finding.probes, "probe"),
            control=words.tally(finding.control, "control"),
            p_value=words.small(finding.p_value),
            alpha=words.small(finding.alpha),
            failing=failing,
            passing=passing,
            controls=controls,
            unjudged=inquiry.unjudged,
            known=self._known.get(hypothesis.known or ""),
            child_of=self._titles.get(hypothesis.parent or ""),
            painted=painted,
            changed=changed,
            corrected="" if finding.downstream else corrected_sentence(finding),
            downstream=downstream_view(finding, self._painted),
            human=human_sentences(finding.human),
        )

    def pair(self, tried: Attempt) -> PairView:
        a, b = words.compare(tried.case.a, tried.case.b)
        seen = tried.seen
        return PairView(
            a=a,
            b=b,
            picture_a=self._pictures.get(tried.case.a),
            picture_b=self._pictures.get(tried.case.b),
            outcome=seen.outcome.value,
            similarity=words.cosine(seen.target_similarity),
            bar=words.cosine(seen.bar),
            reference=None if seen.reference_similarity is None else words.cosine(seen.reference_similarity),
            judgement=f"{tried.case.judgement.judge}: {tried.case.judgement.reason}",
            gauge=self._gauge(seen.target_similarity, seen.bar),
        )

    def _gauge(self, similarity: float | None, bar: float | None) -> Gauge | None:
        if similarity is None:
            return None
        return Gauge(self._place(similarity), None if bar is None else self._place(bar))

    def _place(self, value: float) -> float:
        return round(100 * min(1.0, max(0.0, (value - self._floor) / (1 - self._floor))), 2)


def _shown(inquiry: Inquiry) -> tuple[list[Attempt], list[Attempt], list[Attempt]]:
    """Return the failing probes, passing probes and controls to show: the first ones written."""
    most = (FAILING_SHOWN, PASSING_SHOWN, CONTROLS_SHOWN)
    if inquiry.decision is not Decision.SUPPORTED:
        most = (OTHERS_SHOWN, OTHERS_SHOWN, OTHERS_SHOWN)
    controls = [
        attempt
        for attempt in inquiry.attempts
        if attempt.case.role is Role.CONTROL and attempt.seen.outcome in (Outcome.FAIL, Outcome.PASS)
    ]
    failing, passing = (inquiry.pick(Role.PROBE, outcome) for outcome in (Outcome.FAIL, Outcome.PASS))
    return failing[: most[0]], passing[: most[1]], controls[: most[2]]


def _floor(tried: Sequence[Inquiry]) -> float:
    """Return where the drawn scale begins: the tenth below everything measured, at most 0.9."""
    measured = [
        value
        for inquiry in tried
        for group in _shown(inquiry)
        for attempt in group
        for value in (attempt.seen.target_similarity, attempt.seen.bar)
        if value is not None
    ]
    return max(0.0, math.floor(min([0.9, *measured]) * 10) / 10)


def _verdict(finding: Finding, inquiry: Inquiry) -> str:
    if inquiry.untested:
        return "not tested"
    return "proven" if finding.status is Status.CONFIRMED else finding.status.value


def _unscored(tried: Iterable[Inquiry]) -> list[Unscored]:
    without = [
        (inquiry.hypothesis.title, attempt)
        for inquiry in tried
        for attempt in inquiry.attempts
        if attempt.seen.outcome not in (Outcome.FAIL, Outcome.PASS)
    ]
    rows = [
        Unscored(
            title, *words.compare(tried.case.a, tried.case.b), tried.seen.outcome.value,
            tried.seen.detail or tried.case.judgement.reason,
        )
        for title, tried in without
    ]  # fmt: skip
    return rows[:UNSCORED_SHOWN]


def _unscored_count(findings: FindingsFile) -> dict[str, int]:
    outcomes = Counter(case.outcome.value for finding in findings.findings for case in finding.cases)
    return {outcome.value: outcomes[outcome.value] for outcome in (Outcome.INVALID, Outcome.ERROR, Outcome.UNSCORABLE)}
