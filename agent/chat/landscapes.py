"""What a chat can say of a landscape that the audit explored: rates by what was changed, by class, and in all.

A question names places in plain words: a level ('5 times the brightness', 'typos', 'blue'), a factor ('blur', 'in the
dark') or a class. What it names is looked up; where it names nothing the worst and the best places are told. These are
the explorer's figures, by which hypotheses were found; verdicts come from experiments.
"""

import re
from collections.abc import Sequence

from pydantic import Field

from faultfinder.agent.landscape.opening import PICTURES
from faultfinder.agent.report.landscape_view import levels_of, say_action
from faultfinder.memory.landscape_records import ActionRate, Axis, Exploration, TopicRate
from faultfinder.memory.records import Record
from faultfinder.memory.regions import Level, say_levels

SHOWN = 5
"""Places shown of each kind where a question names none."""

MOST_TOPICS = 12
"""Classes shown at most."""

_CLASSES = frozenset(["class", "classes", "label", "labels", "topic", "topics", "kind", "kinds"])
_WORD = re.compile(r"-?\d+(?:\.\d+)?|[a-z][a-z-]*")
_LEFT_ASIDE = frozenset(
    """at by of the a an in on with times per cent side over over to and or is are how what does do it its as from when
    where which for under this that be not saved shown covered degrees level rate often much most many""".split()  # noqa: SIM905
)


class Place(Record):
    """One part of a landscape, with what the explorer met there."""

    what: str = Field(description="what is done to the inputs, or their class")
    fail: int = Field(description="answers tried there that were wrong")
    scored: int = Field(description="answers tried there that could be scored")
    rate: float = Field(description="failure rate, all actions there counted alike, drawn together with neighbours")
    low: float = Field(description="of one action: lower end of its 95 % interval; of several: the lowest rate")
    high: float = Field(description="of one action: upper end of its 95 % interval; of several: the highest rate")
    actions: int = Field(description="actions it holds")


class RegionSeen(Record):
    """A region that became a hypothesis."""

    what: str = Field(description="what is done to the inputs there")
    fail: int = Field(description="answers tried there that were wrong")
    scored: int = Field(description="answers tried there that could be scored")
    rate: float = Field(description="failure rate")
    outside: float = Field(description="failure rate everywhere else")


class LandscapeSeen(Record):
    """What a question about the landscape is answered from."""

    explorer: str = Field(description="who explored")
    task: str = Field(description="what the target was asked")
    noun: str = Field(description="what the inputs are")
    factors: tuple[str, ...] = Field(description="what was changed, each with its levels")
    queries: int = Field(description="changed inputs that were tried")
    inputs: int = Field(description="inputs set aside for exploring")
    overall: Place = Field(description="everything together")
    unchanged: Place | None = Field(description="inputs as they are; null where nothing leaves them so")
    asked: tuple[Place, ...] = Field(default=(), description="the places that the question names")
    worst: tuple[Place, ...] = Field(default=(), description="the worst actions, where the question names none")
    best: tuple[Place, ...] = Field(default=(), description="the best actions, likewise")
    classes: tuple[Place, ...] = Field(default=(), description="classes or topics, the worst first, likewise")
    regions: tuple[RegionSeen, ...] = Field(description="where most of the failures lie; these became hypotheses")


def look_at(found: Exploration, question: str) -> LandscapeSeen:
    """Return what a landscape says to a question.

    Args:
        found: the exploration.
        question: names levels, factors or classes in plain words, or nothing of the kind.
    """
    said = f" {' '.join(_WORD.findall(question.lower()))} "
    topics = [each for each in found.topics if len(found.topics) > 1 and f" {each.topic.lower()} " in said]
    asked = [*_places(found, said), *map(_topic, topics)]
    by_class, rates = bool(_CLASSES & set(said.split())), found.landscape.rates
    most = 0 if asked else MOST_TOPICS if by_class else SHOWN
    shown = 0 if asked or by_class else SHOWN
    order = sorted(range(len(rates)), key=lambda i: (-rates[i].rate, i))
    return LandscapeSeen(
        explorer=found.explorer,
        task=found.task,
        noun=found.noun,
        factors=tuple(f"{axis.factor}: {', '.join(map(_plain, axis.levels))}" for axis in found.axes),
        queries=found.queries,
        inputs=found.inputs,
        overall=_together("everything", rates),
        unchanged=None if found.neutral is None else _one("unchanged", rates[found.neutral]),
        asked=tuple(asked),
        worst=tuple(_one(say_action(found.axes, i), rates[i]) for i in order[:shown]),
        best=tuple(_one(say_action(found.axes, i), rates[i]) for i in order[::-1][:shown]),
        classes=tuple(map(_topic, found.topics[:most])) if len(found.topics) > 1 else (),
        regions=tuple(
            RegionSeen(what=_named(each.words, each.region.topics), fail=each.fail, scored=each.n, rate=each.rate,
                       outside=each.outside)
            for each in found.regions
        ),
    )  # fmt: skip


def _places(found: Exploration, said: str) -> list[Place]:
    """Return the levels that a question names: those that it says, else all of every factor that it speaks of."""
    places: list[Place] = []
    for number, axis in enumerate(found.axes):
        named = _levels_named(axis, said)
        places += [_level(found, number, level) for level in named]
    return places


def _levels_named(axis: Axis, said: str) -> list[int]:
    numbers = set(re.findall(r"-?\d+(?:\.\d+)?", said))
    spoken = _speaks_of(axis, said)
    if axis.ordered:
        exact = [i for i, level in enumerate(axis.levels) if spoken and _plain(level) in numbers]
        return exact or (list(range(len(axis.levels))) if spoken else [])
    exact = [i for i, level in enumerate(axis.levels) if f" {' '.join(_WORD.findall(str(level).lower()))} " in said]
    return exact or (list(range(len(axis.levels))) if spoken else [])


def _speaks_of(axis: Axis, said: str) -> bool:
    """Tell whether a question has a factor's name, a word of how its levels are said, or a word that stands for it."""
    _, others = PICTURES.get(axis.factor, (None, ()))
    told = [word for word in _WORD.findall(axis.say.replace("{level}", " ").lower()) if word not in _LEFT_ASIDE]
    return any(f" {word} " in said for word in {axis.factor.lower(), *others, *told})


def _level(found: Exploration, axis: int, level: int) -> Place:
    inside = [rate for number, rate in enumerate(found.landscape.rates) if levels_of(found.axes, number)[axis] == level]
    factor = found.axes[axis]
    told = factor.told[level] if factor.told else say_levels(factor.say, (factor.levels[level],))
    return _together(told, inside) if len(found.axes) > 1 else _one(told, inside[0])


def _together(what: str, rates: Sequence[ActionRate]) -> Place:
    each = [rate.rate for rate in rates]
    return Place(
        what=what,
        fail=sum(rate.fail for rate in rates),
        scored=sum(rate.n for rate in rates),
        rate=round(sum(each) / len(each), 4),
        low=min(each),
        high=max(each),
        actions=len(each),
    )


def _one(what: str, rate: ActionRate) -> Place:
    low, high = rate.interval
    return Place(what=what, fail=rate.fail, scored=rate.n, rate=rate.rate, low=low, high=high, actions=1)


def _topic(rate: TopicRate) -> Place:
    low, high = rate.interval
    return Place(what=rate.topic, fail=rate.fail, scored=rate.n, rate=rate.rate, low=low, high=high, actions=1)


def _named(words: str, topics: Sequence[str]) -> str:
    return f"{', '.join(topics)}: {words}" if topics else words


def _plain(level: Level) -> str:
    return f"{level:g}" if isinstance(level, int | float) else str(level)
