"""What a Python program gets back of an audit: what was found, where it is kept, what it cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from faultfinder.agent.report import words
from faultfinder.agent.report.conclusion import conclusion, load_findings
from faultfinder.agent.report.findings import Finding, FindingsFile, Status, alarms, headline
from faultfinder.agent.report.outputs import REPORT, SUITE
from faultfinder.memory.records import Spend
from faultfinder.tools.plain_text import plain


@dataclass(frozen=True, repr=False)
class AuditResult:
    """An audit as it stands. Iterating gives its findings, the confirmed ones first; a notebook shows a table.

    Attributes:
        folder: The audit's folder.
        content: All of `findings.json`.
    """

    folder: Path
    content: FindingsFile

    @property
    def name(self) -> str:
        """The audit's name, by which it is resumed."""
        return self.content.audit.id

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every hypothesis that was tested: the confirmed first, then the refuted, then those left open."""
        return self.content.findings

    @property
    def confirmed(self) -> tuple[Finding, ...]:
        """The systematic failures that were proven."""
        return tuple(self.content.with_status(Status.CONFIRMED))

    @property
    def alarms(self) -> tuple[str, ...]:
        """What makes the audit worthless, such as that the target was never asked; empty for a sound one."""
        return tuple(alarms(self.content))

    @property
    def stopped_by(self) -> str:
        """Why it ended: 'nothing new to test', 'max_hypotheses', 'waiting for people', ..."""
        return self.content.audit.stopped_by

    @property
    def spent(self) -> Spend:
        """Minutes, hypotheses, calls, tokens, dollars and pictures, over all sittings."""
        return self.content.budget.spent

    @property
    def report(self) -> Path:
        """The report, a page that opens from disk."""
        return self.folder / REPORT

    @property
    def suite(self) -> Path:
        """The probes of the confirmed failures, one a line."""
        return self.folder / SUITE

    def __iter__(self) -> Iterator[Finding]:
        """Go through the findings."""
        return iter(self.findings)

    def __len__(self) -> int:
        """Count the findings."""
        return len(self.findings)

    def __repr__(self) -> str:
        """Say the outcome in one line."""
        return f"<AuditResult {self.name}: {len(self.confirmed)} confirmed of {len(self)} tested>"

    def __str__(self) -> str:
        """Say what the command line says at the end."""
        return "\n".join([*conclusion(self.content), f"Report: {self.report}"])

    def _repr_html_(self) -> str:
        rows = "".join(_row(finding) for finding in self)
        said = "".join(f"<p><b>{_text(alarm)}</b></p>" for alarm in self.alarms)
        return (
            f"<p><b>{_text(headline(self.content))}</b></p>{said}"
            "<table><thead><tr><th>hypothesis</th><th>verdict</th><th>probes failing</th><th>controls failing</th>"
            f"<th>p</th></tr></thead><tbody>{rows}</tbody></table>"
            f"<p>Report: <code>{_text(str(self.report))}</code></p>"
        )


def read_result(folder: Path) -> AuditResult:
    """Read what an audit left in its folder.

    Raises:
        AuditError: it left nothing yet, or another program wrote it.
    """
    return AuditResult(folder, load_findings(folder))


def _row(finding: Finding) -> str:
    cells = (
        finding.title,
        finding.status.value,
        f"{words.percent(finding.probes.rate)} ({words.span(finding.probes.interval)})",
        words.percent(finding.control.rate),
        words.small(finding.p_value),
    )
    return f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in cells)}</tr>"


def _text(text: str) -> str:
    return escape(plain(text))
