"""The commands that read what audits left: `report` and `audits`."""

import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from faultfinder.agent.command import options
from faultfinder.agent.command.audit import OUT
from faultfinder.agent.folder.holding import holder_of, is_held
from faultfinder.agent.folder.names import DATABASE, checked_name
from faultfinder.agent.report.rewriting import UNFINISHED, ledger_of, rewrite_outputs, settings_of
from faultfinder.agent.terminal.streams import err, plain
from faultfinder.agent.terminal.streams import out as stdout
from faultfinder.memory.errors import FaultfinderError

if TYPE_CHECKING:
    from faultfinder.agent.report.findings import FindingsFile


@dataclass(frozen=True)
class Listed:
    """An audit as `audits` shows it."""

    name: str
    target: str
    proven: str
    tested: str
    minutes: str
    ended: str
    goal: str


def report(name: options.Name, out: options.Out = OUT, open_it: options.Open = False) -> None:
    """Write an audit's report, findings and suite again from its evidence, and print where the report is."""
    outputs = rewrite_outputs(out / checked_name(name))
    stdout().print(str(outputs.report), markup=False, soft_wrap=True)
    if open_it:
        webbrowser.open(outputs.report.resolve().as_uri())


def audits(out: options.Out = OUT) -> None:
    """List the audits in a folder: a table on a terminal, tab-separated lines otherwise."""
    from rich.table import Table
    from rich.text import Text

    found = [_listed(path.parent) for path in sorted(out.glob(f"*/{DATABASE}"))]
    if not found:
        err().print(
            f'No audits in {out}. Begin one: faultfinder audit "what worries you"', markup=False, soft_wrap=True
        )
        return
    console, rows = stdout(), [tuple(plain(cell) for cell in vars(listed).values()) for listed in found]
    if not console.is_terminal:
        for row in rows:
            print("\t".join(row))
        return
    table = Table(*Listed.__dataclass_fields__, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _ended(folder: Path, findings: "FindingsFile | None") -> str:
    """Say how an audit ended, that it runs, or that it is worthless."""
    if is_held(folder):
        return f"runs as process {holder_of(folder) or 'unknown'}"
    ended = findings.audit.stopped_by if findings else UNFINISHED
    return f"EMPTY: {ended}" if findings and findings.alarms else ended


def _listed(folder: Path) -> Listed:
    from faultfinder.agent.report.conclusion import load_findings
    from faultfinder.agent.report.findings import Status

    try:
        with ledger_of(folder) as ledger:
            settings, spent = settings_of(ledger, folder), ledger.spend()
        findings = load_findings(folder) if (folder / "findings.json").is_file() else None
    except FaultfinderError as error:
        return Listed(folder.name, "", "", "", "", f"unreadable: {error}", "")
    return Listed(
        name=folder.name,
        target=settings.target,
        proven=str(len(findings.with_status(Status.CONFIRMED))) if findings else "",
        tested=str(spent.hypotheses),
        minutes=f"{spent.minutes:.1f}",
        ended=_ended(folder, findings),
        goal=settings.goal,
    )
