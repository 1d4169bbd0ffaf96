"""A check as a table on a terminal, where width is scarce: what belongs together stands below one another."""

from rich.table import Table
from rich.text import Text

from faultfinder.agent.report.words import span
from faultfinder.agent.suites.check_words import STYLES, lost, row, share
from faultfinder.agent.suites.checking import Check, CheckedFailure
from faultfinder.agent.terminal.streams import plain
from faultfinder.memory.records import Counts

HEADINGS = (
    "failure",
    "probes failing then\n(95 %)",
    "probes failing now\n(95 %)",
    "controls then",
    "controls now",
    "verdict",
)
_COUNTED = range(1, 5)
_COUNT_WIDTH = 9
"""Letters that a count takes: the rest of the width is for titles."""


def check_table(check: Check) -> Table:
    """Return a check as a table, a row a failure, coloured by its verdict."""
    table = Table(box=None, padding=(0, 1, 1, 0), pad_edge=False)
    for place, heading in enumerate(HEADINGS):
        table.add_column(heading, overflow="fold", max_width=_COUNT_WIDTH if place in _COUNTED else None)
    for failure in check.failures:
        cells = ("\n".join(plain(line) for line in lines) for lines in _cells(failure))
        table.add_row(*(Text(cell) for cell in cells), style=STYLES[failure.fate])
    return table


def _cells(failure: CheckedFailure) -> tuple[list[str], ...]:
    """Return one failure as cells, each a list of lines."""
    key, title, _, _, control_before, control, fate, change = row(failure)
    changed = ["against the baseline:", *change.split("; ")] if change else []
    before, now = failure.before, failure.probes
    return (
        [key, title, *changed],
        [share(before), *_interval(before)],
        [f"{share(now)}{lost(now)}", *_interval(now)],
        [control_before],
        [control],
        [fate],
    )


def _interval(counts: Counts) -> list[str]:
    return [span(counts.interval)] if counts.rate is not None else []
