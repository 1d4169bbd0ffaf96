"""What a citation stands for: the texts, numbers, counts and verdicts that a sentence may take from it."""

import json
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

from faultfinder.agent.chat.evidence import AUDIT, Evidence, LookUp, numbers_in, texts_in
from faultfinder.agent.chat.facts import AuditSummary
from faultfinder.agent.inquiries import Attempt, Inquiry
from faultfinder.agent.judge import CONFIDENCE, HALF, TOTAL_ALPHA
from faultfinder.agent.report.findings import Status
from faultfinder.memory.records import Counts, Outcome, Role


@dataclass(frozen=True)
class Share:
    """A part of a whole, and what was counted."""

    part: int
    whole: int
    role: Role | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Cited:
    """What one id stands for."""

    id: str
    texts: tuple[str, ...]
    numbers: frozenset[float]
    shares: frozenset[Share] = frozenset()
    outcome: Outcome | None = None
    role: Role | None = None
    status: Status | None = None
    counts: dict[Role, Counts] = field(default_factory=dict)
    arms: dict[Role, frozenset[float]] = field(default_factory=dict)

    def numbers_of(self, roles: Set[Role]) -> frozenset[float]:
        """Return the numbers that a sentence about some arms may take from it; one about neither, from both."""
        spoken = [numbers for role, numbers in self.arms.items() if not roles or role in roles]
        return self.numbers.union(*spoken)


def resolve(key: str, evidence: Evidence, figures: Sequence[AuditSummary]) -> Cited | None:
    """Return what an id stands for, or None where it does not exist.

    Args:
        key: the id.
        evidence: the audit's evidence.
        figures: the audit's own figures as they stand, and as the answer was told them: its own wording costs calls.
    """
    if key == AUDIT:
        return _audit(figures)
    if tried := evidence.cases.get(key):
        return _case(tried)
    if inquiry := evidence.by_id.get(key):
        return _finding(inquiry, evidence.status(inquiry))
    look_up = evidence.look_ups.get(key)
    return _look_up(look_up) if look_up else None


def _audit(figures: Sequence[AuditSummary]) -> Cited:
    whole = [each.model_dump(mode="json") for each in figures]
    constants = {TOTAL_ALPHA, CONFIDENCE, HALF}
    shares = frozenset[Share]().union(*map(_pairs_of, figures))
    return Cited(AUDIT, tuple(dict.fromkeys(texts_in(whole))), frozenset({*numbers_in(whole), *constants}), shares)


def _pairs_of(summary: AuditSummary) -> frozenset[Share]:
    tested = summary.tested
    kinds = (summary.proven, summary.refuted, summary.left_open)
    return frozenset({Share(kind, tested) for kind in kinds} | {Share(summary.texts_used, summary.texts)})


def _case(tried: Attempt) -> Cited:
    seen = tried.seen
    measured = (seen.target_similarity, seen.reference_similarity, seen.bar)
    return Cited(
        tried.case.id,
        (tried.case.a, tried.case.b, seen.detail, tried.case.judgement.reason, tried.case.judgement.judge),
        frozenset(float(value) for value in measured if value is not None),
        outcome=seen.outcome,
        role=tried.case.role,
    )


def _finding(inquiry: Inquiry, status: Status) -> Cited:
    hypothesis, verdict = inquiry.hypothesis, inquiry.verdict
    counts = {role: inquiry.counts(role) for role in Role}
    numbers = {float(len(inquiry.attempts))}
    if verdict:
        numbers |= {verdict.p_value, verdict.alpha, float(verdict.test_number), float(verdict.look)}
    words = hypothesis.rule.words if hypothesis.rule else ()
    cases = [text for tried in inquiry.attempts for text in (tried.case.a, tried.case.b)]
    said = (hypothesis.title, hypothesis.description, hypothesis.asked or "", verdict.reason if verdict else "")
    phrases = [phrase for group in hypothesis.within for phrase in group]
    return Cited(
        hypothesis.id,
        (*said, " ".join(words), *words, *phrases, *cases, *_judges(inquiry)),
        frozenset({*numbers, TOTAL_ALPHA, CONFIDENCE, HALF}),
        frozenset(share for role, arm in counts.items() for share in _shares(role, arm)),
        status=status,
        counts=counts,
        arms={role: frozenset(_numbers(arm)) for role, arm in counts.items()},
    )


def _judges(inquiry: Inquiry) -> Iterable[str]:
    return dict.fromkeys(tried.case.judgement.judge for tried in inquiry.attempts)


def _numbers(arm: Counts) -> Iterable[float]:
    scored = arm.fail + arm.passed
    whole = (arm.n, arm.fail, arm.passed, arm.unscorable, arm.error, arm.invalid, scored)
    return (*map(float, whole), *arm.interval, *(() if arm.rate is None else (arm.rate, 1 - arm.rate)))


def _shares(role: Role, arm: Counts) -> Iterable[Share]:
    scored = arm.fail + arm.passed
    for whole in (scored, arm.n):
        yield Share(arm.fail, whole, role, Outcome.FAIL)
        yield Share(arm.passed, whole, role, Outcome.PASS)
    yield Share(arm.invalid, arm.n, role, Outcome.INVALID)
    yield Share(arm.unscorable, arm.n, role, Outcome.UNSCORABLE)
    yield Share(arm.error, arm.n, role, Outcome.ERROR)


def _look_up(kept: LookUp) -> Cited:
    args, result = json.loads(kept.args), json.loads(kept.result)
    numbers = list(numbers_in([args, result]))
    pairs = {Share(int(a), int(b)) for a, b in _adjacent(result) if a == int(a) and b == int(b)}
    return Cited(kept.id, (kept.tool, *texts_in([args, result])), frozenset(numbers), frozenset(pairs))


def _adjacent(value: object) -> Iterable[tuple[float, float]]:
    """Yield the numbers `fail` and `scored` of one row together."""
    if isinstance(value, dict):
        if isinstance(value.get("fail"), int) and isinstance(value.get("scored"), int):
            yield float(value["fail"]), float(value["scored"])
        for part in value.values():
            yield from _adjacent(part)
    elif isinstance(value, list):
        for part in value:
            yield from _adjacent(part)
