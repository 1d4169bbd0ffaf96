"""What an audit says at its end, on stdout: where the report is and what was found."""

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from faultfinder.agent import endings
from faultfinder.agent.report import words
from faultfinder.agent.report.findings import Finding, FindingsFile, Status, alarms, headline
from faultfinder.agent.report.landscape_view import overview
from faultfinder.agent.terminal.stopping import INTERRUPTED
from faultfinder.agent.terminal.streams import plain
from faultfinder.memory.errors import AuditError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


EMPTY = "EMPTY AUDIT"
"""How a line begins that says that an audit is worthless."""


PAUSED, NOTHING_TESTED = 75, 4
"""Exit codes of an audit whose chat model keeps failing, and of one that is worthless."""


def exit_code(findings: FindingsFile) -> int:
    """Return the exit code of the command whose audit has ended, or paused, so."""
    reason = findings.audit.stopped_by
    if reason.startswith(endings.PAUSED):
        return PAUSED
    if reason == endings.INTERRUPTED:
        return INTERRUPTED
    return NOTHING_TESTED if alarms(findings) else 0


def load_findings(folder: Path) -> FindingsFile:
    """Read an audit's `findings.json`.

    Raises:
        AuditError: there is none, or another program wrote it.
    """
    path = folder / "findings.json"
    try:
        return FindingsFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise AuditError(
            f"cannot read {path} ({error.strerror}); `faultfinder report {folder.name}` writes it"
        ) from error
    except ValidationError as error:
        raise AuditError(
            f"{path} is not of this version's making; `faultfinder report {folder.name}` writes it anew"
        ) from error


def say_conclusion(console: "Console", findings: FindingsFile, folder: Path) -> None:
    """Print where the report is and what was found: a table on a terminal, plain lines otherwise."""
    if console.is_terminal and findings.findings:
        console.print(_table(findings))
    for line in conclusion(findings):
        console.print(line, markup=False, soft_wrap=True, style="bold red" if line.startswith(EMPTY) else None)
    console.print(f"Report: {folder / 'report.html'}", markup=False, soft_wrap=True)


def conclusion(findings: FindingsFile) -> list[str]:
    """Say what was found in three lines, and in one more for every landscape that was explored."""
    proven = [_proven(finding) for finding in findings.with_status(Status.CONFIRMED)]
    refuted, left = (len(findings.with_status(status)) for status in (Status.REFUTED, Status.INCONCLUSIVE))
    cases = sum(len(finding.cases) for finding in findings.findings)
    return [
        plain(headline(findings)),
        *[f"{EMPTY}: {alarm}" for alarm in alarms(findings)],
        f"Proven: {'; '.join(proven) or 'nothing'}",
        *[f"Landscape: {plain(overview(each))}" for each in findings.landscapes],
        f"Not proven: {refuted} refuted, {left} left open; "
        f"{words.plural(findings.hypotheses_tested, 'hypothesis', 'hypotheses')} on {words.plural(cases, 'case')} in "
        f"{findings.budget.spent.minutes:.1f} min; ended because {plain(words.stopped(findings.audit.stopped_by))}",
    ]


def _proven(finding: Finding) -> str:
    probes, control = finding.probes, finding.control
    return (
        f"{plain(finding.title)} ({probes.fail} of {probes.fail + probes.passed} probes fail, "
        f"{control.fail} of {control.fail + control.passed} controls)"
    )


def _table(findings: FindingsFile) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in ("hypothesis", "verdict", "probes failing", "controls failing", "p"):
        table.add_column(column)
    styles = {Status.CONFIRMED: "bold red", Status.REFUTED: "dim", Status.INCONCLUSIVE: "default"}
    for finding in findings.findings:
        cells = (
            plain(finding.title),
            "proven" if finding.status is Status.CONFIRMED else finding.status.value,
            f"{words.percent(finding.probes.rate)} ({words.span(finding.probes.interval)})",
            words.percent(finding.control.rate),
            words.small(finding.p_value),
        )
        table.add_row(*(Text(cell) for cell in cells), style=styles[finding.status])
    return table
