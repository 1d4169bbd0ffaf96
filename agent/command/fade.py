"""The command that changes a model so that a proven failure disappears, and proves it: `fade`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from faultfinder.agent.command import options
from faultfinder.agent.command.audit import OUT
from faultfinder.agent.folder.names import checked_name
from faultfinder.agent.terminal.streams import err, plain
from faultfinder.agent.terminal.streams import out as stdout

if TYPE_CHECKING:
    from faultfinder.agent.fading.records import FadeFile
    from faultfinder.tools.fading.recipe import Recipe

TRAINING, GUARD = "How it is trained", "What it may cost"
_DONE, _NOT_FADED = 0, 1

Failure = Annotated[str, typer.Option(help="Id of the proven failure: h3, as the report has it.", show_default=False)]
Pictures = Annotated[
    Path | None,
    typer.Option(
        help="What to learn from. For words pictures with true captions: a COCO captions .json near its pictures, a "
        ".csv with the columns 'picture' and 'caption', or a folder with such a file. For a region labelled "
        "pictures, as of --inputs.",
        rich_help_panel=TRAINING,
        show_default="the lab draws its own, a region has the audit's; needed for other words",
    ),
]
To = Annotated[
    Path | None,
    typer.Option(
        "--to",
        help="Folder for the changed model.",
        file_okay=False,
        rich_help_panel=options.PLACE,
        show_default="audits/NAME/faded/ID",
    ),
]
Guard = Annotated[
    float,
    typer.Option(min=0.0, max=1.0, help="How much any guarded score may drop.", rich_help_panel=GUARD),
]
Cases = Annotated[
    int,
    typer.Option(
        min=50,
        help="Cases of each score on the test part at most; models on the way are measured on two fifths of that. "
        "Fewer are quicker, and let a drop go unnoticed sooner.",
        rich_help_panel=GUARD,
    ),
]
Minutes = Annotated[
    float,
    typer.Option(min=0.05, help="Minutes of training, or of asking a text model, at most.", rich_help_panel=TRAINING),
]
Steps = Annotated[int, typer.Option(min=1, help="Steps of training at most.", rich_help_panel=TRAINING)]
Rate = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        help="Highest learning rate.",
        rich_help_panel=TRAINING,
        show_default="1e-3 for a million parameters, less for more; of adapters what suits their model",
    ),
]
Batch = Annotated[int, typer.Option(min=2, help="Pictures in a step.", rich_help_panel=TRAINING)]
Replay = Annotated[
    float,
    typer.Option(
        min=0.0, max=0.95, help="Share of a step that is ordinary inputs, which are to stay.", rich_help_panel=TRAINING
    ),
]
Keep = Annotated[
    float,
    typer.Option(min=0.0, help="Weight of staying near to the original on those.", rich_help_panel=TRAINING),
]
Seed = Annotated[
    int,
    typer.Option(min=0, help="The same seed takes the same pictures, batches and cases.", rich_help_panel=TRAINING),
]
Tuned = Annotated[
    str | None,
    typer.Option(
        help="A text model that was tuned elsewhere, with the files of an earlier fade: prove whether it has lost the "
        "failure.",
        rich_help_panel=TRAINING,
        show_default="write files to tune a text model with",
    ),
]
Fresh = Annotated[
    bool,
    typer.Option(
        "--fresh", help="Start over; what an earlier fade left is moved aside.", rich_help_panel=options.PLACE
    ),
]


def fade(
    name: options.Name,
    failure: Failure,
    pictures: Pictures = None,
    guard: Guard = 0.02,
    cases: Cases = 500,
    minutes: Minutes = 10.0,
    steps: Steps = 1400,
    rate: Rate = None,
    batch: Batch = 64,
    replay: Replay = 0.5,
    keep: Keep = 0.1,
    seed: Seed = 0,
    tuned: Tuned = None,
    to: To = None,
    out: options.Out = OUT,
    fresh: Fresh = False,
) -> None:
    """Change a model so that a proven failure disappears, and prove that it did.

    An encoder that confuses words is trained on pictures with captions, each beside the caption as the failure's own
    rule edits it; a classifier that fails in a region on pictures changed as there; a generator's adapters (LoRA) on
    pictures with right captions, by its own loss. What the model does well is replayed, measured along the way, and
    guarded. Then the failure's experiment is run again on fresh inputs, its suite is checked, and the changed model is
    audited:

        faultfinder fade where-things-are --failure h3

        faultfinder fade night-1 --failure h2 --pictures captions_train2017.json --minutes 60

    A text model is not trained here: files to fine-tune it with are written (EXPORTED), and the model that comes of
    them is proven:

        faultfinder fade typos-1 --failure h1

        faultfinder fade typos-1 --failure h1 --tuned transformers:DIR

    Killed at any time, the same command goes on from its last checkpoint.

    Exit codes: 0 FADED or EXPORTED, 1 NOT FADED or REFUSED (a guarded score fell), 2 something to correct.
    `docs/fading.md` has the method.
    """
    from faultfinder.agent.fading.records import Verdict
    from faultfinder.agent.fading.running import Order, run_fade
    from faultfinder.agent.suites.view import suite_view

    def recipe(suiting: float) -> "Recipe":
        from faultfinder.tools.fading.recipe import Recipe

        return Recipe(
            rate=rate if rate is not None else suiting, steps=steps, batch=batch, replay=replay, keep=keep, seed=seed
        )

    order = Order(
        audit=checked_name(name),
        failure=failure,
        to=to,
        pictures=str(pictures) if pictures else None,
        guard=guard,
        cases=cases,
        minutes=minutes,
        recipe=recipe,
        fresh=fresh,
        tuned=tuned,
    )
    with suite_view() as view:
        done, folder = run_fade(order, out, view)
    _show(done, folder)
    raise typer.Exit(_DONE if done.verdict in (Verdict.FADED, Verdict.EXPORTED) else _NOT_FADED)


def _show(fade: "FadeFile", folder: Path) -> None:
    """Print the table on stdout, and what else there is to say on stderr."""
    from faultfinder.agent.fading import words
    from faultfinder.agent.fading.running import PAGE

    console = stdout()
    if console.is_terminal:
        console.print(_table(fade))
    else:
        for row in words.rows(fade):
            print("\t".join(plain(cell) for cell in row.cells))
    for note in words.notes(fade):
        err().print(f"Note: {plain(note)}", markup=False, soft_wrap=True)
    err().print(plain(words.conclusion(fade)), markup=False, soft_wrap=True)
    err().print(f"Report: {folder / PAGE}", markup=False, soft_wrap=True)
    if fade.model:
        err().print(f"Model: {plain(fade.model)}", markup=False, soft_wrap=True)


def _table(fade: "FadeFile") -> object:
    from rich.table import Table
    from rich.text import Text

    from faultfinder.agent.fading import words

    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for heading in words.COLUMNS:
        table.add_column(heading, overflow="fold")
    for row in words.rows(fade):
        table.add_row(*(Text(plain(cell)) for cell in row.cells))
    return table
