"""How cases about changed inputs are set in the report: the input as it was, and as the target was given it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from faultfinder.agent.report.findings import FindingsFile, TriedCase
from faultfinder.memory.records import Outcome, Role

FAILING_SHOWN, PASSING_SHOWN, CONTROLS_SHOWN = 6, 2, 4
"""Cases shown of a finding: the first ones written of each kind."""

_SCORED = (Outcome.FAIL, Outcome.PASS)


@dataclass(frozen=True)
class ChangedView:
    """One changed input beside what it was made from."""

    truth: str
    action: str
    said: str
    outcome: str
    picture_before: str | None
    picture_after: str | None
    text_before: str | None
    text_after: str | None


@dataclass(frozen=True)
class ChangedGroup:
    """Changed inputs under a heading."""

    heading: str
    cases: list[ChangedView]


def changed_images(findings: FindingsFile) -> list[str]:
    """Return the hashes of the pictures of changed inputs that the report shows."""
    shown = [case.specimen for f in findings.findings for group in _groups(f.cases) for case in group if case.specimen]
    return [sha for each in shown if each.kind == "picture" for sha in (each.before, each.after)]


def changed_groups(cases: Sequence[TriedCase], pictures: Mapping[str, str]) -> list[ChangedGroup]:
    """Set the first changed inputs of each kind; nothing where no case changes an input."""
    headings = ("Probes answered wrongly", "Probes answered rightly", "Controls: one of the conditions does not hold")
    groups = zip(headings, _groups(cases), strict=True)
    return [ChangedGroup(heading, [_view(case, pictures) for case in some]) for heading, some in groups if some]


def _groups(cases: Sequence[TriedCase]) -> Iterable[list[TriedCase]]:
    there = [case for case in cases if case.specimen]
    probes = [case for case in there if case.role is Role.PROBE]
    failing = [case for case in probes if case.outcome is Outcome.FAIL]
    passing = [case for case in probes if case.outcome is Outcome.PASS]
    controls = [case for case in there if case.role is Role.CONTROL and case.outcome in _SCORED]
    return failing[:FAILING_SHOWN], passing[:PASSING_SHOWN], controls[:CONTROLS_SHOWN]


def _view(case: TriedCase, pictures: Mapping[str, str]) -> ChangedView:
    kept = case.specimen
    is_text = kept is not None and kept.kind == "text"
    return ChangedView(
        truth=case.a,
        action=case.b,
        said=case.said,
        outcome=case.outcome.value,
        picture_before=pictures.get(kept.before) if kept and not is_text else None,
        picture_after=pictures.get(kept.after) if kept and not is_text else None,
        text_before=kept.before if kept and is_text else None,
        text_after=kept.after if kept and is_text else None,
    )
