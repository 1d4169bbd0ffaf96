"""Queries and their wall: what an explorer asks of a task, paid for once, and handed on as visits.

Knows nothing of explorers, environments or rewards to come. A look at an answer counts as a query whether or not the
target has to be asked again, so that two explorers of one budget have seen equally much.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from faultfinder.memory.errors import BudgetSpent, OptionError
from faultfinder.memory.landscape_records import Visit
from faultfinder.memory.records import Outcome
from faultfinder.tools.tasks.task import Example, Query, Reply, Task

Importance = Callable[[Example, int], float]
"""How much a failure of an example under an action (by index) matters, from 0 to 1; the same whenever it is asked."""

OnVisits = Callable[[Sequence[Visit]], None]
"""Is handed the new visits of a batch, in order; what it raises ends the exploration, nothing paid for being lost."""

_SCORED = (Outcome.FAIL, Outcome.PASS)


@dataclass(frozen=True)
class Choice:
    """An action chosen for an example, both by number.

    Attributes:
        example: The example.
        action: The action.
        propensity: Chance with which this action would have been chosen for this example, given all that was known
            when it was; None where chance had no part in it.
    """

    example: int
    action: int
    propensity: float | None = None


@dataclass(frozen=True)
class Answer:
    """What a query brought.

    Attributes:
        visit: The record of it.
        reward: Severity times importance, from 0 to 1; 0 where nothing was scored (INVALID, ERROR, UNSCORABLE).
    """

    visit: Visit
    reward: float


def everything_matters(example: Example, action: int) -> float:
    """Weigh every failure fully."""
    return 1.0


class Queries:
    """Asks a task within a budget, answering from earlier visits what was asked before.

    Explorers are deterministic, so that one that is resumed repeats its choices and finds them here: visits are
    matched by input and action in the order in which they were made, and only new ones are handed on. Should it choose
    otherwise nevertheless (another machine rounds differently), what was paid before counts against the budget too.
    """

    def __init__(
        self,
        task: Task,
        budget: int,
        *,
        exploration: str = "explore",
        memo: Iterable[Visit] = (),
        on_visits: OnVisits = lambda visits: None,
        importance: Importance = everything_matters,
    ) -> None:
        """Open a budget.

        Args:
            task: what is asked.
            budget: queries in all, those of earlier sittings included.
            exploration: id of the exploration, of which the visits' ids are made.
            memo: visits of earlier sittings of this exploration, in order.
            on_visits: is handed every new visit as soon as its batch is answered.
            importance: weighs rewards.

        Raises:
            OptionError: the budget is below 1, or two examples of the task have the same key.
        """
        if budget < 1:
            raise OptionError(f"an exploration needs a budget of at least 1 query, not {budget}")
        self.task, self.budget = task, budget
        self._keys = [example.key for example in task.examples]
        if len(set(self._keys)) != len(self._keys):
            raise OptionError(f"two inputs of {task.name} have the same key; give every input its own")
        self._exploration, self._on_visits, self._importance = exploration, on_visits, importance
        self._earlier: dict[tuple[int, int], deque[Visit]] = defaultdict(deque)
        self._replies: dict[tuple[int, int], Reply] = {}
        self._tried: dict[int, list[int]] = defaultdict(list)
        self._recorded = self._unmatched = self._answered = 0
        self._departed = False
        self._new: list[Visit] = []
        self._remember(memo)

    @property
    def spent(self) -> int:
        """Queries answered in this sitting."""
        return self._answered

    @property
    def left(self) -> int:
        """Queries left."""
        return max(0, self.budget - (self._recorded if self._departed else self._answered))

    def tried(self, example: int) -> Sequence[int]:
        """Return the actions whose answer for an example this sitting has seen."""
        return self._tried.get(example, ())

    def answer(self, choices: Sequence[Choice]) -> list[Answer]:
        """Return an answer per choice, in order; the target is asked, in one batch, only what it was not asked before.

        Raises:
            BudgetSpent: the choices would pass the wall; nothing is asked.
            TargetError: the target fails at everything.
        """
        if len(choices) > self.left:
            raise BudgetSpent(f"the budget of {self.budget} queries is spent")
        new = list(dict.fromkeys(place for c in choices if (place := (c.example, c.action)) not in self._replies))
        if new:
            self._replies.update(zip(new, self.task.ask([Query(*place) for place in new]), strict=True))
        answers = [self._answer(choice) for choice in choices]
        made, self._new = self._new, []
        if made:
            self._on_visits(made)
        return answers

    def _remember(self, memo: Iterable[Visit]) -> None:
        """Lay earlier visits out; those of inputs that the task no longer has count, and answer nothing."""
        numbers = {key: number for number, key in enumerate(self._keys)}
        for visit in memo:
            self._recorded += 1
            self._unmatched += 1
            if (example := numbers.get(visit.input)) is not None:
                self._earlier[example, visit.action].append(visit)
                self._replies[example, visit.action] = Reply(visit.outcome, visit.severity, visit.said)

    def _answer(self, choice: Choice) -> Answer:
        earlier = self._earlier.get((choice.example, choice.action))
        if earlier:
            visit = earlier.popleft()
            self._unmatched -= 1
        else:
            visit = self._record(choice)
        self._answered += 1
        self._tried[choice.example].append(choice.action)
        return Answer(visit, self._reward(choice, visit))

    def _record(self, choice: Choice) -> Visit:
        self._departed = self._departed or self._unmatched > 0
        self._recorded += 1
        reply = self._replies[choice.example, choice.action]
        visit = Visit(
            id=f"{self._exploration}-{self._recorded:05d}",
            exploration=self._exploration,
            input=self._keys[choice.example],
            action=choice.action,
            outcome=reply.outcome,
            severity=reply.severity,
            propensity=choice.propensity,
            said=reply.said,
        )
        self._new.append(visit)
        return visit

    def _reward(self, choice: Choice, visit: Visit) -> float:
        if visit.outcome not in _SCORED or visit.severity is None:
            return 0.0
        weight = self._importance(self.task.examples[choice.example], choice.action)
        if not 0.0 <= weight <= 1.0:
            raise OptionError(
                f"the importance of {visit.input!r} under action {choice.action} is {weight}, not in 0..1"
            )
        return visit.severity * weight
