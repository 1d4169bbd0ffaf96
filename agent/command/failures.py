"""The command about the failure memory: `failures` lists, searches and shows what audits have proven."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from faultfinder.agent.command import options
from faultfinder.agent.report import words
from faultfinder.agent.terminal.streams import err, plain
from faultfinder.agent.terminal.streams import out as stdout
from faultfinder.memory.errors import MemoryStoreError
from faultfinder.memory.records import Failure

CLOSEST = 10
"""Failures that a search shows."""


class Action(StrEnum):
    """What to do with the failure memory."""

    LIST = "list"
    SEARCH = "search"
    SHOW = "show"


def failures(
    action: Annotated[Action, typer.Argument(help="list all, search by words, or show one by its id.")] = Action.LIST,
    what: Annotated[
        list[str] | None, typer.Argument(help="The words to search for, or the id to show.", show_default=False)
    ] = None,
    memory: options.Memory = None,
    reference: options.Reference = None,
) -> None:
    """Look into the failure memory, which outlives audits.

    faultfinder failures

    faultfinder failures search left and right

    faultfinder failures show 3fa9c1d2e4b5
    """
    from faultfinder.agent.assembly import open_memory

    sought = " ".join(what or [])
    if action is not Action.LIST and not sought:
        raise typer.BadParameter("say the words to search for, or the id to show", param_hint="WHAT")
    with open_memory(memory, reference) as kept:
        if action is Action.SHOW:
            failure = kept.get(sought)
            if failure is None:
                raise MemoryStoreError(
                    f"the failure memory holds no failure {sought!r}; `faultfinder failures` lists the ids"
                )
            _show(failure)
        elif action is Action.SEARCH:
            _list([found.failure for found in kept.search(sought, CLOSEST)])
        else:
            _list(kept.all())


def _list(found: Sequence[Failure]) -> None:
    from rich.table import Table
    from rich.text import Text

    if not found:
        err().print("The failure memory holds nothing that fits.")
        return
    console, rows = stdout(), [_row(failure) for failure in found]
    if not console.is_terminal:
        for row in rows:
            print("\t".join(row))
        return
    table = Table("id", "target", "failure", "probes failing", "audits", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _row(failure: Failure) -> tuple[str, ...]:
    cells = (failure.id, failure.target, failure.title, words.percent(failure.rate), _proven_by(failure))
    return tuple(plain(cell) for cell in cells)


def _show(failure: Failure) -> None:
    rows = [
        ("id", failure.id),
        ("target", failure.target),
        ("failure", failure.title),
        ("description", failure.description),
        ("probes failing", f"{words.percent(failure.rate)} ({words.span(failure.interval)})"),
        ("controls failing", words.percent(failure.control_rate)),
        ("p", words.small(failure.p_value)),
        ("proven by", _proven_by(failure)),
        ("special case of", failure.narrower or words.DASH),
        *[("for example", f"{pair.a} / {pair.b}") for pair in failure.examples],
    ]
    for name, value in rows:
        stdout().print(f"{name + ':':18}{plain(value)}", markup=False, soft_wrap=True)


def _proven_by(failure: Failure) -> str:
    return ", ".join(
        f"{name} (overturned by people)" if name in failure.overturned else name for name in failure.audits
    )
