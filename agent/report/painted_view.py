"""How painted pairs, downstream effects and people's part are set in the report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from faultfinder.agent.report import words
from faultfinder.agent.report.downstream_facts import DownstreamFacts, PaintedCase, PaintedSide
from faultfinder.agent.report.findings import Finding, FindingsFile, TriedCase
from faultfinder.agent.report.human_facts import HumanFacts
from faultfinder.agent.report.words import Segment
from faultfinder.memory.picture_records import Seen, Side
from faultfinder.memory.records import Outcome, Role

FAILING_SHOWN, PASSING_SHOWN, CONTROLS_SHOWN = 6, 2, 4
"""Painted pairs shown of a finding: the first ones written of each kind."""

_SCORED = (Outcome.FAIL, Outcome.PASS)


@dataclass(frozen=True)
class PaintedView:
    """Two prompts side by side, each over the picture that was painted of it."""

    a: list[Segment]
    b: list[Segment]
    picture_a: str | None
    picture_b: str | None
    shows_a: str
    shows_b: str
    wrong_a: bool
    wrong_b: bool
    outcome: str


@dataclass(frozen=True)
class PaintedGroup:
    """Painted pairs under a heading."""

    heading: str
    pairs: list[PaintedView]


@dataclass(frozen=True)
class DownstreamView:
    """What a failure does downstream, in words and pictures."""

    generator: str
    judge: str
    sentence: str
    corrected: str
    groups: list[PaintedGroup]


def shown_images(findings: FindingsFile) -> list[str | None]:
    """Return the hashes of the painted pictures that the report shows."""
    shown = [case for finding in findings.findings for case in _shown(_painted_of(finding))]
    return [side.image for case in shown for side in (case.painted_a, case.painted_b) if side]


def painted_groups(cases: Sequence[TriedCase | PaintedCase], painted: Mapping[str, str]) -> list[PaintedGroup]:
    """Set the first painted pairs of each kind."""
    headings = ("Probes painted wrong", "Probes painted right", "Controls: as small a change")
    groups = zip(headings, _kinds(cases), strict=True)
    return [PaintedGroup(heading, [_view(case, painted) for case in some]) for heading, some in groups if some]


def downstream_view(finding: Finding, painted: Mapping[str, str]) -> DownstreamView | None:
    """Set what a finding does downstream; None where it was not followed."""
    facts = finding.downstream
    if facts is None:
        return None
    return DownstreamView(
        generator=facts.generator,
        judge=facts.judge,
        sentence=_downstream_sentence(facts),
        corrected=corrected_sentence(finding),
        groups=painted_groups(facts.cases, painted),
    )


def corrected_sentence(finding: Finding) -> str:
    """Say the failure rate of the pictures corrected for the judge's errors; empty where people measured none."""
    corrected = finding.corrected
    if corrected is None:
        return ""
    if corrected.rate is None or corrected.interval is None:
        return f"The rate could not be corrected for the judge's errors: {corrected.reason}."
    return (
        f"Corrected for the judge's errors, as people's answers measure them, the probes' failure rate is "
        f"{words.percent(corrected.rate)} ({words.span(corrected.interval)})."
    )


def human_sentences(human: HumanFacts | None) -> list[str]:
    """Say people's part in a finding."""
    if human is None:
        return []
    said = [
        f"People were asked {words.plural(human.questions, 'question')} about this and have answered {human.answered}."
    ]
    if human.answered:
        said.append(words.agreement(human.agreement))
    if human.overturned:
        changes = ", ".join(f"{each.case} {each.machine} to {each.people}" for each in human.overturned)
        said.append(
            f"They overturned {words.plural(len(human.overturned), 'outcome')} ({changes}); the counts hold their word."
        )
    return said


def _downstream_sentence(facts: DownstreamFacts) -> str:
    probes, control = facts.probes, facts.control
    return (
        f"Painted by {facts.generator} and looked at by {facts.judge}: {probes.fail} of {probes.fail + probes.passed} "
        f"probes come out wrong ({words.percent(probes.rate)}, {words.span(probes.interval)}), beside {control.fail} "
        f"of {control.fail + control.passed} controls ({words.percent(control.rate)}, {words.span(control.interval)}); "
        f"p = {words.small(facts.p_value)}. A pair comes out wrong when a picture shows the other text or neither."
    )


def _painted_of(finding: Finding) -> Sequence[TriedCase | PaintedCase]:
    return finding.downstream.cases if finding.downstream else finding.cases


def _shown(cases: Sequence[TriedCase | PaintedCase]) -> Iterable[TriedCase | PaintedCase]:
    return [case for some in _kinds(cases) for case in some]


def _kinds(
    cases: Sequence[TriedCase | PaintedCase],
) -> tuple[list[TriedCase | PaintedCase], list[TriedCase | PaintedCase], list[TriedCase | PaintedCase]]:
    there = [case for case in cases if case.painted_a and case.painted_b]
    probes = [case for case in there if case.role is Role.PROBE]
    controls = [case for case in there if case.role is Role.CONTROL and case.outcome in _SCORED]
    failing = [case for case in probes if case.outcome is Outcome.FAIL]
    passing = [case for case in probes if case.outcome is Outcome.PASS]
    return failing[:FAILING_SHOWN], passing[:PASSING_SHOWN], controls[:CONTROLS_SHOWN]


def _view(case: TriedCase | PaintedCase, painted: Mapping[str, str]) -> PaintedView:
    a, b = words.compare(case.a, case.b)
    first, second = case.painted_a, case.painted_b
    return PaintedView(
        a=a,
        b=b,
        picture_a=_address(first, painted),
        picture_b=_address(second, painted),
        shows_a=_shows(first, Side.A, painted),
        shows_b=_shows(second, Side.B, painted),
        wrong_a=_wrong(first, Side.A),
        wrong_b=_wrong(second, Side.B),
        outcome=case.outcome.value,
    )


def _address(side: PaintedSide | None, painted: Mapping[str, str]) -> str | None:
    return painted.get(side.image) if side and side.image else None


def _wrong(side: PaintedSide | None, whose: Side) -> bool:
    return side is not None and side.seen not in (whose.meant, Seen.CANNOT_TELL, None)


def _shows(side: PaintedSide | None, whose: Side, painted: Mapping[str, str]) -> str:
    if side is None or side.seen is None:
        return "not looked at"
    shown = {
        whose.meant: "shows its own text",
        Seen.NEITHER: "shows neither text",
        Seen.CANNOT_TELL: "cannot be told",
    }.get(side.seen, "shows the other text")
    told = f"{shown} ({side.seen_by})" if side.seen_by else shown
    return f"{told}; its file is gone from images/" if side.image and side.image not in painted else told
