"""The commands for audits that run in another process: `watch` and `stop`."""

from typing import Annotated

import typer

from faultfinder.agent.command import options
from faultfinder.agent.command.audit import OUT
from faultfinder.agent.folder.names import checked_name
from faultfinder.agent.terminal.streams import err
from faultfinder.agent.terminal.streams import out as stdout

Wait = Annotated[float, typer.Option(min=0, help="Seconds to wait for it to end.")]
Now = Annotated[
    bool, typer.Option("--now", help="Kill its process at once, without a report. Nothing found or paid for is lost.")
]


def watch(name: options.Name, out: options.Out = OUT) -> None:
    """Follow a running audit from another terminal: what it does, how each hypothesis stands, what is left to spend.

    A live table on a terminal, a plain line an event otherwise. It ends when the audit ends; Ctrl-C only ends watching:

        faultfinder watch where-things-are

    For machines the same is in audits/NAME/events.jsonl, one JSON object a line, as it happens.

    Exit codes: 0 the audit has ended in order (or Ctrl-C), 2 it failed, was killed, or there is none.
    """
    from faultfinder.agent.report.conclusion import load_findings, say_conclusion
    from faultfinder.agent.running.watching import follow, said_running

    folder = out / checked_name(name)
    try:
        follow(folder)
    except KeyboardInterrupt:
        said_running(folder)
        return
    say_conclusion(stdout(), load_findings(folder), folder)


def stop(name: options.Name, out: options.Out = OUT, wait: Wait = 600.0, now: Now = False) -> None:
    """Ask a running audit to stop in order, as Ctrl-C once does: it ends its step and writes its report.

        faultfinder stop where-things-are

    Asking twice does no harm. An audit that does not run is left as it is. `faultfinder resume` goes on. Of one that
    runs inside a server (`faultfinder mcp`), a notebook or another program, only the audit stops.
    """
    from faultfinder.agent.running.watching import stop as stop_audit

    err().print(stop_audit(out / checked_name(name), wait, now=now), markup=False, soft_wrap=True)
