"""What becomes of a landscape: the same held-out inputs under the same actions, asked of two models.

Every input under every action where that is affordable, else for every action the same number of inputs, drawn. How
often each action fails is pooled with its neighbours as in an audit. How far failures moved is the Wasserstein distance
of the two landscapes (`tools/landscape/shape.py`). What worsened is said by level of a factor, the rise paired by query
and its interval widened for the number of levels (Bonferroni).
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from faultfinder.agent.fading.records import Shift, Worsened
from faultfinder.agent.fading.scoring import change
from faultfinder.agent.landscape.mapping import axes_of
from faultfinder.memory.landscape_records import Visit
from faultfinder.memory.records import Outcome
from faultfinder.tools.actions.space import ActionSpace
from faultfinder.tools.landscape.measured import measure
from faultfinder.tools.landscape.shape import distance, shape
from faultfinder.tools.tasks.task import Query, Task

MOST_QUERIES = 3_000
"""Inputs under actions that each model is asked about."""

_AT_ONCE = 256
_SCORED = (Outcome.FAIL, Outcome.PASS)


@dataclass(frozen=True)
class Survey:
    """Which queries make the landscapes.

    Attributes:
        task: A model at work on changed inputs; whichever weights it has when it is asked.
        inputs: Numbers of the held-out inputs.
        queries: Those that are asked, the same of every model.
    """

    task: Task
    inputs: Sequence[int]
    queries: Sequence[Query]

    @property
    def exhaustive(self) -> bool:
        """Tell whether every input is asked about under every action."""
        return len(self.queries) == len(self.inputs) * len(self.task.space)

    def ask(self, tell: Callable[[int, int], None]) -> list[Visit]:
        """Ask the model as it is now; `tell` hears how many queries are done.

        Raises:
            TargetError: the model fails at everything.
        """
        found: list[Visit] = []
        for start in range(0, len(self.queries), _AT_ONCE):
            part = self.queries[start : start + _AT_ONCE]
            for query, reply in zip(part, self.task.ask(part), strict=True):
                found.append(
                    Visit(
                        id=f"shift-{len(found) + 1:05d}",
                        exploration="shift",
                        input=self.task.examples[query.example].key,
                        action=query.action,
                        outcome=reply.outcome,
                        severity=reply.severity,
                    )
                )
            tell(len(found), len(self.queries))
        return found

    def shift(self, before: Sequence[Visit], after: Sequence[Visit]) -> Shift:
        """Compare what two models were asked."""
        space = self.task.space
        then, now = measure(space, before), measure(space, after)
        return Shift(
            axes=axes_of(space),
            inputs=len(self.inputs),
            queries=len(self.queries),
            exhaustive=self.exhaustive,
            before=then,
            after=now,
            shape_before=shape(space, then),
            shape_after=shape(space, now),
            distance=round(distance(space, then, now), 6),
            worsened=_worsened(space, before, after),
        )


def survey(task: Task, inputs: Sequence[int], seed: int, most: int = MOST_QUERIES) -> Survey:
    """Choose what is asked: everything where that is affordable, else as many inputs of every action, drawn."""
    actions = len(task.space)
    rng = random.Random(f"{seed} survey")
    if len(inputs) * actions <= most:
        queries = [Query(number, action) for action in range(actions) for number in inputs]
    elif actions <= most:
        queries = [Query(n, action) for action in range(actions) for n in rng.sample(list(inputs), most // actions)]
    else:
        queries = [Query(rng.choice(inputs), action) for action in sorted(rng.sample(range(actions), most))]
    return Survey(task, tuple(inputs), tuple(queries))


def _worsened(space: ActionSpace, before: Sequence[Visit], after: Sequence[Visit]) -> Worsened | None:
    """Return the level of a factor at which failures became most frequent; None where none did at any."""
    pairs = [(one, other) for one, other in zip(before, after, strict=True) if _both_scored(one, other)]
    levels = [(factor, level) for factor in space.factors for level in factor.levels]
    risen: list[Worsened] = []
    for factor, level in levels:
        inside = set(space.where({factor.name: [level]}))
        then, now = (
            np.array([float(pair[side].outcome is Outcome.FAIL) for pair in pairs if pair[side].action in inside])
            for side in (0, 1)
        )
        rise = change(then, now, among=len(levels))
        if len(then) and rise.value > 0:
            risen.append(
                Worsened(
                    factor=factor.name,
                    level=level,
                    said=f"{factor.name} unchanged" if level == factor.neutral else factor.told(level),
                    before=round(float(then.mean()), 6),
                    after=round(float(now.mean()), 6),
                    low=round(rise.low, 6),
                    high=round(rise.high, 6),
                )
            )
    return max(risen, key=lambda each: each.after - each.before, default=None)


def _both_scored(one: Visit, other: Visit) -> bool:
    return one.outcome in _SCORED and other.outcome in _SCORED
