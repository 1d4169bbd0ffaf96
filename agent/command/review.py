"""The command that shows people what is asked of them: `review`, as a page, at the terminal, or as files."""

import signal
import sys
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Annotated

import typer

from faultfinder.agent.command import options
from faultfinder.agent.command.audit import OUT
from faultfinder.agent.folder.names import checked_name
from faultfinder.agent.terminal.streams import err
from faultfinder.agent.terminal.streams import out as stdout
from faultfinder.memory.errors import AuditError, LabelError

if TYPE_CHECKING:
    from faultfinder.agent.people.review_desk import LedgerDesk
    from faultfinder.tools.people.raters_queue import Again

PORTS = range(20_000, 30_000)
"""Where an audit's page has its usual port: the same at every start, so that a browser knows what it kept."""

HOW, FILES, WHAT = "How", "Files", "What"

Rater = Annotated[
    str | None,
    typer.Option(help="Your name, so that the page need not ask.", rich_help_panel=HOW, show_default="asked for"),
]
Terminal = Annotated[bool, typer.Option("--terminal", help="Ask here, without a browser.", rich_help_panel=HOW)]
Host = Annotated[
    str,
    typer.Option(
        help="Address to listen on. Beyond 127.0.0.1 anybody who has the page's address can read and answer.",
        rich_help_panel=HOW,
    ),
]
Port = Annotated[
    int | None,
    typer.Option(min=1, max=65_535, help="Port of the page.", rich_help_panel=HOW, show_default="the audit's own"),
]
NoOpen = Annotated[bool, typer.Option("--no-open", help="Only print the page's address.", rich_help_panel=HOW)]
Export = Annotated[
    Path | None,
    typer.Option(
        "--export",
        help="Write questions and answers to a .csv or .jsonl file, or questions as Label Studio tasks to a .json one.",
        rich_help_panel=FILES,
        dir_okay=False,
        show_default=False,
    ),
]
Import = Annotated[
    Path | None,
    typer.Option(
        "--import",
        help="Take answers from such a file (.json: as Label Studio exports them). Doing so twice counts once.",
        rich_help_panel=FILES,
        show_default=False,
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format", help="csv, jsonl or label-studio.", rich_help_panel=FILES, show_default="from the file's name"
    ),
]
Cases = Annotated[
    list[str] | None,
    typer.Option(
        "--case", help="Ask about this case first, asked before or not. May be repeated.", rich_help_panel=WHAT
    ),
]
Findings = Annotated[
    list[str] | None,
    typer.Option("--finding", help="Ask about every case of this hypothesis first.", rich_help_panel=WHAT),
]


def review(
    name: options.Name,
    out: options.Out = OUT,
    rater: Rater = None,
    terminal: Terminal = False,
    case: Cases = None,
    finding: Findings = None,
    host: Host = "127.0.0.1",
    port: Port = None,
    no_open: NoOpen = False,
    export_to: Export = None,
    import_from: Import = None,
    form: Format = None,
) -> None:
    """Answer the questions an audit has for people, and overturn what machines said.

    Opens a page of this machine's own in the browser, one question at a time, by keyboard or touch; Ctrl-C ends it:

        faultfinder review where-things-are

    A second rater opens the same page under another name; how well raters agree is told in the end. Without a browser:

        faultfinder review where-things-are --terminal

    Look again at what a finding rests on, or at a single case; what you say counts, what the machine said is kept:

        faultfinder review where-things-are --finding h3
        faultfinder review where-things-are --case h3-p07 --case h3-p09

    Answer elsewhere, in a spreadsheet or in Label Studio, and bring the answers back:

        faultfinder review where-things-are --export answers.csv
        faultfinder review where-things-are --import answers.csv

    The audit may be running meanwhile. One that waits for people goes on with `faultfinder resume NAME`.
    """
    from faultfinder.agent.people.review_conclusion import Before, conclude
    from faultfinder.agent.people.review_desk import LedgerDesk, ask_about
    from faultfinder.agent.report.rewriting import ledger_of, settings_of
    from faultfinder.tools.people.raters_queue import Again

    folder = out / checked_name(name)
    with ledger_of(folder) as ledger:
        settings_of(ledger, folder)
        before, desk = Before(ledger), LedgerDesk(folder, ledger)
        again = Again(ask_about(ledger, case or [], finding or []), frozenset(before.labels))
        if import_from:
            _import(desk, import_from, form)
        if export_to:
            _export(desk, export_to, form)
        if not (import_from or export_to):
            _ask(desk, rater, again, terminal=terminal, host=host, port=port, no_open=no_open)
        for line in conclude(folder, ledger, before):
            stdout().print(line, markup=False, soft_wrap=True)


def _ask(
    desk: "LedgerDesk",
    rater: str | None,
    again: "Again",
    *,
    terminal: bool,
    host: str,
    port: int | None,
    no_open: bool,
) -> None:
    _check_rater(rater)
    if not desk.questions():
        err().print(
            "This audit has not asked people anything. --finding h1 asks about every case of a hypothesis.",
            markup=False,
            soft_wrap=True,
        )
    with _until_interrupted():
        if terminal:
            _at_the_terminal(desk, rater, again)
        else:
            _serve(desk, rater, again, host, port, no_open=no_open)


def _at_the_terminal(desk: "LedgerDesk", rater: str | None, again: "Again") -> None:
    from faultfinder.tools.people.terminal_review import TerminalReview

    TerminalReview(desk, stdout(), sys.stdin, again).run(rater)


def _serve(
    desk: "LedgerDesk", rater: str | None, again: "Again", host: str, port: int | None, *, no_open: bool
) -> None:
    from urllib.parse import urlencode

    from faultfinder.tools.people.guard import Place
    from faultfinder.tools.people.server import ReviewPage, bind, new_token, serve

    bound = _bound(bind, host, port, usual_port(desk.key))
    place = Place(host, bound.getsockname()[1], new_token())
    url = place.url + (f"?{urlencode({'rater': rater})}" if rater else "")
    print(url, flush=True)
    if not place.is_loopback:
        err().print("Anybody who has this address can read and answer. It is not encrypted.", markup=False)
    err().print("Ctrl-C ends the review; every answer is kept the moment it is given.", markup=False)
    if not no_open:
        webbrowser.open(url)
    serve(ReviewPage(desk, again).app(place), bound)


def usual_port(key: str) -> int:
    """Return the port where an audit's page is served if it is free."""
    return PORTS[int(key, 16) % len(PORTS)]


def _bound(bind: Callable[[str, int], socket], host: str, port: int | None, usual: int) -> socket:
    """Listen on the port asked for, else on the usual one, else on any.

    Raises:
        AuditError: nothing can be listened on there.
    """
    for attempt in (port,) if port else (usual, 0):
        try:
            return bind(host, attempt)
        except OSError as error:
            trouble = error
    raise AuditError(
        f"cannot listen on {host}{f':{port}' if port else ''} ({trouble.strerror or trouble}); choose another --port"
    )


def _import(desk: "LedgerDesk", path: Path, form: str | None) -> None:
    from faultfinder.tools.people.exchange import read_labels

    found = read_labels(path, form, desk.questions(), desk.labels())
    known = {label.id for label in desk.labels()}
    desk.append(found)
    new = sum(label.id not in known for label in found)
    print(f"{path}: {len(found)} answers, {new} of them new")


def _export(desk: "LedgerDesk", path: Path, form: str | None) -> None:
    from faultfinder.agent.folder.atomic import write_atomically
    from faultfinder.tools.people.exchange import written

    for place, content in written(path, form, desk).items():
        write_atomically(place, content)
        print(place)


def _check_rater(rater: str | None) -> None:
    from faultfinder.tools.people.raters_queue import rater_name

    if rater is not None and rater_name(rater) is None:
        raise LabelError(f"--rater {rater[:80]!r} is no name: give one of at most 60 plain characters")


@contextmanager
def _until_interrupted() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end what is inside, in order."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        print(file=sys.stderr)
    finally:
        signal.signal(signal.SIGTERM, before)
