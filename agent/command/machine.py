"""The commands about this machine: `targets` and `doctor`."""

from pathlib import Path

import typer

from faultfinder.agent.command import options
from faultfinder.agent.command.audit import OUT
from faultfinder.agent.terminal.streams import out as stdout
from faultfinder.agent.terminal.streams import plain


def targets() -> None:
    """List the models that can be named as --target and --reference, and whether they can be used here."""
    from rich.table import Table
    from rich.text import Text

    from faultfinder.tools.registry import targets as known_targets

    console = stdout()
    if not console.is_terminal:
        for kind in known_targets():
            print("\t".join(plain(cell) for cell in (kind.spec, "ready" if kind.ready else kind.hint, kind.about)))
        return
    table = Table("spec", "here", "what it is", box=None, pad_edge=False)
    for kind in known_targets():
        here = Text("ready", style="green") if kind.ready else Text(plain(kind.hint), style="yellow")
        table.add_row(Text(plain(kind.spec)), here, Text(plain(kind.about)))
    console.print(table)


def doctor(out: options.Out = OUT, memory: options.Memory = None, llm_url: options.LlmUrl = None) -> None:
    """Check what works on this machine, and say what to do about the rest; exit code 1 if a need is unmet."""
    from rich.text import Text

    from faultfinder.agent.command.doctor import Health, examine

    console, styles = stdout(), {Health.OK: "green", Health.WARN: "yellow", Health.FAIL: "bold red"}
    checks = examine(out, Path(memory) if memory and "://" not in memory else None, llm_url)
    for check in checks:
        todo = f"\n      {check.todo}" if check.todo else ""
        line = Text.assemble(
            (f"{check.health.value:4}", styles[check.health]), f"  {check.name}: {plain(check.text)}{todo}"
        )
        console.print(line, soft_wrap=True)
    raise typer.Exit(int(any(check.health is Health.FAIL for check in checks)))
