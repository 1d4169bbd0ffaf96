"""How well do explorers find failures, and how well is the landscape known afterwards?

Zero-shot `lab:clip` on pictures of the lab's world under rotation x darkness x saturation, 125 actions. First every
action is tried on every input: the truth. Then every explorer explores at equal budgets over several seeds, answered
from that truth, and is measured by failures found per query, the error of the landscape it leaves (root mean square
over actions, beside the share of its 95 % intervals that hold the truth), and its regret on held-out inputs.

    python -m bench.landscape [--target SPEC] [--inputs SPEC] [--actions ...] [--quick] [--write FILE]
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from faultfinder.agent.events import Event
from faultfinder.agent.landscape.opening import open_terrain
from faultfinder.agent.landscape.targets import open_target
from faultfinder.agent.terrain import Terrain
from faultfinder.memory.landscape_records import Visit
from faultfinder.memory.records import AuditSettings, Outcome
from faultfinder.tools.explorers.environment import Environment, Macroscopic
from faultfinder.tools.explorers.evaluate import Estimate, Scores, score
from faultfinder.tools.explorers.queries import OnVisits, Queries
from faultfinder.tools.explorers.registry import explorers, open_explorer
from faultfinder.tools.landscape.measured import measure
from faultfinder.tools.landscape.shape import shape
from faultfinder.tools.ports import FloatArray
from faultfinder.tools.tasks.task import Query, Reply, Task

Floats = npt.NDArray[np.float64]

BUDGETS, SEEDS = (300, 1000, 3000), (0, 1, 2, 3, 4)
EXPLORED, HELD_OUT = 400, 160
AT_ONCE = 512
SCORED = (Outcome.FAIL, Outcome.PASS)
BEGIN, END = "<!-- made by make bench-landscape -->", "<!-- end -->"


class Known:
    """A task whose answers about some inputs are all known: the target is asked once, and never again."""

    def __init__(self, task: Task, inputs: Sequence[int]) -> None:
        """Ask everything."""
        self._task = task
        self.name, self.noun, self.space = task.name, task.noun, task.space
        self.scoring, self.examples = task.scoring, task.examples
        queries = [Query(number, action) for number in inputs for action in range(len(task.space))]
        self._replies: dict[Query, Reply] = {}
        for start in range(0, len(queries), AT_ONCE):
            part = queries[start : start + AT_ONCE]
            self._replies.update(zip(part, task.ask(part), strict=True))
            print(f"\r{start + len(part):>8,} of {len(queries):,} answers", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        self.original, self.shown, self.refusals = task.original, task.shown, task.refusals
        self._rows = dict(zip(inputs, task.states(inputs), strict=True))

    def states(self, examples: Sequence[int]) -> FloatArray:
        """Return the task's states."""
        return np.stack([self._rows[number] for number in examples])

    def ask(self, queries: Sequence[Query]) -> list[Reply]:
        """Return what is known."""
        return [self._replies[query] for query in queries]

    def severities(self, inputs: Sequence[int]) -> Floats:
        """Return severities, (inputs, actions), 0 where nothing was scored."""
        return np.array([[self._severity(Query(i, a)) for a in range(len(self.space))] for i in inputs])

    def rates(self, inputs: Sequence[int]) -> Floats:
        """Return the true failure rate of every action over some inputs; NaN where nothing could be scored."""
        by_action = ([self._replies[Query(i, a)].outcome for i in inputs] for a in range(len(self.space)))
        scored = [[outcome is Outcome.FAIL for outcome in found if outcome in SCORED] for found in by_action]
        return np.array([np.mean(found) if found else np.nan for found in scored])

    def _severity(self, query: Query) -> float:
        reply = self._replies[query]
        return reply.severity or 0.0 if reply.outcome in SCORED else 0.0


@dataclass(frozen=True)
class Row:
    """One explorer at one budget."""

    scores: Scores
    error: Estimate
    held: float
    seconds: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, and put it into a document where one is named."""
    options = _parser().parse_args(arguments)
    terrain = _terrain(options)
    inputs, held_out = terrain.exploring[:EXPLORED], terrain.held_out[:HELD_OUT]
    known = Known(terrain.task, (*inputs, *held_out))
    lines = _truth(known, inputs, held_out)
    budgets, seeds = (BUDGETS[:1], SEEDS[:2]) if options.quick else (BUDGETS, SEEDS)
    for budget in budgets:
        lines += ["", *_table(known, inputs, held_out, budget, seeds)]
    print("\n".join(lines))
    if options.write:
        put_into(options.write, lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.landscape", description=__doc__)
    parser.add_argument("--target", default="lab:clip", help="a classifier, or an encoder of texts and pictures")
    parser.add_argument("--inputs", default="lab", help="labelled pictures")
    parser.add_argument("--actions", default="rotation,darkness,saturation", help="what is done to them")
    parser.add_argument("--quick", action="store_true", help="the smallest budget and two seeds only")
    parser.add_argument("--write", type=Path, help="a document with the marks that the table belongs between")
    return parser


def _terrain(options: argparse.Namespace) -> Terrain:
    settings = AuditSettings(
        name="bench", goal="", corpus="lab", target=options.target, inputs=options.inputs, actions=options.actions
    )
    return open_terrain(settings, open_target(settings), _told)


def _told(event: Event) -> None:
    print(event.text, file=sys.stderr)


def _truth(known: Known, inputs: Sequence[int], held_out: Sequence[int]) -> list[str]:
    rates = known.rates(inputs)
    visits = [
        Visit(
            id=f"{i}-{a}", exploration="truth", input=known.examples[i].key, action=a, outcome=reply.outcome,
            severity=reply.severity,
        )
        for i in inputs
        for a, reply in enumerate(known.ask([Query(i, a) for a in range(len(known.space))]))
    ]  # fmt: skip
    landscape = measure(known.space, visits)
    drawn = shape(known.space, landscape)
    invalid = sum(visit.outcome is Outcome.INVALID for visit in visits) / len(visits)
    worst = known.severities(held_out)
    unchanged = "" if known.space.neutral is None else f", unchanged {rates[known.space.neutral]:.1%}"
    return [
        f"{known.name}, {known.space.name}: {len(known.space)} actions on {len(inputs)} inputs, {len(visits):,} "
        "answers.",
        f"Failure rate {np.nanmean(rates):.1%} over all actions{unchanged}; worst action {np.nanmax(rates):.1%}, best "
        f"{np.nanmin(rates):.1%}; {invalid:.1%} of the changed inputs could not be read any more. Entropy "
        f"{drawn.entropy:.2f} of {drawn.flat:.2f} bits; {len(drawn.peaks)} peaks. Mean severity on {len(held_out)} "
        f"held-out inputs: {worst.mean():.3f} at random, {worst.mean(axis=0).max():.3f} under the worst single action, "
        f"{worst.max(axis=1).mean():.3f} under each input's own worst.",
    ]


def _table(
    known: Known, inputs: Sequence[int], held_out: Sequence[int], budget: int, seeds: Sequence[int]
) -> list[str]:
    lines = [
        f"| {budget:,} queries | failures found per query | error of the landscape | intervals that hold the truth | "
        "regret on held-out inputs | seconds |",
        "|---|---|---|---|---|---|",
    ]
    for info in explorers():
        row = _row(info.name, known, inputs, held_out, budget, seeds)
        regret = row.scores.regret
        lines.append(
            f"| {info.name} | {_said(row.scores.found)} | {_said(row.error)} | {row.held:.0%} | "
            f"{_said(regret) if regret else '-'} | {row.seconds:.1f} |"
        )
        print(lines[-1], file=sys.stderr, flush=True)
    return lines


def _row(
    name: str, known: Known, inputs: Sequence[int], held_out: Sequence[int], budget: int, seeds: Sequence[int]
) -> Row:
    runs: list[list[Visit]] = []

    def world(on_visits: OnVisits) -> Environment:
        visits: list[Visit] = []
        runs.append(visits)

        def both(made: Sequence[Visit]) -> None:
            visits.extend(made)
            on_visits(made)

        return Macroscopic(Queries(known, budget, on_visits=both), inputs)

    begun = time.perf_counter()
    scores = score(open_explorer(name), world, held_out, seeds, known.severities(held_out))
    seconds = (time.perf_counter() - begun) / len(seeds)
    truth = known.rates(inputs)
    landscapes = [measure(known.space, visits) for visits in runs]
    errors = [np.sqrt(np.nanmean((np.array([r.rate for r in each.rates]) - truth) ** 2)) for each in landscapes]
    held = [
        low <= true <= high
        for each in landscapes
        for (low, high), true in zip((r.interval for r in each.rates), truth, strict=True)
        if not np.isnan(true)
    ]
    return Row(scores, Estimate.of([float(error) for error in errors]), float(np.mean(held)), seconds)


def _said(found: Estimate) -> str:
    return f"{found.mean:.3f}" + ("" if found.error is None else f" ± {found.error:.3f}")


def put_into(path: Path, lines: Sequence[str], begin: str = BEGIN) -> None:
    """Put lines between the marks of a document."""
    text = path.read_text(encoding="utf-8")
    if begin not in text or END not in text:
        sys.exit(f"{path} lacks the marks {begin} and {END}; nothing was written")
    before, rest = text.split(begin, 1)
    _, after = rest.split(END, 1)
    path.write_text(f"{before}{begin}\n" + "\n".join(lines) + f"\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
