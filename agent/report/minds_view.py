"""What the report says of people's ratings: what they mind, where attention moved, and what was left."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from faultfinder.agent.report import words
from faultfinder.agent.report.landscape_charts import NARROW, WIDE, bars, curve, landscape_charts
from faultfinder.memory.landscape_records import (
    MINDED,
    ActionRate,
    Axis,
    Exploration,
    FailingRegion,
    ImportanceFound,
    Landscape,
    LevelImportance,
)
from faultfinder.memory.regions import Level, say_levels

if TYPE_CHECKING:
    from markupsafe import Markup

    from faultfinder.agent.report.charts import Format

MOST_MAPPED = 3
"""Factors of which importance is drawn as heat maps; by single factors it always is."""


@dataclass(frozen=True)
class LevelRow:
    """One level of one factor."""

    said: str
    importance: str
    failing: str
    before: str
    after: str


@dataclass(frozen=True)
class LeftRow:
    """A region of failure that people mind little."""

    said: str
    rate: str
    importance: str


@dataclass(frozen=True)
class MindsView:
    """What people mind, ready to be set."""

    sentences: tuple[str, ...]
    curves: tuple[tuple[str, "Markup"], ...]
    maps: tuple[tuple[str, "Markup"], ...]
    levels: tuple[LevelRow, ...]
    left: tuple[LeftRow, ...]


def minds_view(explorations: Sequence[Exploration]) -> MindsView | None:
    """Say and draw the last exploration that was weighed by ratings; None where there is none."""
    found = next((each for each in reversed(explorations) if each.importance), None)
    if found is None or found.importance is None:
        return None
    told = found.importance
    return MindsView(
        sentences=tuple(_sentences(found, told)),
        curves=tuple(_drawn(found, told, maps=False)),
        maps=tuple(_drawn(found, told, maps=True)) if 1 < len(found.axes) <= MOST_MAPPED else (),
        levels=tuple(_level_rows(found, told)),
        left=tuple(_left_row(found, each) for each in told.left),
    )


def _sentences(found: Exploration, told: ImportanceFound) -> Iterator[str]:
    people = words.plural(told.raters, "person", "people")
    yield (
        f"{words.plural(told.ratings, 'rating')} by {people}, from 1 (does not matter) to 10 (must not happen), taught "
        f"a model how much a failure matters, from 0 to 1; a single rating lies about {told.noise:.2f} from it. "
        f"{found.explorer} then explored again, paid by severity times importance."
    )
    if told.unreadable:
        one = told.unreadable == 1
        yield (
            f"Of the changed {found.noun} that people were shown, {told.unreadable} could not be read or judged; "
            f"{'it counts' if one else 'they count'} as invalid."
        )
    yield _attention(found, told)
    yield from _minded_levels(found, told)


def _attention(found: Exploration, told: ImportanceFound) -> str:
    if told.minded_actions == 0:
        return (
            "People mind none of these failures much: under no action has a failure an importance of one half or more. "
            "Nothing is hidden for that: every region of failure is named below."
        )
    if told.minded_actions == 1:
        return "People mind failures under every action: none has an importance below one half."
    return (
        f"{found.explorer} spent {words.percent(told.minded)} of its queries on actions whose failures people mind "
        f"(importance of at least one half; {words.percent(told.minded_actions)} of all actions), and "
        f"{words.percent(told.minded_before)} before it knew of any rating."
    )


def _minded_levels(found: Exploration, told: ImportanceFound) -> Iterator[str]:
    """Say for every factor of which people mind some levels and not others how attention moved to these."""
    for axis in found.axes:
        own = [each for each in told.levels if each.factor == axis.factor]
        minded = [each for each in own if each.mean >= MINDED]
        if 0 < len(minded) < len(own):
            after, before = sum(each.queries for each in minded), sum(each.before for each in minded)
            yield (
                f"Of {axis.factor}, people mind failures {_said(axis, minded)}: {words.percent(after)} of the queries "
                f"were spent there, {words.percent(before)} before the ratings."
            )


def _said(axis: Axis, minded: Sequence[LevelImportance]) -> str:
    """Say some levels, as a range only where no level lies between."""
    numbers = [axis.levels.index(each.level) for each in minded]
    levels = tuple(each.level for each in minded)
    if all(b - a == 1 for a, b in pairwise(numbers)):
        return say_levels(axis.say, levels)
    return " or ".join(say_levels(axis.say, (level,)) for level in levels)


def _level_rows(found: Exploration, told: ImportanceFound) -> Iterator[LevelRow]:
    rates = {(axis.factor, level): each.rate for axis in found.axes for level, each in _by_level(found, axis)}
    says = {axis.factor: axis.say for axis in found.axes}
    for each in told.levels:
        yield LevelRow(
            said=say_levels(says[each.factor], (each.level,)),
            importance=_importance(each.mean, each.sd),
            failing=words.percent(rates[each.factor, each.level]),
            before=words.percent(each.before),
            after=words.percent(each.queries),
        )


def _left_row(found: Exploration, region: FailingRegion) -> LeftRow:
    topics = f"{found.noun} of {', '.join(region.region.topics)}" if region.region.topics else ""
    return LeftRow(
        said=", ".join(filter(None, (topics, region.words))) or f"any changed {found.noun}",
        rate=f"{words.percent(region.rate)} ({region.fail} of {region.n})",
        importance=f"{region.importance or 0.0:.2f}",
    )


def _importance(mean: float, sd: float) -> str:
    return f"{mean:.2f} \u00b1 {sd:.2f}"


def _drawn(found: Exploration, told: ImportanceFound, *, maps: bool) -> Iterator[tuple[str, "Markup"]]:
    from markupsafe import Markup

    for shape in (WIDE, NARROW):
        for drawing in _maps(found, told, shape) if maps else _curves(found, told, shape):
            yield shape.name, Markup(drawing)


def _curves(found: Exploration, told: ImportanceFound, shape: "Format") -> Iterator[str]:
    """Draw importance and failure rate over the levels of every factor."""
    for axis in found.axes:
        own = [each for each in told.levels if each.factor == axis.factor]
        minded = _as_landscape([(each.mean, each.mean - each.sd, each.mean + each.sd) for each in own])
        failing = _as_landscape([(each.rate, *each.interval) for _, each in _by_level(found, axis)])
        if axis.ordered:
            yield curve({"importance": minded, "failure rate": failing}, axis, shape)
        else:
            yield bars(minded, axis, shape)


def _maps(found: Exploration, told: ImportanceFound, shape: "Format") -> list[str]:
    spread = zip(told.means, told.sds, strict=True)
    return landscape_charts(found.axes, _as_landscape([(m, m - s, m + s) for m, s in spread]), shape)[:1]


def _by_level(found: Exploration, axis: Axis) -> Iterator[tuple[Level, ActionRate]]:
    """Average what was measured over all actions at each level of a factor."""
    shape = [len(each.levels) for each in found.axes]
    numbers = np.arange(len(found.landscape.rates)).reshape(shape)
    for place, level in enumerate(axis.levels):
        own = [found.landscape.rates[i] for i in np.take(numbers, place, found.axes.index(axis)).ravel()]
        low, high = (float(np.mean([each.interval[end] for each in own])) for end in (0, 1))
        yield (
            level,
            own[0].model_copy(update={"rate": float(np.mean([each.rate for each in own])), "interval": (low, high)}),
        )


def _as_landscape(values: Sequence[tuple[float, float, float]]) -> Landscape:
    """Lay numbers from 0 to 1 out as rates are drawn: each with the ends of its interval."""
    rates = tuple(
        ActionRate(
            n=0, fail=0, invalid=0, other=0, rate=value, interval=(max(0.0, low), min(1.0, high)), severity=0.0
        )
        for value, low, high in values
    )  # fmt: skip
    return Landscape(rates=rates, reach=0.0, strength=0.0, mean=float(np.mean([value for value, _, _ in values])))
