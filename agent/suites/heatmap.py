"""The heat map of a comparison: failures down, models across, the colour how many probes fail, as SVG for a page.

Models are called A, B, C, ...; the page says which is which. Verdicts are shown by a frame, not by colour alone, and
rates are written into the cells where they fit. A long title takes a second line.
"""

import html
import string
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faultfinder.agent.report.charts import FAIL, FAINT, INK, Format, in_page_colours, svg_of
from faultfinder.agent.report.words import DASH, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE, NARROW = Format("wide", 7.6, 40), Format("narrow", 3.6, 40)
STRONGEST = 0.55
"""Opacity of a cell in which every probe fails: the words in it stay readable, in light and dark."""

_ROW = {"wide": (0.36, 0.4), "narrow": (0.58, 0.72)}
"""Inches a row takes: with titles of one line, and where one takes two."""

_CELL = {"wide": 0.32, "narrow": 0.29}
_LINE = 0.14
"""Inches from one line of a title to the next."""

_LABELS = {"wide": 0.42, "narrow": 0.0}
_HEAD, _FOOT = 0.3, 0.06
_FITS = 0.4
"""Inches that a rate takes."""


@dataclass(frozen=True)
class Cell:
    """One failure on one model; no rate where nothing could be scored."""

    rate: float | None
    fails: bool


@dataclass(frozen=True)
class Row:
    """One failure on all models."""

    title: str
    cells: tuple[Cell, ...]


def letter(place: int) -> str:
    """Return the name of a column: A, B, ..., Z, AA, AB, ..."""
    higher, lower = divmod(place, len(string.ascii_uppercase))
    return (letter(higher - 1) if higher else "") + string.ascii_uppercase[lower]


def heat_map(rows: Sequence[Row], shape: Format) -> str:
    """Draw the map as an SVG element; rows and columns in the order given."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    titles = [_lines(f"{number} {row.title}", shape) for number, row in enumerate(rows, 1)]
    tall = _ROW[shape.name][max(map(len, titles)) - 1]
    height = tall * len(rows) + _HEAD + _FOOT
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": f"faultfinder-map-{shape.name}", "font.size": 8.5}):
        figure = Figure(figsize=(shape.width, height))
        axes = figure.add_axes((0.005, _FOOT / height, 0.99, (height - _HEAD - _FOOT) / height))
        _frame(axes, len(rows), len(rows[0].cells), shape)
        for number, row in enumerate(rows):
            place = len(rows) - 1 - number
            _draw_title(axes, place, shape, tall, [_placeholder(number, line) for line in range(len(titles[number]))])
            _draw_cells(axes, place, row, shape, _CELL[shape.name] / tall)
        svg = svg_of(figure)
    return in_page_colours(_put_titles(svg, titles))


def _frame(axes: "Axes", rows: int, columns: int, shape: Format) -> None:
    axes.set_xlim(0, 1)
    axes.set_ylim(0, rows)
    axes.axis("off")
    for place in range(columns):
        left, width = _across(place, columns, shape)
        axes.text(left + width / 2, rows + 0.12, letter(place), color=INK, ha="center", va="bottom", weight="bold")


def _draw_title(axes: "Axes", place: int, shape: Format, tall: float, lines: Sequence[str]) -> None:
    """Write a row's title: to the left of its cells where the map is wide, above them where it is narrow."""
    is_wide, line = bool(_LABELS[shape.name]), _LINE / tall
    x, align, upright = (_LABELS["wide"] - 0.015, "right", "center") if is_wide else (0.0, "left", "bottom")
    lowest = 0.5 - line * (len(lines) - 1) / 2 if is_wide else 0.12 + _CELL["narrow"] / tall
    for number, said in enumerate(lines):
        y = place + lowest + (len(lines) - 1 - number) * line
        axes.text(x, y, said, color=INK, ha=align, va=upright, parse_math=False)


def _draw_cells(axes: "Axes", place: int, row: Row, shape: Format, tall: float) -> None:
    for number, cell in enumerate(row.cells):
        left, width = _across(number, len(row.cells), shape)
        _draw_cell(axes, (left, place + 0.06, width, tall), cell, fits=width * shape.width >= _FITS)


def _draw_cell(axes: "Axes", box: tuple[float, float, float, float], cell: Cell, *, fits: bool) -> None:
    from matplotlib.patches import Rectangle

    left, bottom, width, tall = box
    place, size = (left + 0.003, bottom), (width - 0.006, tall)
    dashes = "-" if cell.rate is not None else (0, (3, 3))
    edge, line = (FAIL, 1.8) if cell.fails else (FAINT, 0.7)
    if cell.rate:
        axes.add_patch(Rectangle(place, *size, facecolor=FAIL, alpha=STRONGEST * cell.rate, edgecolor="none"))
    axes.add_patch(Rectangle(place, *size, fill=False, edgecolor=edge, linewidth=line, linestyle=dashes))
    if fits or cell.rate is None:
        said = DASH if cell.rate is None else percent(cell.rate)
        axes.text(left + width / 2, bottom + tall / 2, said, color=INK, ha="center", va="center_baseline", size=8)


def _across(place: int, columns: int, shape: Format) -> tuple[float, float]:
    """Return where a column begins and how wide it is."""
    begin = _LABELS[shape.name]
    width = (1 - begin) / columns
    return begin + place * width, width


def _lines(title: str, shape: Format) -> list[str]:
    return textwrap.wrap(title, shape.letters, max_lines=2, placeholder=" …") or [""]


def _placeholder(row: int, line: int) -> str:
    return f"failure-{row:06d}-{line}-here"


def _put_titles(svg: str, titles: Sequence[Sequence[str]]) -> str:
    for number, lines in enumerate(titles):
        for place, line in enumerate(lines):
            svg = svg.replace(_placeholder(number, place), html.escape(line), 1)
    return svg
