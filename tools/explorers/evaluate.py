"""How well an explorer does: what it finds on the way, and what its policy is worth on inputs it never saw.

Policies are applied greedily. Explorers are compared at the same budget, each over several seeds; every figure comes
with the standard error of its mean over seeds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faultfinder.memory.errors import OptionError
from faultfinder.memory.landscape_records import Visit
from faultfinder.memory.records import Outcome
from faultfinder.tools.explorers.environment import Environment
from faultfinder.tools.explorers.explorer import Explorer, Policy
from faultfinder.tools.explorers.queries import OnVisits
from faultfinder.tools.tasks.task import Query, Reply, Task

Floats = npt.NDArray[np.float64]
World = Callable[[OnVisits], Environment]
"""Opens an unspent environment, always of the same task, inputs and budget, whose visits go to what it is given."""


@dataclass(frozen=True)
class Held:
    """What a policy's choices brought on held-out inputs.

    Attributes:
        failure_rate: Share of inputs on which the target failed; what was not scored did not fail.
        severity: Mean severity, 0 where nothing was scored.
        actions: The action chosen for each input.
        replies: What came of it.
    """

    failure_rate: float
    severity: float
    actions: tuple[int, ...]
    replies: tuple[Reply, ...]


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds.

    Attributes:
        mean: The mean.
        error: Its standard error; None of one seed.
    """

    mean: float
    error: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> "Estimate":
        """Take the mean of one value a seed."""
        error = float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
        return cls(float(np.mean(values)), error)


@dataclass(frozen=True)
class Scores:
    """How an explorer did, over seeds.

    Attributes:
        explorer: Its name.
        queries: Queries of each run.
        seeds: The seeds.
        found: Different failures (an input under an action) found per query.
        failure_rate: Share of held-out inputs on which the policy's choice fails.
        severity: Mean severity of the policy's choices on held-out inputs.
        regret: Mean over held-out inputs of the worst severity under any action less that of the choice; None where
            the truth is not known.
    """

    explorer: str
    queries: int
    seeds: tuple[int, ...]
    found: Estimate
    failure_rate: Estimate
    severity: Estimate
    regret: Estimate | None


def held_out(policy: Policy, task: Task, examples: Sequence[int]) -> Held:
    """Apply a policy greedily to inputs that were kept from it; each costs one query of the target.

    Raises:
        OptionError: there are no inputs.
        TargetError: the target fails at everything.
    """
    if not examples:
        raise OptionError("a policy is evaluated on held-out inputs, and there are none")
    actions = [int(action) for action in policy.choose(task.states(examples))]
    replies = task.ask([Query(example, action) for example, action in zip(examples, actions, strict=True)])
    failed = [reply.outcome is Outcome.FAIL for reply in replies]
    return Held(float(np.mean(failed)), float(np.mean(severities(replies))), tuple(actions), tuple(replies))


def severities(replies: Sequence[Reply]) -> Floats:
    """Return the severity of replies, float64 (n,), 0 where nothing was scored."""
    scored = [reply.severity if reply.outcome in (Outcome.FAIL, Outcome.PASS) else None for reply in replies]
    return np.array([severity or 0.0 for severity in scored], dtype=np.float64)


def regret(held: Held, truth: Floats) -> float:
    """Return what choices missed: the mean of the worst severity under any action less that of the choice.

    Args:
        held: the choices.
        truth: severity of the same inputs under every action, (n, actions), 0 where nothing is scored.

    Raises:
        OptionError: the table is not of these inputs.
    """
    if len(truth) != len(held.actions):
        raise OptionError(f"a table of {len(truth)} inputs does not belong to {len(held.actions)} choices")
    return float((truth.max(axis=1) - severities(held.replies)).mean())


def failures(visits: Sequence[Visit]) -> int:
    """Count different failures: inputs under actions, each once however often it was visited."""
    return len({(visit.input, visit.action) for visit in visits if visit.outcome is Outcome.FAIL})


def score(
    explorer: Explorer, world: World, examples: Sequence[int], seeds: Sequence[int], truth: Floats | None = None
) -> Scores:
    """Run an explorer once a seed and score it.

    Args:
        explorer: the explorer.
        world: opens the environment anew for every seed.
        examples: inputs held out, not among the environment's.
        seeds: at least one.
        truth: see `regret`.

    Raises:
        OptionError: there are no seeds or held-out inputs, or one of them was explored with.
        ExplorerError: the explorer was to learn and did not.
    """
    if not seeds:
        raise OptionError("an explorer is scored over seeds, and there are none")
    runs = [_run(explorer, world, examples, seed) for seed in seeds]
    return Scores(
        explorer.name,
        len(runs[0].visits),
        tuple(seeds),
        Estimate.of([failures(run.visits) / len(run.visits) for run in runs]),
        Estimate.of([run.held.failure_rate for run in runs]),
        Estimate.of([run.held.severity for run in runs]),
        None if truth is None else Estimate.of([regret(run.held, truth) for run in runs]),
    )


@dataclass(frozen=True)
class _Run:
    visits: list[Visit]
    held: Held


def _run(explorer: Explorer, world: World, examples: Sequence[int], seed: int) -> _Run:
    visits: list[Visit] = []
    environment = world(visits.extend)
    if seen := set(examples) & set(environment.examples):
        raise OptionError(
            f"{len(seen)} held-out inputs were explored with, such as number {min(seen)}; split them first"
        )
    policy = explorer.explore(environment, seed)
    return _Run(visits, held_out(policy, environment.queries.task, examples))
