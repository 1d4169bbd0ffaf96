"""One exploration of an audit: run, resumed after a kill, and summed up as a landscape with its regions."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from faultfinder.agent.context import AuditContext
from faultfinder.agent.events import EventKind
from faultfinder.agent.judge import wilson
from faultfinder.agent.landscape.weighing import Weigher, weigh
from faultfinder.agent.terrain import Terrain
from faultfinder.memory.landscape_records import Axis, Exploration, Greedy, TopicRate, Visit
from faultfinder.memory.records import Outcome
from faultfinder.tools.actions.space import ActionSpace, Factor
from faultfinder.tools.explorers.environment import Macroscopic, Microscopic
from faultfinder.tools.explorers.explorer import Policy
from faultfinder.tools.explorers.queries import Queries as Asking
from faultfinder.tools.explorers.queries import everything_matters
from faultfinder.tools.explorers.registry import open_explorer, with_floor
from faultfinder.tools.landscape.measured import measure, weights
from faultfinder.tools.landscape.pooling import pool_groups
from faultfinder.tools.landscape.regions import Queries, RegionSearch
from faultfinder.tools.landscape.shape import shape
from faultfinder.tools.tasks.task import Query, Task

MOST_REGIONS = 8
"""Regions of one exploration that become hypotheses: as many as are tested side by side."""

TOLD_EVERY = 64
"""Queries between two words about progress."""

MOST_GREEDY = 200
"""Held-out inputs on which an explorer shows what it has learnt."""

UNCHANGED = 100
"""Inputs that the target is asked about as they are."""

SPREAD = 0.5
"""Share of the queries that go evenly over all actions, whatever an explorer has learnt: it would else see much of what
fails most, and too little of other regions to tell them (`bench/planted_regions.py`). Exploring by what people mind, or
by small steps, it keeps to its own, smaller share."""

_SCORED = (Outcome.FAIL, Outcome.PASS)


def explore(context: AuditContext, terrain: Terrain, explorer: str, queries: int) -> Exploration:
    """Run an exploration, or go on with one that a kill cut off; what was asked before is not asked again.

    Where people have rated failures, it is weighed by how much these matter.

    Raises:
        OptionError: there is no explorer of that name.
        BudgetSpent: a limit is reached; what was asked is kept.
    """
    chosen = open_explorer(explorer)
    number = 1 + len(context.ledger.all(Exploration))
    diary = _Diary(context, f"explore-{number}", queries)
    weighing = weigh(context, terrain, diary.name)
    if weighing is None and not context.settings.small_steps:
        chosen = with_floor(chosen, SPREAD)
    by = ", by what people mind" if weighing else ""
    context.tell(EventKind.STAGE, f"exploring {terrain.task.space.name} with {chosen.name}, {queries} queries{by}")
    matters = weighing.weight if weighing else everything_matters
    asking = Asking(
        terrain.task, queries, exploration=diary.name, memo=diary.known, on_visits=diary.note, importance=matters
    )
    environment = Microscopic if context.settings.small_steps else Macroscopic
    policy = chosen.explore(environment(asking, terrain.exploring), context.settings.seed + number)
    diary.tell()
    unchanged = _unchanged(context, terrain, diary.name)
    found = summed_up(diary.name, chosen.name, terrain, diary.visits, unchanged, weighing).model_copy(
        update={"greedy": _greedy(terrain, policy, context.settings.seed)}
    )
    found = weighing.told(found, diary.visits) if weighing else found
    context.ledger.save([found])
    return found


def _unchanged(context: AuditContext, terrain: Terrain, exploration: str) -> list[Visit]:
    """Ask about some inputs as they are, beside what the explorer tries: what every change is compared with."""
    neutral = terrain.task.space.neutral
    if neutral is None:
        return []
    inputs = terrain.exploring[:UNCHANGED]
    replies = terrain.task.ask([Query(number, neutral) for number in inputs])
    visits = [
        Visit(
            id=f"{exploration}-unchanged-{count:04d}",
            exploration=f"{exploration}-unchanged",
            input=terrain.task.examples[number].key,
            action=neutral,
            outcome=reply.outcome,
            severity=reply.severity,
            said=reply.said,
        )
        for count, (number, reply) in enumerate(zip(inputs, replies, strict=True), start=1)
    ]
    context.ledger.save(visits)
    return visits


class _Diary:
    """Keeps the visits of one exploration as they come, tells progress, and stops where the budget says so."""

    def __init__(self, context: AuditContext, name: str, queries: int) -> None:
        self.name = name
        self.known = [visit for visit in context.ledger.all(Visit) if visit.exploration == name]
        self.visits = list(self.known)
        self._context, self._queries = context, queries

    def note(self, made: Sequence[Visit]) -> None:
        """Keep a batch as soon as it is answered: a kill loses no more than the one in flight."""
        before = len(self.visits)
        self.visits += made
        self._context.ledger.save(made)
        if len(self.visits) // TOLD_EVERY > before // TOLD_EVERY:
            self.tell()
        self._context.budget.check()

    def tell(self) -> None:
        """Say how far the exploration is."""
        self._context.tell(EventKind.PROGRESS, "changed inputs tried", len(self.visits), self._queries)


def summed_up(
    name: str,
    explorer: str,
    terrain: Terrain,
    made: Sequence[Visit],
    unchanged: Sequence[Visit] = (),
    weigher: Weigher | None = None,
) -> Exploration:
    """Return what visits show.

    Args:
        name: id of the exploration.
        explorer: who chose.
        terrain: what was explored.
        made: all that the explorer made.
        unchanged: what was asked about inputs as they are, beside.
        weigher: says how much failures matter, where people have rated some: regions are those of what matters.
    """
    task, visits = terrain.task, [*made, *unchanged]
    topics = _topics(task, visits)
    landscape = measure(task.space, visits)
    asked = Queries.of(task.space, visits, topics, weigher.matters(visits) if weigher else None)
    return Exploration(
        id=name,
        explorer=explorer,
        task=task.name,
        noun=task.noun,
        scoring=task.scoring,
        axes=axes_of(task.space),
        neutral=task.space.neutral,
        inputs=len(terrain.exploring),
        queries=len(made),
        unchanged=len(unchanged),
        landscape=landscape,
        shape=shape(task.space, landscape),
        topics=topic_rates(task.space, visits, topics),
        regions=tuple(RegionSearch(task.space, task.noun).find(name, asked, MOST_REGIONS)),
    )


def axes_of(space: ActionSpace) -> tuple[Axis, ...]:
    """Return a space's factors as they are kept."""
    return tuple(_axis(f) for f in space.factors)


def _axis(factor: Factor) -> Axis:
    told = tuple(map(factor.told, factor.levels))
    return Axis(factor=factor.name, levels=factor.levels, say=factor.say, told=told, neutral=factor.neutral)


def topic_rates(space: ActionSpace, visits: Sequence[Visit], topics: Sequence[str]) -> tuple[TopicRate, ...]:
    """Return the failure rate of every topic, partially pooled, the worst first."""
    scored = [(visit, topic) for visit, topic in zip(visits, topics, strict=True) if visit.outcome in _SCORED]
    rows: dict[str, list[tuple[bool, float]]] = defaultdict(list)
    for (visit, topic), weight in zip(scored, weights(len(space), [visit for visit, _ in scored]), strict=True):
        rows[topic].append((visit.outcome is Outcome.FAIL, float(weight)))
    names = sorted(rows)
    total = np.array([sum(w for _, w in rows[name]) for name in names])
    squares = np.array([sum(w**2 for _, w in rows[name]) for name in names])
    fails = np.array([sum(w for hit, w in rows[name] if hit) for name in names])
    n = total**2 / squares if names else total
    pooled = pool_groups(n, n * fails / total if names else fails)
    rates = [
        TopicRate(
            topic=name,
            n=len(rows[name]),
            fail=sum(hit for hit, _ in rows[name]),
            rate=round(float(pooled.rate[i]), 6),
            interval=(round(float(pooled.low[i]), 6), round(float(pooled.high[i]), 6)),
        )
        for i, name in enumerate(names)
    ]
    return tuple(sorted(rates, key=lambda each: (-each.rate, each.topic)))


def _topics(task: Task, visits: Sequence[Visit]) -> list[str]:
    by_key = {example.key: example.topic for example in task.examples}
    return [by_key[visit.input] for visit in visits]


def _greedy(terrain: Terrain, policy: Policy, seed: int) -> Greedy | None:
    """Try what the explorer takes for the worst action on inputs that it has never seen; None where there are none."""
    inputs = terrain.held_out[:MOST_GREEDY]
    if not inputs:
        return None
    chosen = policy.choose(terrain.task.states(inputs))
    drawn = np.random.default_rng(seed).integers(len(terrain.task.space), size=len(inputs))
    worst, chance = (
        terrain.task.ask([Query(number, int(action)) for number, action in zip(inputs, actions, strict=True)])
        for actions in (chosen, drawn)
    )
    scored, by_chance = ([r.outcome for r in replies if r.outcome in _SCORED] for replies in (worst, chance))
    fail = scored.count(Outcome.FAIL)
    return Greedy(
        inputs=len(scored),
        fail=fail,
        interval=wilson(fail, len(scored)),
        by_chance=by_chance.count(Outcome.FAIL) / len(by_chance) if by_chance else 0.0,
    )
