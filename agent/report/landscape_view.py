"""What the report says of explorations: the landscape in pictures and numbers, its regions, what was learnt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faultfinder.agent.report import words
from faultfinder.agent.report.landscape_charts import NARROW, WIDE, landscape_charts
from faultfinder.memory.landscape_records import Axis, Exploration, TopicRate
from faultfinder.memory.regions import say_levels

if TYPE_CHECKING:
    from markupsafe import Markup

TOPICS_SHOWN = 12
"""Topics in the table, the worst ones; `findings.json` has them all."""

ACTIONS_SHOWN = 10
"""Actions in the table, the worst ones."""


@dataclass(frozen=True)
class ActionRow:
    """One action with what was measured of it."""

    said: str
    rate: str
    of: str
    invalid: int


@dataclass(frozen=True)
class RegionRow:
    """One region of failure, as it was found."""

    said: str
    rate: str
    of: str
    outside: str
    share: str


@dataclass(frozen=True)
class LandscapeView:
    """One exploration, ready to be set."""

    heading: str
    sentences: tuple[str, ...]
    charts: tuple[tuple[str, "Markup"], ...]
    shaded: bool
    regions: tuple[RegionRow, ...]
    worst: tuple[ActionRow, ...]
    actions: int
    topics: tuple[TopicRate, ...]
    topics_left_out: int
    scoring: str


def landscape_views(explorations: Sequence[Exploration]) -> list[LandscapeView]:
    """Say and draw every exploration of an audit."""
    return [_view(exploration) for exploration in explorations]


def overview(found: Exploration) -> str:
    """Say in a sentence how often a target fails over a landscape, and whether any part of it stands out."""
    rates = found.landscape.rates
    as_they_are = None if found.neutral is None else words.percent(rates[found.neutral].rate)
    unchanged = f" unchanged {found.noun} fail at {as_they_are}," if as_they_are else ""
    flat = "" if found.regions else "; no part stands out from the rest"
    return (
        f"{words.plural(found.queries, 'changed input')} explored:{unchanged} all {len(rates)} actions taken alike at "
        f"{words.percent(found.landscape.mean)}{flat}"
    )


def say_action(axes: Sequence[Axis], number: int) -> str:
    """Say what an action does, by its number."""
    told = [
        axis.told[level] if axis.told else say_levels(axis.say, (axis.levels[level],))
        for axis, level in zip(axes, levels_of(axes, number), strict=True)
        if axis.levels[level] != axis.neutral
    ]
    return ", ".join(told) or "unchanged"


def levels_of(axes: Sequence[Axis], number: int) -> tuple[int, ...]:
    """Return which level of each factor an action has, by its number: the last factor runs fastest."""
    return tuple(int(level) for level in np.unravel_index(number, [len(axis.levels) for axis in axes]))


def _view(found: Exploration) -> LandscapeView:
    from markupsafe import Markup

    weighed = ", explored by what people mind" if found.importance else ""
    charts = [
        (shape.name, Markup(chart))
        for shape in (WIDE, NARROW)
        for chart in landscape_charts(found.axes, found.landscape, shape)
    ]
    return LandscapeView(
        heading=f"{' by '.join(axis.factor for axis in found.axes)}{weighed}: {found.task}",
        sentences=tuple(_sentences(found)),
        charts=tuple(charts),
        shaded=len(found.axes) > 1,
        regions=tuple(_region_rows(found)),
        worst=tuple(_worst(found)),
        actions=len(found.landscape.rates),
        topics=found.topics[:TOPICS_SHOWN] if len(found.topics) > 1 else (),
        topics_left_out=max(0, len(found.topics) - TOPICS_SHOWN),
        scoring=found.scoring,
    )


def _sentences(found: Exploration) -> list[str]:
    rates, drawn = found.landscape.rates, found.shape
    fails, n = sum(each.fail for each in rates), sum(each.n for each in rates)
    invalid, other = sum(each.invalid for each in rates), sum(each.other for each in rates)
    said = [
        f"{found.explorer} tried {words.plural(found.queries, 'changed input')} out of "
        f"{words.plural(found.inputs, 'input')} set aside for exploring, under {words.plural(len(rates), 'action')}; "
        f"{found.unchanged} more were asked about as they are. Of all this "
        f"{fails} of {n} scored answers were wrong; {invalid} {found.noun} were left out because no person could have "
        f"read them, {other} could not be scored. Averaged over all actions alike the failure rate is "
        f"{words.percent(found.landscape.mean)}."
    ]
    if found.neutral is not None:
        unchanged = rates[found.neutral]
        said.append(
            f"Unchanged {found.noun} fail at {words.percent(unchanged.rate)} ({words.span(unchanged.interval)})."
        )
    said.append(
        f"Failures have an entropy of {drawn.entropy:.2f} bits over the actions, of {drawn.flat:.2f} if they were "
        f"spread evenly, and {words.plural(len(drawn.peaks), 'peak')} that "
        f"{'stands' if len(drawn.peaks) == 1 else 'stand'} out"
        + (f": {'; '.join(say_action(found.axes, peak) for peak in drawn.peaks[:4])}." if drawn.peaks else ".")
    )
    if found.greedy:
        rate = found.greedy.fail / found.greedy.inputs if found.greedy.inputs else None
        said.append(
            f"On {words.plural(found.greedy.inputs, 'input')} that it had never seen, the action that the explorer "
            f"takes for the worst fails at {words.percent(rate)} ({words.span(found.greedy.interval)}), actions drawn "
            f"at random at {words.percent(found.greedy.by_chance)}."
        )
    return said


def _region_rows(found: Exploration) -> list[RegionRow]:
    rows = []
    for each in found.regions:
        topics = f"{found.noun} of {', '.join(each.region.topics)}" if each.region.topics else ""
        rows.append(
            RegionRow(
                said=", ".join(filter(None, (topics, each.words))),
                rate=words.percent(each.rate),
                of=f"{each.fail} of {each.n}",
                outside=words.percent(each.outside),
                share=words.percent(each.share),
            )
        )
    return rows


def _worst(found: Exploration) -> list[ActionRow]:
    rates = found.landscape.rates
    order = sorted(range(len(rates)), key=lambda i: (-rates[i].rate, i))[:ACTIONS_SHOWN]
    return [
        ActionRow(
            said=say_action(found.axes, i),
            rate=words.percent(rates[i].rate),
            of=f"{rates[i].fail} of {rates[i].n} · {words.span(rates[i].interval)}",
            invalid=rates[i].invalid,
        )
        for i in order
    ]
