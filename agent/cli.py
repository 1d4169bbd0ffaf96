"""The command line. What each command does is in `command/`; here they are joined, and errors become messages.

Exit codes: 0 done, 2 something to correct, 3 the model under audit failed, 4 nothing was tested, 70 a fault of
Faultfinder's own, 75 paused because the chat model keeps failing, 130 interrupted. FAULTFINDER_DEBUG=1 shows tracebacks
instead of messages.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from types import TracebackType
from typing import Annotated

import typer

from faultfinder.agent.command import audit, chat, export, fade, failures, machine, mcp, results, review, suites, watch
from faultfinder.memory.errors import FaultfinderError, Stop, TargetError

USER_ERROR, TARGET_FAILED, OWN_FAULT, STOPPED = 2, 3, 70, 130

app = typer.Typer(
    help="Audit multimodal models: state a worry, get the systematic failures that could be proven, with pictures.",
    epilog='Begin with: faultfinder audit "does it understand where things are?"',
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _command in (
    audit.audit,
    audit.resume,
    watch.watch,
    watch.stop,
    results.report,
    review.review,
    chat.chat,
    suites.check,
    suites.compare,
    fade.fade,
    export.export,
    results.audits,
    failures.failures,
    machine.targets,
    machine.doctor,
    mcp.mcp,
):
    app.command()(_command)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"faultfinder {installed_version('faultfinder')}")
        raise typer.Exit


@app.callback()
def _whole(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Audit multimodal models: state a worry, get the systematic failures that could be proven, with pictures."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit. Errors a person can act on become one message, all others one line and a log."""
    debug = os.environ.get("FAULTFINDER_DEBUG") not in (None, "", "0")
    if not debug:
        sys.excepthook = _own_fault
    try:
        typer.main.get_command(app)(args=arguments, prog_name="faultfinder")
    except FaultfinderError as error:
        if debug:
            raise
        _complain(error)
        sys.exit(TARGET_FAILED if isinstance(error, TargetError) else USER_ERROR)
    except Stop as stop:
        print(f"Stopped: {stop.reason}", file=sys.stderr)
        sys.exit(STOPPED)


def _complain(error: FaultfinderError) -> None:
    from rich.panel import Panel
    from rich.text import Text

    from faultfinder.agent.terminal.streams import err, plain

    console, text = err(), "\n".join(plain(line) for line in str(error).splitlines())
    if console.is_terminal:
        console.print(Panel(Text(text), title="Error", title_align="left", border_style="red"))
    else:
        console.print(f"Error: {text}", markup=False, soft_wrap=True)


def _own_fault(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say in one line that this should not have happened, and where the details are; exit with 70."""
    if issubclass(kind, KeyboardInterrupt):
        sys.exit(STOPPED)
    where = _log("".join(traceback.format_exception(kind, error, trace)))
    first = str(error).splitlines()[0][:200] if str(error) else ""
    print(
        f"Error: a fault of Faultfinder's own ({kind.__name__}: {first}). {where} What the audit found so far is safe; "
        "`faultfinder resume NAME` goes on.",
        file=sys.stderr,
    )
    sys.exit(OWN_FAULT)


def _log(details: str) -> str:
    import platformdirs

    path = Path(platformdirs.user_log_dir("faultfinder")) / f"fault-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(details, encoding="utf-8")
    except OSError:
        return "No log could be written; FAULTFINDER_DEBUG=1 shows the details."
    return f"Details: {path}."


if __name__ == "__main__":
    main()
