"""The command that hands an audit's cases to other tools: `export`."""

from pathlib import Path
from typing import Annotated

import typer

from faultfinder.agent.command import options
from faultfinder.agent.command.audit import OUT
from faultfinder.agent.folder.names import checked_name
from faultfinder.agent.terminal.streams import err
from faultfinder.agent.terminal.streams import out as stdout

To = Annotated[
    list[Path] | None,
    typer.Option(
        "--to", help="A file to write: .csv, .jsonl or .parquet. May be repeated.", dir_okay=False, show_default=False
    ),
]
ToHubFolder = Annotated[
    Path | None,
    typer.Option(
        "--to-hub-folder",
        help="A new folder to write a data set with a card to, as the Hugging Face hub and `datasets` take it.",
        file_okay=False,
        show_default=False,
    ),
]


def export(name: options.Name, to: To = None, to_hub_folder: ToHubFolder = None, out: options.Out = OUT) -> None:
    """Write every case of an audit, with texts, outcome, bar, hypothesis, verdict and judge, for other tools.

    faultfinder export where-things-are --to cases.csv --to cases.parquet

    A folder that `datasets.load_dataset` reads and `hf upload` takes; choose a licence in its README.md first:

        faultfinder export where-things-are --to-hub-folder where-things-are-cases
    """
    from faultfinder.agent.folder.atomic import write_atomically
    from faultfinder.agent.report.rewriting import ledger_of, settings_of
    from faultfinder.agent.report.words import plural
    from faultfinder.agent.suites.dataset_card import folder_files
    from faultfinder.agent.suites.exporting import exported, in_format

    if not to and not to_hub_folder:
        raise typer.BadParameter("say where to: --to FILE or --to-hub-folder DIR", param_hint="--to")
    folder = out / checked_name(name)
    with ledger_of(folder) as ledger:
        rows = exported(ledger, settings_of(ledger, folder))
    files = {path: in_format(path, rows) for path in to or []}
    files |= folder_files(to_hub_folder, rows, folder) if to_hub_folder else {}
    for path, content in files.items():
        write_atomically(path, content)
        stdout().print(str(path), markup=False, soft_wrap=True)
    untried = sum(row.outcome is None for row in rows)
    err().print(f"{plural(len(rows), 'case')}, {untried} of them never tried", markup=False, soft_wrap=True)
