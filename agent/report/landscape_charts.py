"""Drawings of a landscape as SVG for a page: a curve for one factor, heat maps for more, and in three dimensions.

Rates are drawn as opacity of the page's colour of failures, so a drawing follows light and dark. Words are put in after
drawing where they come from a corpus or a user.
"""

import html
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from faultfinder.agent.report.charts import CONTROL, FAIL, FAINT, INK, Format, in_page_colours, svg_of
from faultfinder.agent.report.words import percent
from faultfinder.memory.landscape_records import Axis, Landscape
from faultfinder.memory.regions import say_levels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE, NARROW = Format("wide", 7.6, 60), Format("narrow", 3.6, 34)

STRONGEST = 0.6
"""Opacity of a cell in which everything fails: what is written in it stays readable."""

MOST_PANELS = 7
"""Panels side by side: levels of the first of three factors that are drawn."""

_SIDE = {"wide": 1.36, "narrow": 1.1}
"""Inches of a panel's side, at most."""

_ROW, _GAP, _HEAD = 0.24, 0.12, 0.55
"""Inches of a bar's row, between panels, and above and below a panel."""

_FITS, _ROOMY = 0.25, 0.33
"""Inches of a cell from which its rate is written in it: small, and in full size."""

Floats = npt.NDArray[np.float64]


def landscape_charts(axes: Sequence[Axis], landscape: Landscape, shape: Format) -> list[str]:
    """Draw a landscape in the ways that its factors allow, each an SVG element."""
    rates = np.array([each.rate for each in landscape.rates]).reshape([len(axis.levels) for axis in axes])
    if len(axes) == 1:
        return [curve({"": landscape}, axes[0], shape)] if axes[0].ordered else [bars(landscape, axes[0], shape)]
    if len(axes) == 2:
        return [panels(axes[0], axes[1], [("", rates)], shape)]
    if len(axes) == 3:
        first = axes[0]
        slices = [(f"{first.factor} {_levels(first)[i]}", rates[i]) for i in range(len(first.levels))][:MOST_PANELS]
        return [panels(axes[1], axes[2], slices, shape), in_space(axes, rates, shape)]
    return [
        panels(axes[i], axes[j], [("", _margin(rates, (i, j)))], shape)
        for i in range(len(axes))
        for j in range(i + 1, len(axes))
    ]


def shift_charts(axes: Sequence[Axis], drawn: Mapping[str, Landscape], shape: Format) -> list[str]:
    """Draw landscapes of the same actions for comparison: curves over one another, or heat maps side by side.

    Args:
        axes: the factors.
        drawn: landscapes by what they are called, such as before and after.
        shape: how wide.
    """
    if len(axes) == 1:
        if axes[0].ordered:
            return [curve(drawn, axes[0], shape)]
        return [bars(each, axes[0], shape) for each in drawn.values()]
    levels = [len(axis.levels) for axis in axes]
    rates = {name: np.array([each.rate for each in found.rates]).reshape(levels) for name, found in drawn.items()}
    return [
        panels(axes[i], axes[j], [(name, _margin(each, (i, j))) for name, each in rates.items()], shape)
        for i in range(len(axes))
        for j in range(i + 1, len(axes))
    ]


def curve(drawn: Mapping[str, Landscape], axis: Axis, shape: Format) -> str:
    """Draw failure rates over the levels of one factor, with their intervals; several landscapes over one another.

    Args:
        drawn: landscapes by what the legend calls them; the last is drawn in the colour of failures.
        axis: the factor, ordered.
        shape: how wide.
    """
    with _style("curve", shape):
        figure, axes = _figure(shape, 2.1)
        places = range(len(axis.levels))
        colours = [CONTROL] * (len(drawn) - 1) + [FAIL]
        for (name, each), colour in zip(drawn.items(), colours, strict=True):
            low, high = zip(*(rate.interval for rate in each.rates), strict=True)
            axes.fill_between(places, low, high, color=colour, alpha=0.18, linewidth=0)
            axes.plot(places, [rate.rate for rate in each.rates], "o-", color=colour, markersize=4, label=name or None)
        axes.set_ylim(-0.02, 1.02)
        axes.set_yticks([0, 0.5, 1], ["0", "50", "100 %"], color=INK)
        axes.set_xticks(list(places), _levels(axis))
        axes.axhline(0.5, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        _quiet(axes, axis.factor)
        if len(drawn) > 1:
            axes.legend(frameon=False, labelcolor=INK, loc="best")
        return _finished(figure, {})


def bars(landscape: Landscape, axis: Axis, shape: Format) -> str:
    """Draw failure rates of the levels of one factor without order, with their intervals, the worst on top."""
    order = sorted(range(len(axis.levels)), key=lambda i: landscape.rates[i].rate)
    with _style("bars", shape):
        figure, axes = _figure(shape, 0.5 + _ROW * len(order), left=0.42)
        for place, i in enumerate(order):
            each = landscape.rates[i]
            axes.plot(each.interval, [place, place], color=FAIL, linewidth=2.2, alpha=0.55, solid_capstyle="round")
            axes.plot([each.rate], [place], "o", color=FAIL, markersize=5)
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(-0.6, len(order) - 0.4)
        axes.set_xticks([0, 0.5, 1], ["0", "50", "100 %"], color=INK)
        axes.set_yticks(range(len(order)), [_placeholder(i) for i in order])
        axes.axvline(0.5, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        _quiet(axes, "")
        names = {_placeholder(i): _short(_level(axis, i), shape.letters // 2) for i in order}
        return _finished(figure, names)


def panels(down: Axis, across: Axis, rates: Sequence[tuple[str, Floats]], shape: Format) -> str:
    """Draw heat maps side by side, as many in a row as fit.

    Args:
        down: the factor whose levels go down.
        across: the factor whose levels go across.
        rates: title and rates, float64 (down, across), of every panel.
        shape: how wide.
    """
    from matplotlib.figure import Figure

    in_a_row = max(1, min(len(rates), int((shape.width - 0.7) / _SIDE[shape.name])))
    side = min(_SIDE[shape.name] if len(rates) > 1 else 2.4, (shape.width - 0.7) / in_a_row - _GAP)
    height = -(-len(rates) // in_a_row) * (side + _HEAD) + 0.1
    with _style("land", shape):
        figure = Figure(figsize=(shape.width, height))
        for number, (title, values) in enumerate(rates):
            row, column = divmod(number, in_a_row)
            left, bottom = 0.62 + column * (side + _GAP), height - (row + 1) * (side + _HEAD) + 0.32
            axes = figure.add_axes((left / shape.width, bottom / height, side / shape.width, side / height))
            _heat(axes, values, side)
            _ticks(axes, down, across, first=column == 0)
            axes.set_title(_placeholder(number) if title else "", color=INK, fontsize=8, pad=3)
        names = {_placeholder(number): _short(title, round(side * 13)) for number, (title, _) in enumerate(rates)}
        return _finished(figure, names)


def in_space(axes: Sequence[Axis], rates: Floats, shape: Format) -> str:
    """Draw three factors in space: a ball for every action, the larger the more often it fails."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with _style("space", shape):
        side = min(shape.width, 4.6)
        figure = Figure(figsize=(side, side * 0.86))
        drawing: Any = figure.add_axes((0.0, 0.02, 0.92, 0.98), projection="3d")
        x, y, z = (place.ravel() for place in np.indices(rates.shape))
        value = rates.ravel()
        colours = [(*mpl.colors.to_rgb(FAIL), 0.08 + 0.72 * each) for each in value]
        drawing.scatter(x, y, z, s=4 + 90 * value**2, c=colours, linewidths=0, depthshade=False)
        for axis, name in zip(axes, "xyz", strict=True):
            getattr(drawing, f"set_{name}ticks")(range(len(axis.levels)), _levels(axis))
            getattr(drawing, f"set_{name}label")(axis.factor, color=INK, labelpad=2)
            drawing.tick_params(axis=name, colors=INK, pad=0)
            pane = getattr(drawing, f"{name}axis")
            pane.set_pane_color((1, 1, 1, 0))
            pane.line.set_color(FAINT)
            pane._axinfo["grid"].update(color=FAINT, linewidth=0.6)
        return _finished(figure, {})


def _heat(axes: "Axes", values: Floats, side: float) -> None:
    from matplotlib.patches import Rectangle

    rows, columns = values.shape
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    fits = side / columns >= _FITS
    size = 7 if side / columns >= _ROOMY else 5.5
    for (row, column), value in np.ndenumerate(values):
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor=FAIL, alpha=STRONGEST * float(value), edgecolor="none"))
        axes.add_patch(Rectangle((column, row), 1, 1, fill=False, edgecolor=FAINT, linewidth=0.5))
        if fits:
            said = percent(float(value)).split("\u202f")[0]
            axes.text(column + 0.5, row + 0.5, said, color=INK, ha="center", va="center_baseline", size=size)


def _ticks(axes: "Axes", down: Axis, across: Axis, *, first: bool) -> None:
    axes.set_xticks([i + 0.5 for i in range(len(across.levels))], _levels(across), color=INK, size=7)
    axes.set_yticks([i + 0.5 for i in range(len(down.levels))], _levels(down) if first else [], color=INK, size=7)
    axes.set_xlabel(across.factor, color=INK, size=8, labelpad=2)
    if first:
        axes.set_ylabel(down.factor, color=INK, size=8, labelpad=2)
    axes.tick_params(length=0, pad=2)
    for spine in axes.spines.values():
        spine.set_color(FAINT)


def _style(name: str, shape: Format) -> "AbstractContextManager[None]":
    """Draw text as text, and the same bytes for the same landscape, within the block."""
    import matplotlib as mpl

    return mpl.rc_context(
        {"svg.fonttype": "none", "svg.hashsalt": f"faultfinder-{name}-{shape.name}", "font.size": 8.5}
    )


def _figure(shape: Format, height: float, left: float = 0.1) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(shape.width, height))
    return figure, figure.add_axes((left, 0.36 / height, 0.97 - left, (height - 0.5) / height))


def _quiet(axes: "Axes", label: str) -> None:
    axes.tick_params(length=0, pad=4, colors=INK)
    axes.set_xlabel(label, color=INK)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("bottom", "left"))
        spine.set_color(FAINT)


def _finished(figure: "Figure", names: Mapping[str, str]) -> str:
    svg = svg_of(figure)
    for placeholder, said in names.items():
        svg = svg.replace(placeholder, html.escape(said))
    return in_page_colours(svg)


def _margin(rates: Floats, kept: tuple[int, int]) -> Floats:
    """Average over all factors but two."""
    others = tuple(i for i in range(rates.ndim) if i not in kept)
    mean: Floats = rates.mean(axis=others)
    return mean


def _level(axis: Axis, number: int) -> str:
    return axis.told[number] if axis.told else say_levels(axis.say, (axis.levels[number],))


def _levels(axis: Axis) -> list[str]:
    return [f"{level:g}" if isinstance(level, float) else str(level) for level in axis.levels]


def _placeholder(number: int) -> str:
    return f"words-{number:06d}-here"


def _short(said: str, letters: int) -> str:
    return said if len(said) <= letters else said[: letters - 1].rstrip() + "…"
