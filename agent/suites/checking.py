"""A check: a suite's failures on another model or version, beside how they were in the audit and in a baseline.

The records here are the whole of the file that `check --json` writes. Nothing in this file asks a model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import Field

from faultfinder.agent.judge import count
from faultfinder.agent.report.suite import SuiteCase
from faultfinder.agent.suites.fate import LEVEL, RULE, Fate, rule
from faultfinder.agent.suites.files import Suite
from faultfinder.agent.suites.paired import changed_p, holm
from faultfinder.agent.suites.replaying import Replayed
from faultfinder.memory.records import Counts, Observation, Outcome, Record, Role

CHANGE_RULE = (
    "Against the baseline: McNemar's exact two-sided test on the cases scored both times, one test for the probes and "
    f"one for the controls of each failure, corrected for their number by Holm's method; p below {LEVEL} is a change."
)
ALL_FIXED, NOT_ALL_FIXED, NOT_RUN = 0, 1, 2


class Gate(StrEnum):
    """What a check has to show to end with exit code 0."""

    FIXED = "fixed"
    BASELINE = "baseline"


class Direction(StrEnum):
    """How an arm changed against the baseline."""

    WORSE = "worse"
    BETTER = "better"
    SAME = "no change shown"
    UNKNOWN = "cannot be told"


class Change(Record):
    """One arm of a failure, the same cases then and now."""

    role: Role = Field(description="probes or controls")
    paired: int = Field(description="cases scored both times")
    unpaired: int = Field(description="cases that were not, or are not in the baseline")
    lost: int = Field(description="of these, passed in the baseline and could not be scored now")
    newly_failing: int = Field(description="passed in the baseline, fail now")
    newly_passing: int = Field(description="failed in the baseline, pass now")
    p_value: float = Field(description="McNemar's exact two-sided test")
    p_holm: float = Field(description="the same, corrected for the number of tests in this check")
    direction: Direction = Field(
        description="worse, better, no change shown; or cannot be told, where it would be worse if what was lost failed"
    )


class CheckedCase(Record):
    """One case of the suite as it ended."""

    case: str = Field(description="audit and case: 'night-1/h3-p07'")
    role: Role = Field(description="probe or control")
    a: str = Field(description="first text")
    b: str = Field(description="second text")
    before: Outcome = Field(description="on the audited target")
    now: Outcome = Field(description="fail, pass, unscorable or error")
    target_similarity: float | None = Field(description="cosine between the embeddings now; null for pictures")
    bar: float | None = Field(description="from which similarity it counts as a failure now")
    detail: str = Field(description="what was seen in the pictures, or why it could not be scored")


class CheckedFailure(Record):
    """One failure of the suite: before, now, and what has become of it."""

    failure: str = Field(description="audit and hypothesis: 'night-1/h3'")
    title: str = Field(description="in a few words")
    description: str = Field(description="the sentence that was proven")
    found_in: str = Field(description="spec of the model it was proven in")
    before: Counts = Field(description="probes on the audited target; those that were scored there make the suite")
    probes: Counts = Field(description="the same probes now")
    control_before: Counts = Field(description="controls on the audited target; none in a suite of schema 1")
    control: Counts = Field(description="the same controls now")
    fate: Fate = Field(description="fixed, still fails or unclear")
    reason: str = Field(description="why, in one line")
    p_fewer: float = Field(description="McNemar's exact one-sided test: no fewer probes fail than in the audit")
    changes: tuple[Change, ...] = Field(default=(), description="against the baseline, where one was given")
    cases: tuple[CheckedCase, ...] = Field(description="every case behind the counts")

    @property
    def regressed(self) -> bool:
        """Tell whether an arm got worse against the baseline."""
        return any(change.direction is Direction.WORSE for change in self.changes)

    def passes(self, gate: Gate) -> bool:
        """Tell whether the gate lets it through; what may have got worse unseen does not pass for not worse."""
        if gate is Gate.BASELINE:
            return not self.regressed and not self.may_have_regressed
        return self.fate is Fate.FIXED and not self.regressed

    @property
    def may_have_regressed(self) -> bool:
        """Tell whether so much of an arm was lost that it may have got worse unseen."""
        return any(change.direction is Direction.UNKNOWN for change in self.changes)


class SuiteFacts(Record):
    """Which suite."""

    name: str = Field(description="the file")
    sha256: str = Field(description="of its content")
    cases: int = Field(description="how many it holds")


class BaselineFacts(Record):
    """Which baseline."""

    name: str = Field(description="the file")
    target: str = Field(description="spec of the model it is about")
    judge: str | None = Field(description="who looked at pictures then")
    finished: str = Field(description="when it was made, ISO 8601")


class Check(Record):
    """The whole of the file that `check --json` writes, and that `--baseline` reads."""

    schema_id: Literal["faultfinder.check/1"] = Field(
        default="faultfinder.check/1", alias="schema", description="version of this schema"
    )
    target: str = Field(description="spec of the model that was checked")
    suite: SuiteFacts = Field(description="which suite")
    judge: str | None = Field(description="who looked at pictures; null for encoders")
    started: str = Field(description="ISO 8601")
    finished: str = Field(description="ISO 8601")
    rule: str = Field(default=RULE, description="when a failure is fixed, still there, or unclear")
    baseline: BaselineFacts | None = Field(default=None, description="what it was compared with")
    change_rule: str | None = Field(default=None, description="how it was compared")
    failures: tuple[CheckedFailure, ...] = Field(description="in the order of the suite")

    model_config = Record.model_config | {"populate_by_name": True}

    @property
    def all_probes(self) -> Counts:
        """The probes of all failures together."""
        return count(case.now for each in self.failures for case in each.cases if case.role is Role.PROBE)

    @property
    def unscored(self) -> int:
        """How many cases, controls too, could not be scored."""
        return sum(case.now not in _SCORED for each in self.failures for case in each.cases)

    @property
    def alarm(self) -> str | None:
        """Why the check is worth nothing: more probes without a result than with one."""
        probes = self.all_probes
        scored = probes.fail + probes.passed
        if 2 * scored >= probes.n:
            return None
        cases = [case for each in self.failures for case in each.cases if case.role is Role.PROBE]
        why = next(case.detail for case in cases if case.now not in _SCORED)
        return (
            f"only {scored} of {probes.n} probes could be scored ({probes.error} ended in an error, "
            f"{probes.unscorable} were unscorable), so nothing can be said of {self.target}. The first reason: {why}"
        )

    def of(self, fate: Fate) -> list[CheckedFailure]:
        """Return the failures of one fate."""
        return [each for each in self.failures if each.fate is fate]

    def exit_code(self, gate: Gate = Gate.FIXED) -> int:
        """Return 0 if the gate is passed, 1 if not, 2 if too little could be scored to say."""
        if self.alarm:
            return NOT_RUN
        return ALL_FIXED if all(each.passes(gate) for each in self.failures) else NOT_ALL_FIXED


_SCORED = (Outcome.FAIL, Outcome.PASS)


def assess(suite: Suite, target: str, replayed: Replayed, started: str, finished: str) -> Check:
    """Make a check of what a target answered.

    Args:
        suite: what was asked.
        target: spec of who was asked.
        replayed: what came of it.
        started: when the asking began, ISO 8601.
        finished: when it ended.
    """
    return Check(
        target=target,
        suite=SuiteFacts(name=suite.name, sha256=suite.sha256, cases=len(suite.cases)),
        judge=replayed.judge,
        started=started,
        finished=finished,
        failures=tuple(_failure(cases, replayed.seen) for cases in suite.by_failure().values()),
    )


def _failure(cases: Sequence[SuiteCase], seen: Mapping[str, Observation]) -> CheckedFailure:
    first, checked = cases[0], tuple(_case(case, seen[case.key]) for case in cases)
    probes, control = _Arm.of(checked, Role.PROBE), _Arm.of(checked, Role.CONTROL)
    ruling = rule(probes.before, probes.now)
    return CheckedFailure(
        failure=first.failure,
        title=first.title,
        description=first.description,
        found_in=first.settings.target,
        before=count(probes.before),
        probes=count(probes.now),
        control_before=count(control.before),
        control=count(control.now),
        fate=ruling.fate,
        reason=ruling.reason,
        p_fewer=ruling.p_fewer,
        cases=checked,
    )


def _case(case: SuiteCase, seen: Observation) -> CheckedCase:
    return CheckedCase(
        case=case.key,
        role=case.role,
        a=case.a,
        b=case.b,
        before=case.outcome,
        now=seen.outcome,
        target_similarity=seen.target_similarity,
        bar=seen.bar,
        detail=seen.detail,
    )


@dataclass(frozen=True)
class _Arm:
    """The outcomes of one arm, then and now, in the same order."""

    before: tuple[Outcome, ...]
    now: tuple[Outcome, ...]

    @classmethod
    def of(cls, cases: Sequence[CheckedCase], role: Role) -> "_Arm":
        mine = [case for case in cases if case.role is role]
        return cls(tuple(case.before for case in mine), tuple(case.now for case in mine))


def against(check: Check, baseline: Check, name: str) -> Check:
    """Return a check with what changed since a baseline.

    Args:
        check: what was found now.
        baseline: what was found then, by the same suite or one that shares cases with it.
        name: the baseline's file.
    """
    then = {(case.case, case.a, case.b): case.now for each in baseline.failures for case in each.cases}
    arms = [(each.failure, _change(each, role, then)) for each in check.failures for role in Role]
    corrected = iter(holm([change.p_value for _, change in arms if change.paired]))
    changes: dict[str, list[Change]] = {}
    for failure, change in arms:
        if change.paired + change.unpaired:
            changes.setdefault(failure, []).append(_told(change, next(corrected) if change.paired else 1.0))
    facts = BaselineFacts(name=name, target=baseline.target, judge=baseline.judge, finished=baseline.finished)
    failures = [each.model_copy(update={"changes": tuple(changes.get(each.failure, ()))}) for each in check.failures]
    return check.model_copy(update={"baseline": facts, "change_rule": CHANGE_RULE, "failures": tuple(failures)})


def _change(failure: CheckedFailure, role: Role, then: Mapping[tuple[str, str, str], Outcome]) -> Change:
    mine = [case for case in failure.cases if case.role is role]
    pairs = [(then.get((case.case, case.a, case.b)), case.now) for case in mine]
    paired = [(was, now) for was, now in pairs if was in _SCORED and now in _SCORED]
    worse, better = paired.count((Outcome.PASS, Outcome.FAIL)), paired.count((Outcome.FAIL, Outcome.PASS))
    p_value = changed_p(worse, better)
    return Change(
        role=role,
        paired=len(paired),
        unpaired=len(mine) - len(paired),
        lost=sum(was is Outcome.PASS and now not in _SCORED for was, now in pairs),
        newly_failing=worse,
        newly_passing=better,
        p_value=p_value,
        p_holm=p_value,
        direction=Direction.SAME,
    )


def _told(change: Change, p_holm: float) -> Change:
    direction = Direction.SAME
    if p_holm < LEVEL:
        direction = Direction.WORSE if change.newly_failing > change.newly_passing else Direction.BETTER
    worst = change.newly_failing + change.lost
    if direction is not Direction.WORSE and worst > change.newly_passing:
        may_be_worse = change.lost and changed_p(worst, change.newly_passing) < LEVEL
        direction = Direction.UNKNOWN if may_be_worse else direction
    return change.model_copy(update={"p_holm": p_holm, "direction": direction})
