"""The commands that read what audits left: `report` and `audits`."""

import webbrowser
from dataclasses import dataclass
from pathlib import Path

from faultfinder.agent import cli_options as options
from faultfinder.agent.cli_audit import OUT
from faultfinder.agent.names import DATABASE, checked_name
from faultfinder.agent.terminal import err, plain
from faultfinder.agent.terminal import out as stdout
from faultfinder.memory.errors import AuditError, FaultfinderError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings
from faultfinder.tools.ports import World

UNFINISHED = "not finished"


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
    from faultfinder.agent.conclusion import load_findings
    from faultfinder.agent.context import Known
    from faultfinder.agent.report import write_outputs

    folder = out / checked_name(name)
    with _ledger(folder) as ledger:
        settings = _settings(ledger, folder)
        ended = load_findings(folder).audit if (folder / "findings.json").is_file() else None
        kept = ledger.get(Known, "known")
        outputs = write_outputs(
            folder,
            ledger,
            settings,
            ended.stopped_by if ended else UNFINISHED,
            _world(settings),
            kept.failures if kept else (),
            ended.finished if ended else None,
        )
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


def _listed(folder: Path) -> Listed:
    from faultfinder.agent.conclusion import load_findings
    from faultfinder.agent.findings import Status

    try:
        with _ledger(folder) as ledger:
            settings, spent = _settings(ledger, folder), ledger.spend()
        findings = load_findings(folder) if (folder / "findings.json").is_file() else None
    except FaultfinderError as error:
        return Listed(folder.name, "", "", "", "", f"unreadable: {error}", "")
    return Listed(
        name=folder.name,
        target=settings.target,
        proven=str(len(findings.with_status(Status.CONFIRMED))) if findings else "",
        tested=str(spent.hypotheses),
        minutes=f"{spent.minutes:.1f}",
        ended=findings.audit.stopped_by if findings else UNFINISHED,
        goal=settings.goal,
    )


def _ledger(folder: Path) -> Ledger:
    if not (folder / DATABASE).is_file():
        raise AuditError(f"no audit in {folder}; `faultfinder audits` lists those there are")
    return Ledger.open(folder / DATABASE)


def _settings(ledger: Ledger, folder: Path) -> AuditSettings:
    kept = ledger.all(AuditSettings)
    if not kept:
        raise AuditError(f"{folder / DATABASE} has no settings: the audit died before it began; start it anew")
    return kept[0]


def _world(settings: AuditSettings) -> World | None:
    """Return where pictures come from; a corpus that is gone costs the pictures not drawn yet, not the report."""
    from faultfinder.tools.corpora import open_corpus

    try:
        return open_corpus(settings.corpus, settings.seed).world
    except FaultfinderError as error:
        err().print(f"Pictures not drawn yet stay undrawn: {error}", markup=False, soft_wrap=True)
        return None
