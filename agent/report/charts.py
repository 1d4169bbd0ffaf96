"""The report's chart: failure rate of probes and controls, with intervals, for every hypothesis, as SVG for a page.

The same findings give the same bytes. Colours are the page's own (CSS variables), so the chart follows light and dark;
titles are put in after drawing, so no text of a model or corpus is ever typeset by the drawing library.
"""

import html
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faultfinder.agent.report.findings import Finding, Status
from faultfinder.memory.records import Counts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Stand-ins that no drawing uses otherwise, exchanged for the page's variables.
FAIL, CONTROL, INK, FAINT = "#c00001", "#c00002", "#c00003", "#c00004"
_VARIABLES = {FAIL: "var(--fail)", CONTROL: "var(--control)", INK: "var(--ink)", FAINT: "var(--rule)"}
_ROW = 0.58
_MARGIN = 0.62


@dataclass(frozen=True)
class Format:
    """The size of a chart: width in inches, and how many letters of a title fit."""

    name: str
    width: float
    letters: int


WIDE = Format("wide", 7.6, 84)
NARROW = Format("narrow", 3.6, 38)


def rates_chart(findings: Sequence[Finding], shape: Format) -> str:
    """Draw the chart as an SVG element; one row a hypothesis, in the order given, the first on top."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    height = _ROW * len(findings) + _MARGIN
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": f"faultfinder-{shape.name}", "font.size": 8.5}):
        figure = Figure(figsize=(shape.width, height))
        axes = figure.add_axes((0.02, 0.4 / height, 0.955, (height - _MARGIN) / height))
        _frame(axes, len(findings))
        for row, finding in enumerate(findings):
            axes.text(0.005, len(findings) - row - 0.4, _placeholder(row), color=INK, va="bottom", parse_math=False)
            _draw_row(axes, len(findings) - 1 - row, finding)
        svg = svg_of(figure)
    return in_page_colours(_put_titles(svg, findings, shape.letters))


def _frame(axes: "Axes", rows: int) -> None:
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(-0.1, rows)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"], color=INK)
    axes.set_yticks([])
    axes.tick_params(length=0, pad=5)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(FAINT)
    axes.vlines([0, 0.25, 0.75, 1], -0.1, rows, colors=FAINT, linewidth=0.6)
    axes.vlines([0.5], -0.1, rows, colors=INK, linewidth=0.8, linestyles=(0, (4, 3)))


def _draw_row(axes: "Axes", place: int, finding: Finding) -> None:
    colour = FAIL if finding.status is Status.CONFIRMED else INK
    _draw_rate(axes, place + 0.45, finding.probes, colour, filled=True)
    _draw_rate(axes, place + 0.26, finding.control, CONTROL, filled=False)


def _draw_rate(axes: "Axes", place: float, counts: Counts, colour: str, *, filled: bool) -> None:
    if counts.rate is None:
        return
    axes.plot(counts.interval, [place, place], color=colour, linewidth=2.2, alpha=0.55, solid_capstyle="round")
    fill = colour if filled else "none"
    axes.plot([counts.rate], [place], "o", color=colour, markerfacecolor=fill, markersize=5.5, clip_on=False)


def svg_of(figure: "Figure") -> str:
    """Return a drawing as an SVG element, in stand-in colours."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    drawing = buffer.getvalue()
    return drawing[drawing.index("<svg") :]


def _placeholder(row: int) -> str:
    return f"title-{row:06d}-here"


def _put_titles(svg: str, findings: Sequence[Finding], letters: int) -> str:
    for row, finding in enumerate(findings):
        title = finding.title if len(finding.title) <= letters else finding.title[: letters - 1].rstrip() + "…"
        svg = svg.replace(_placeholder(row), html.escape(title), 1)
    return svg


def in_page_colours(svg: str) -> str:
    """Exchange the stand-in colours for the page's variables, and leave sizes and fonts to the page."""
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, variable)
    svg = re.sub(r"<g id=\"[^\"]*\"", "<g", svg)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(
        r"font: [^;\"]*?([\d.]+px) [^;\"]*|font-size: ([\d.]+px); font-family: [^;\"]*", r"font-size: \1\2", svg
    )
    return re.sub(
        r"<svg ([^>]*?)width=\"[^\"]*\"", r"<svg \1", re.sub(r" height=\"[\d.]+pt\"", "", svg, count=1), count=1
    )
