"""Are regions that were planted proven, and as they were planted? By explorer, and by the share it spreads evenly.

Classifiers of coloured discs name the wrong colour where a fault is planted: in a region of darkness and noise, or of
one colour. By themselves they err too (red under much noise, pale colours), as classifiers do. Each is audited as a
user would, over darkness x noise x contrast; a finding that names the planted factors, colour and levels and no others
is exact, one whose region lies within the planted one is a part of it.

    python -m bench.planted_regions [--explorers ucb random] [--spreads 0.1 0.3] [--seeds 0 1 2] [--queries 600]
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np

from faultfinder.agent.given import Given, take_any
from faultfinder.agent.landscape import mapping
from faultfinder.agent.report.findings import Status
from faultfinder.agent.running.audits import Audit
from faultfinder.memory.records import AuditSettings
from faultfinder.memory.regions import Level, Region
from tests.support.audits import findings_of
from tests.support.classifiers import COLOURS, ByColour, discs

ACTIONS = "darkness=0.2:0.5:0.8:1,noise,contrast=0.5:0.7:1:1.5"
NOISE: tuple[Level, ...] = (0.05, 0.1, 0.2, 0.4)
DARK: tuple[Level, ...] = (0.2, 0.5)
LIGHT: tuple[Level, ...] = (0.8, 1.0)
EACH = 120

Fails = Callable[[str, float, float], bool]
"""Told the colour, the brightness of the ground (0 to 255), and its noise as a share of that."""


@dataclass(frozen=True)
class Plant:
    """A fault: when it shows, and the region that it is."""

    name: str
    fails: Fails
    bounds: dict[str, tuple[Level, ...]]
    topic: str = ""

    def holds(self, region: Region) -> bool:
        """Tell whether a region lies within the planted one."""
        own = {bound.factor: set(bound.levels) for bound in region.bounds}
        bounded = all(factor in own and own[factor] <= set(levels) for factor, levels in self.bounds.items())
        return bounded and (not self.topic or region.topics == (self.topic,))

    def is_exactly(self, region: Region) -> bool:
        """Tell whether a region is the planted one."""
        own = {bound.factor: set(bound.levels) for bound in region.bounds}
        same = own == {factor: set(levels) for factor, levels in self.bounds.items()}
        return same and region.topics == ((self.topic,) if self.topic else ())


PLANTS = (
    Plant("dark and noisy", lambda _, light, noise: light < 140 and noise > 0.05, {"darkness": DARK, "noise": NOISE}),
    Plant("light and noisy", lambda _, light, noise: light > 160 and noise > 0.03, {"darkness": LIGHT, "noise": NOISE}),
    Plant("blue in the dark", lambda name, light, _: name == "blue" and light < 140, {"darkness": DARK}, "blue"),
    Plant("yellow under noise", lambda name, _, noise: name == "yellow" and noise > 0.03, {"noise": NOISE}, "yellow"),
)  # fmt: skip


class Planted(ByColour):
    """Names the colour that stands out, and the next one where the fault shows."""

    def __init__(self, plant: Plant) -> None:
        """Plant a fault."""
        super().__init__(plant.name)
        self._fails = plant.fails

    def _row(self, values: np.ndarray) -> np.ndarray:
        row = super()._row(values)
        light = float(np.median(values.mean(axis=2)))
        noise = float(values[:4, :4].std()) / max(light, 1.0)
        return np.roll(row, 1) if self._fails(list(COLOURS)[int(row.argmax())], light, noise) else row


def main(arguments: Sequence[str] | None = None) -> None:
    """Audit, and print a line for each plant and a table."""
    options = _parser().parse_args(arguments)
    print("| explorer | spread evenly | planted regions, proven exactly | a part of them | not | proven in all |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        pictures = discs(Path(place) / "discs", EACH)
        for explorer in options.explorers:
            for spread in [None] if explorer in ("random", "exhaustive") else options.spreads:
                ends = [
                    _end(options, Path(place), pictures, plant, explorer, spread, seed)
                    for plant in PLANTS
                    for seed in options.seeds
                ]
                exact, part = (sum(end == said for end, _ in ends) for said in ("exact", "part"))
                share = "all" if spread is None else f"{spread:.0%}"
                proven = sum(number for _, number in ends)
                cells = (f"`{explorer}`", share, f"{exact} of {len(ends)}", part, len(ends) - exact - part, proven)
                print(f"| {' | '.join(map(str, cells))} |")
                sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.planted_regions", description=__doc__)
    parser.add_argument("--explorers", nargs="+", default=["ucb", "random"])
    parser.add_argument("--spreads", nargs="+", type=float, default=[0.1, 0.3], help="of explorers that learn")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--queries", type=int, default=600)
    return parser


def _end(
    options: argparse.Namespace,
    place: Path,
    pictures: Path,
    plant: Plant,
    explorer: str,
    spread: float | None,
    seed: int,
) -> tuple[str, int]:
    """Audit a classifier once; return what became of its plant, and how many failures were proven."""
    handed = take_any(Planted(plant), "target")
    name = f"{plant.name} {explorer} {spread} {seed}".replace(" ", "-").replace(".", "-")
    settings = AuditSettings(
        name=name, goal="does it still know the colours?", target=handed.spec, corpus="lab", inputs=str(pictures),
        actions=ACTIONS, explorer=explorer, queries=options.queries, seed=seed, people="none",
        memory=str(place / f"memory-{name}"),
    )  # fmt: skip
    with (
        patch.object(mapping, "SPREAD", mapping.SPREAD if spread is None else spread),
        Audit.create(settings, place / name, given=Given(target=handed)) as audit,
    ):
        audit.run()
    proven = findings_of(place / name).with_status(Status.CONFIRMED)
    regions = [each.region for each in proven if each.region]
    end = "exact" if any(map(plant.is_exactly, regions)) else "part" if any(map(plant.holds, regions)) else "not"
    print(plant.name, explorer, spread, seed, end, [each.title for each in proven], file=sys.stderr, flush=True)
    return end, len(proven)


if __name__ == "__main__":
    main()
