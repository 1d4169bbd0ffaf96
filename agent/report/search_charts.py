"""The report's curve: different failures proven after each test of the audit, as SVG in the page's colours."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from faultfinder.agent.report.charts import FAIL, FAINT, INK, NARROW, Format, in_page_colours, svg_of
from faultfinder.agent.report.search_facts import CurvePoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST = 3
"""Tests below which there is no curve to draw."""

_HEIGHT = 2.3


def found_chart(curve: Sequence[CurvePoint], shape: Format) -> str:
    """Draw failures found against tests spent, a step where a test proved a new one."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": f"faultfinder-found-{shape.name}", "font.size": 8.5}):
        figure = Figure(figsize=(shape.width, _HEIGHT))
        axes = figure.add_axes((0.11 if shape is NARROW else 0.06, 0.2, 0.87 if shape is NARROW else 0.92, 0.72))
        _frame(axes, curve[-1])
        axes.step([0, *(p.tests for p in curve)], [0, *(p.found for p in curve)], where="post", color=FAIL, linewidth=2)
        new = [point for point in curve if point.new]
        axes.plot([p.tests for p in new], [p.found for p in new], "o", color=FAIL, markersize=4.5, clip_on=False)
        svg = svg_of(figure)
    return in_page_colours(svg)


def _frame(axes: "Axes", last: CurvePoint) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_xlim(0, last.tests)
    axes.set_ylim(0, max(1, last.found) * 1.06)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.tick_params(length=0, pad=5, colors=INK)
    axes.set_xlabel("tests", color=INK, loc="right")
    axes.grid(visible=True, axis="y", color=FAINT, linewidth=0.6)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(FAINT)
