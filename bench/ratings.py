"""How far do few ratings move an explorer's attention, and what does it cost to ask somebody who minds nothing?

Zero-shot `lab:clip` under rotation x darkness x saturation, 125 actions. An audit explores; simulated people rate what
it asks them, 9 or 10 where they mind and 1 or 2 where they do not, any number in one answer of twenty; it explores
again. Told are the share of queries on actions that the person minds, before and after, the failures found there, and
those found in all. Every seed has its own audit, explorer and people; figures are means over seeds with the standard
error of the mean.

    python -m bench.ratings [--seeds 3] [--queries 1000] [--ratings 60] [--explorer thompson] [--write FILE]
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.landscape import put_into
from faultfinder.agent.landscape.rating import space_of
from faultfinder.agent.report.findings import FindingsFile
from faultfinder.agent.running.audits import Audit
from faultfinder.memory.landscape_records import Exploration
from faultfinder.memory.records import AuditSettings, Limits
from faultfinder.tools.explorers.evaluate import Estimate
from tests.support.rating_people import Minds, answer_all, everything, nothing, the_dark, the_light

PROMISED = 0.7
"""Share of queries that go to dark actions after the ratings of somebody who minds the dark only, at least."""

BEGIN = "<!-- made by make bench-ratings -->"

PEOPLE: tuple[tuple[str, Minds], ...] = (
    ("darkness below 1", the_dark),
    ("darkness above 1", the_light),
    ("nothing", nothing),
    ("everything", everything),
)


@dataclass(frozen=True)
class Seen:
    """One exploration, as one person sees it."""

    minded: float
    failures: int
    minded_failures: int


@dataclass(frozen=True)
class Run:
    """One person rating one audit."""

    ratings: int
    before: Seen
    after: Seen


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, and put it into a document where one is named."""
    options = _parser().parse_args(arguments)
    runs: dict[str, list[Run]] = {said: [] for said, _ in PEOPLE}
    for seed in range(options.seeds):
        with tempfile.TemporaryDirectory() as place:
            base = _begun(options, seed, Path(place))
            for said, minds in PEOPLE:
                runs[said].append(_rated(base, Path(place) / said, minds, seed))
                print(seed, said, runs[said][-1], file=sys.stderr, flush=True)
    lines = _table(options, runs)
    print("\n".join(lines))
    if options.write:
        put_into(options.write, lines, BEGIN)
    if (dark := Estimate.of([run.after.minded for run in runs["darkness below 1"]]).mean) < PROMISED:
        sys.exit(f"{dark:.0%} of the queries went to the dark, {PROMISED:.0%} are promised")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.ratings", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="audits")
    parser.add_argument("--queries", type=int, default=1000, help="of each exploration")
    parser.add_argument("--ratings", type=int, default=60, help="that people are asked for at most")
    parser.add_argument("--explorer", default="thompson", help="who explores")
    parser.add_argument("--write", type=Path, help="a document with the marks that the table belongs between")
    return parser


def _begun(options: argparse.Namespace, seed: int, place: Path) -> Path:
    """Explore, ask people, and test nothing: the verdicts are another matter."""
    settings = AuditSettings(
        name="rated", goal="does it fail under conditions?", target="lab:clip", corpus="lab", inputs="lab",
        actions="rotation,darkness,saturation", explorer=options.explorer, queries=options.queries, seed=seed,
        ratings=options.ratings, people="later", limits=Limits(hypotheses=0), memory=str(place / "memory"),
    )  # fmt: skip
    with Audit.create(settings, place / "rated") as audit:
        audit.run()
    return place / "rated"


def _rated(base: Path, folder: Path, minds: Minds, seed: int) -> Run:
    shutil.copytree(base, folder)
    rated = answer_all(folder, minds, seed=seed)
    with Audit.open(folder) as audit:
        audit.run()
    found = FindingsFile.model_validate_json((folder / "findings.json").read_bytes())
    first, second = (_seen(each, minds) for each in found.landscapes)
    return Run(rated, first, second)


def _seen(found: Exploration, minds: Minds) -> Seen:
    """Count an exploration's queries, those on what is minded, and the failures of both; unchanged inputs left out."""
    actions = [action for action in space_of(found).actions if action.index != found.neutral]
    minded = {each.index for each in actions if minds({s.factor: s.level for s in each.settings})}
    rates = [(each.index in minded, found.landscape.rates[each.index]) for each in actions]
    asked = [(own, each.n + each.invalid + each.other) for own, each in rates]
    return Seen(
        minded=sum(n for own, n in asked if own) / sum(n for _, n in asked),
        failures=sum(each.fail for _, each in rates),
        minded_failures=sum(each.fail for own, each in rates if own),
    )


def _table(options: argparse.Namespace, runs: Mapping[str, Sequence[Run]]) -> list[str]:
    lines = [
        f"`lab:clip`, {options.explorer}, {options.queries:,} queries in each exploration, {options.seeds} seeds:",
        "",
        "| a person who minds | ratings | queries on what is minded, before | after | failures found there, before "
        "| after | all failures found, before | after |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for said, own in runs.items():
        pairs = [(run.before, run.after) for run in own]
        cells = [_said([run.ratings for run in own])]
        cells += [_said([each[side].minded for each in pairs], percent=True) for side in (0, 1)]
        cells += [_said([each[side].minded_failures for each in pairs]) for side in (0, 1)]
        cells += [_said([each[side].failures for each in pairs]) for side in (0, 1)]
        lines.append(f"| {said} | {' | '.join(cells)} |")
    return lines


def _said(values: Sequence[float], *, percent: bool = False) -> str:
    found = Estimate.of(values)
    if percent:
        return f"{found.mean:.1%}" + ("" if found.error is None else f" ± {found.error:.1%}")
    return f"{found.mean:.0f}" + ("" if found.error is None else f" ± {found.error:.0f}")


if __name__ == "__main__":
    main()
