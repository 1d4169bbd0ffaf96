"""The live table of hypotheses: how each stands, from what events said."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from faultfinder.agent.events import Standing
from faultfinder.agent.terminal.streams import plain
from faultfinder.memory.records import Counts, Decision

if TYPE_CHECKING:
    from rich.table import Table

ROWS = 10
"""Hypotheses shown; those that changed last."""

_SHOWN = {
    None: ("under test", "cyan"),
    Decision.SUPPORTED: ("proven", "bold red"),
    Decision.REFUTED: ("refuted", "dim"),
    Decision.INCONCLUSIVE: ("open", "default"),
}


def standings_table(standings: Sequence[Standing]) -> "Table":
    """Return the table of hypotheses, those that changed last at the bottom."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("", f"hypotheses ({tally(standings)})", "verdict", "probes failing", "controls failing"):
        table.add_column(column, overflow="ellipsis", no_wrap=True, header_style="bold")
    for standing in standings[-ROWS:]:
        said, style = _SHOWN[standing.decision]
        cells = (plain(standing.id), plain(standing.title), said, failing(standing.probes), failing(standing.control))
        table.add_row(*(Text(cell) for cell in cells), style=style)
    return table


def tally(standings: Sequence[Standing]) -> str:
    """Say how many hypotheses stand how: '3 proven, 1 refuted'."""
    numbers = {said: sum(s.decision is decision for s in standings) for decision, (said, _) in _SHOWN.items()}
    return ", ".join(f"{number} {said}" for said, number in numbers.items() if number) or "none yet"


def failing(counts: Counts | None) -> str:
    """Say how many of the scored cases of an arm failed."""
    return f"{counts.fail} of {counts.fail + counts.passed}" if counts else ""
