"""The commands that ask models what earlier audits proved: `check` one, `compare` several."""

import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from faultfinder.agent.command import options
from faultfinder.agent.command.audit import OUT
from faultfinder.agent.terminal.streams import err, plain
from faultfinder.agent.terminal.streams import out as stdout
from faultfinder.memory.errors import FaultfinderError, SuiteError
from faultfinder.memory.records import Limits

if TYPE_CHECKING:
    from faultfinder.agent.suites.checking import Check, Gate
    from faultfinder.agent.suites.replaying import Conditions

FILES, VERDICT = "What is written", "When it is red"


class GateChoice(StrEnum):
    """What a check has to show."""

    FIXED = "fixed"
    BASELINE = "baseline"


Keep = Annotated[
    Path | None,
    typer.Option(
        "--keep",
        help="Folder to keep painted pictures and the answers of chat models in; a check that was stopped goes on from "
        "there. Take a new one for every version of a model.",
        file_okay=False,
        rich_help_panel=options.PLACE,
        show_default="kept only while it runs",
    ),
]
Json = Annotated[
    Path | None,
    typer.Option("--json", help="Write every case and count to a JSON file.", dir_okay=False, rich_help_panel=FILES),
]
JUnit = Annotated[
    Path | None,
    typer.Option(
        "--junit", help="Write JUnit XML, as continuous integration shows it.", dir_okay=False, rich_help_panel=FILES
    ),
]
Baseline = Annotated[
    Path | None,
    typer.Option(
        help="A file that an earlier `check --json` wrote: what got worse or better since, by a paired test.",
        dir_okay=False,
        rich_help_panel=VERDICT,
    ),
]
GateOption = Annotated[
    GateChoice,
    typer.Option(
        help="Exit code 0 needs: 'fixed', every failure shown to be fixed and none worse than the baseline; "
        "'baseline', only that none got worse, for models whose failures are known and lived with.",
        rich_help_panel=VERDICT,
    ),
]


def check(
    suite: Annotated[
        str, typer.Argument(help="A suite.jsonl, or the name of the audit that left it.", show_default=False)
    ],
    target: Annotated[str, typer.Option(help="The model or version to check.", show_default=False)],
    baseline: Baseline = None,
    gate: GateOption = GateChoice.FIXED,
    json_to: Json = None,
    junit_to: JUnit = None,
    judge: options.PictureJudge = None,
    llm_url: options.LlmUrl = None,
    max_minutes: options.Minutes = None,
    max_llm_calls: options.LlmCalls = None,
    max_images: options.Images = None,
    max_usd: options.Usd = None,
    keep: Keep = None,
    out: options.Out = OUT,
) -> None:
    """Replay the proven failures of a suite on a model or a version of it: are they fixed?

    Every case is asked as the audit asked it. A failure is fixed when the interval of its failure rate lies below one
    half and fewer of the same probes fail than in the audit by more than chance:

        faultfinder check audits/night-1/suite.jsonl --target open_clip:local-dir:NEW

    In continuous integration, with a report for it and an eye on what gets worse from one version to the next:

        faultfinder check suite.jsonl --target python:ours:new --junit check.xml --json now.json --baseline last.json

    Exit codes: 0 all fixed, 1 some still fail, are unclear or got worse, 2 it could not be run or too little could be
    scored. `docs/suites.md` has the statistics.
    """
    from faultfinder.agent.suites.check_files import read_baseline
    from faultfinder.agent.suites.checking import Gate, against
    from faultfinder.agent.suites.files import find_suite, read_suites
    from faultfinder.agent.suites.runs import run_check

    if gate is GateChoice.BASELINE and baseline is None:
        raise SuiteError("--gate baseline needs --baseline FILE to compare with; `check ... --json FILE` writes one")
    with _troubles_told(junit_to, target):
        cases = read_suites([find_suite(suite, out)])
        before = read_baseline(baseline, cases) if baseline else None
        done = run_check(
            cases, target, _conditions(judge, llm_url, keep, max_minutes, max_llm_calls, max_images, max_usd)
        )
    done = against(done, before, str(baseline)) if before else done
    chosen = Gate(gate.value)
    _write(done, chosen, json_to, junit_to)
    _show(done, chosen)
    raise typer.Exit(done.exit_code(chosen))


def compare(
    suite: Annotated[
        list[str],
        typer.Option(
            "--suite",
            help="A suite.jsonl, or the name of an audit. May be repeated.",
            rich_help_panel=options.ASK,
            show_default=False,
        ),
    ],
    target: Annotated[
        list[str],
        typer.Option(
            "--target", help="A model to ask. May be repeated.", rich_help_panel=options.ASK, show_default=False
        ),
    ],
    html_to: Annotated[
        Path, typer.Option("--html", help="The page to write.", dir_okay=False, rich_help_panel=FILES)
    ] = Path("comparison.html"),
    csv_to: Annotated[
        Path, typer.Option("--csv", help="The table to write.", dir_okay=False, rich_help_panel=FILES)
    ] = Path("comparison.csv"),
    judge: options.PictureJudge = None,
    llm_url: options.LlmUrl = None,
    max_minutes: options.Minutes = None,
    max_llm_calls: options.LlmCalls = None,
    max_images: options.Images = None,
    max_usd: options.Usd = None,
    keep: Keep = None,
    out: options.Out = OUT,
    open_it: options.Open = False,
) -> None:
    """Ask several models the proven failures of one or more suites, and show failures by models as a heat map.

    faultfinder compare --suite night-1 --suite night-2 --target open_clip:ViT-B-32/openai --target lab:clip

    A model that cannot be opened or asked is shown as such and does not stop the others. Limits hold for each model.

    Exit codes: 0 all were asked, 2 none could be, 3 some could not be (the page and the table are written).
    """
    from faultfinder.agent.folder.atomic import write_atomically
    from faultfinder.agent.suites.comparing import compare as ask_all
    from faultfinder.agent.suites.comparing import to_csv
    from faultfinder.agent.suites.comparison_page import render_comparison
    from faultfinder.agent.suites.files import find_suite, read_suites
    from faultfinder.agent.suites.view import suite_view

    cases = read_suites([find_suite(said, out) for said in suite])
    with suite_view() as view:
        found = ask_all(
            cases, target, _conditions(judge, llm_url, keep, max_minutes, max_llm_calls, max_images, max_usd), view
        )
    write_atomically(html_to, render_comparison(found).encode())
    write_atomically(csv_to, to_csv(found))
    for trouble in found.troubles:
        err().print(f"NOT COMPARED: {plain(trouble)}", markup=False, soft_wrap=True)
    for path in (html_to, csv_to):
        stdout().print(str(path), markup=False, soft_wrap=True)
    if open_it:
        webbrowser.open(html_to.resolve().as_uri())
    raise typer.Exit(0 if not found.troubles else 3 if found.asked else 2)


def _conditions(
    judge: str | None,
    llm_url: str | None,
    keep: Path | None,
    minutes: float | None,
    llm_calls: int | None,
    images: int | None,
    usd: float | None,
) -> "Conditions":
    from faultfinder.agent.suites.replaying import Conditions

    return Conditions(judge, llm_url, Limits(minutes=minutes, llm_calls=llm_calls, images=images, usd=usd), keep)


@contextmanager
def _troubles_told(junit_to: Path | None, target: str) -> Iterator[None]:
    """Let the JUnit file say why a check could not be run."""
    try:
        yield
    except FaultfinderError as error:
        if junit_to:
            from faultfinder.agent.folder.atomic import write_atomically
            from faultfinder.agent.suites.junit import could_not_run

            write_atomically(junit_to, could_not_run(target, str(error)))
        raise


def _write(check: "Check", gate: "Gate", json_to: Path | None, junit_to: Path | None) -> None:
    from faultfinder.agent.folder.atomic import write_atomically

    if json_to:
        write_atomically(json_to, check.model_dump_json(by_alias=True, indent=2).encode() + b"\n")
    if junit_to:
        from faultfinder.agent.suites.junit import to_junit

        write_atomically(junit_to, to_junit(check, gate))


def _show(check: "Check", gate: "Gate") -> None:
    from faultfinder.agent.suites import check_words as words

    _print_table(check)
    for warning in words.warnings(check):
        err().print(f"Note: {plain(warning)}", markup=False, soft_wrap=True)
    if check.alarm:
        err().print(f"NOT CHECKED: {plain(check.alarm)}", markup=False, soft_wrap=True)
    else:
        err().print(plain(words.conclusion(check, gate)), markup=False, soft_wrap=True)


def _print_table(check: "Check") -> None:
    """Print a row a failure: a table on a terminal, tab-separated lines otherwise."""
    from faultfinder.agent.suites import check_words as words
    from faultfinder.agent.suites.check_table import check_table

    console = stdout()
    if console.is_terminal:
        console.print(check_table(check))
        return
    for failure in check.failures:
        print("\t".join(plain(cell) for cell in words.row(failure)))
