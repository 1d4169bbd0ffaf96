"""Comparing an audit with an earlier one, finding by finding."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from faultfinder.agent.chat.evidence import Evidence
from faultfinder.agent.folder.names import DATABASE, folder_in, lies_in
from faultfinder.agent.inquiries import Inquiry
from faultfinder.agent.offline.refining import say_the_same
from faultfinder.agent.report.findings import Status
from faultfinder.agent.report.rewriting import ledger_of, settings_of
from faultfinder.memory.errors import AuditError, ToolError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Record, Role


class Arm(Record):
    """How a finding's probes ended in one audit."""

    id: str
    title: str
    status: Status
    fail: int
    scored: int
    interval: tuple[float, float]


class Met(Record):
    """A finding that both audits tested."""

    here: Arm
    there: Arm
    apart: bool = Field(description="the two intervals do not overlap")


class Compared(Record):
    """This audit beside another."""

    other: str = Field(description="the other audit's name")
    target: str = Field(description="the other audit's target")
    goal: str
    begun: str | None
    both: tuple[Met, ...]
    only_here: tuple[Arm, ...]
    only_there: tuple[Arm, ...]


def compare_with(evidence: Evidence, name: str) -> Compared:
    """Compare with an audit by name, or with the last one of the same target that began before this one.

    Raises:
        ToolError: there is none, or it lies elsewhere.
    """
    folder = _named(evidence.folder.parent, name) if name else _last_before(evidence)
    other = _opened(folder)
    with other.ledger:
        theirs, ours = list(other.own), list(evidence.own)
        both = [(a, b) for a in ours if (b := _twin(a, theirs)) is not None]
        met = {id(each) for pair in both for each in pair}
        return Compared(
            other=other.settings.name,
            target=other.settings.target,
            goal=other.settings.goal,
            begun=other.ledger.started(),
            both=tuple(_met(evidence, a, other, b) for a, b in both),
            only_here=tuple(_arm(evidence, each) for each in ours if id(each) not in met),
            only_there=tuple(_arm(other, each) for each in theirs if id(each) not in met),
        )


def _last_before(evidence: Evidence) -> Path:
    """Return the folder of the last audit of the same target, in the same folder of audits, that began before."""
    here, began = evidence.folder.resolve(), evidence.ledger.started() or ""
    found: list[tuple[str, Path]] = []
    for database in sorted(evidence.folder.parent.glob(f"*/{DATABASE}")):
        if database.parent.resolve() == here or not lies_in(evidence.folder.parent, database.parent):
            continue
        try:
            other = _opened(database.parent)
        except (AuditError, ToolError):
            continue  # unreadable: `faultfinder audits` shows it as such
        with other.ledger:
            then = other.ledger.started() or ""
            if other.settings.target == evidence.settings.target and then <= began:
                found.append((then, database.parent))
    if not found:
        raise ToolError(
            f"there is no earlier audit of {evidence.settings.target} in {evidence.folder.parent}; name one to compare "
            "with"
        )
    return max(found)[1]


def _opened(folder: Path) -> Evidence:
    try:
        ledger: Ledger = ledger_of(folder)
    except AuditError as error:
        raise ToolError(str(error)) from error
    try:
        return Evidence(ledger, settings_of(ledger, folder), folder)
    except AuditError:
        ledger.close()
        raise


def _named(out: Path, name: str) -> Path:
    try:
        return folder_in(out, name)
    except AuditError as error:
        raise ToolError(str(error)) from error


def _twin(inquiry: Inquiry, others: Sequence[Inquiry]) -> Inquiry | None:
    ours = inquiry.hypothesis
    return next((b for b in others if say_the_same(ours.rule, ours.title, b.hypothesis.rule, b.hypothesis.title)), None)


def _met(evidence: Evidence, a: Inquiry, other: Evidence, b: Inquiry) -> Met:
    here, there = _arm(evidence, a), _arm(other, b)
    apart = here.interval[0] > there.interval[1] or there.interval[0] > here.interval[1]
    return Met(here=here, there=there, apart=apart)


def _arm(evidence: Evidence, inquiry: Inquiry) -> Arm:
    probes = inquiry.counts(Role.PROBE)
    return Arm(
        id=inquiry.hypothesis.id,
        title=inquiry.hypothesis.title,
        status=evidence.status(inquiry),
        fail=probes.fail,
        scored=probes.fail + probes.passed,
        interval=probes.interval,
    )
