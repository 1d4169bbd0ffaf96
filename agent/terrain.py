"""What an audit explores where inputs are changed: a task, and which of its inputs serve what.

Inputs are split before anything is tried. An explorer sees one part; hypotheses are tested on another; a third is kept
for what comes after the audit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from faultfinder.agent.pictures.studio import Studio
from faultfinder.memory.records import Case, Observation, Outcome
from faultfinder.memory.regions import Change, Setting
from faultfinder.tools.tasks.task import Query, Reply, Task


@dataclass(frozen=True)
class Terrain:
    """A target at work on changed inputs.

    Attributes:
        task: What it is asked.
        exploring: Numbers of the inputs that an explorer may try.
        proving: Numbers of those on which hypotheses are tested.
        held_out: Numbers of those that this audit evaluates its explorer on, and never tests a hypothesis on.
        studio: Where the target paints what it is asked for; None where it does not.
    """

    task: Task
    exploring: tuple[int, ...]
    proving: tuple[int, ...]
    held_out: tuple[int, ...]
    studio: Studio | None = None

    def query(self, change: Change) -> Query:
        """Return the query that a change stands for.

        Raises:
            KeyError: there is no such input or action.
        """
        return Query(self._numbers[change.input], self.task.space.index(change.settings))

    def has(self, change: Change) -> bool:
        """Tell whether a change's input is there."""
        return change.input in self._numbers

    def change(self, query: Query) -> Change:
        """Return a query as it is kept."""
        settings: tuple[Setting, ...] = self.task.space.actions[query.action].settings
        return Change(input=self.task.examples[query.example].key, settings=settings)

    def observe(self, cases: Sequence[Case]) -> list[Observation]:
        """Ask the target about cases that change an input; return one observation per case.

        Raises:
            TargetError: the target fails at everything.
        """
        queries = [self.query(case.change) for case in cases if case.change]
        return [_observation(case, reply) for case, reply in zip(cases, self.task.ask(queries), strict=True)]

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {example.key: number for number, example in enumerate(self.task.examples)}


def _observation(case: Case, reply: Reply) -> Observation:
    fell = reply.outcome in (Outcome.FAIL, Outcome.PASS)
    return Observation(
        case=case.id,
        outcome=reply.outcome,
        severity=reply.severity,
        said=reply.said,
        detail="" if fell else reply.detail,
    )
