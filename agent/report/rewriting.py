"""Writing an audit's outputs again from its ledger, without running it."""

from pathlib import Path
from typing import TYPE_CHECKING

from faultfinder.agent.folder.names import DATABASE
from faultfinder.agent.terminal.streams import err
from faultfinder.memory.errors import AuditError, FaultfinderError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings
from faultfinder.tools.ports import World

if TYPE_CHECKING:
    from faultfinder.agent.report.outputs import Outputs

UNFINISHED = "not finished"


def rewrite_outputs(folder: Path) -> "Outputs":
    """Write report, findings and suite anew; why and when the audit ended stays as it was.

    Raises:
        AuditError: there is no audit, or its folder cannot be written to.
    """
    from faultfinder.agent.context import Known
    from faultfinder.agent.report.conclusion import load_findings
    from faultfinder.agent.report.outputs import write_outputs

    with ledger_of(folder) as ledger:
        settings = settings_of(ledger, folder)
        ended = load_findings(folder).audit if (folder / "findings.json").is_file() else None
        kept = ledger.get(Known, "known")
        return write_outputs(
            folder,
            ledger,
            settings,
            ended.stopped_by if ended else UNFINISHED,
            _world(settings),
            kept.failures if kept else (),
            ended.finished if ended else None,
        )


def ledger_of(folder: Path) -> Ledger:
    """Open the ledger of an audit that is there.

    Raises:
        AuditError: there is none.
    """
    if not (folder / DATABASE).is_file():
        raise AuditError(f"no audit in {folder}; `faultfinder audits` lists those there are")
    return Ledger.open(folder / DATABASE)


def settings_of(ledger: Ledger, folder: Path) -> AuditSettings:
    """Return what determined an audit.

    Raises:
        AuditError: it died before that was written.
    """
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
