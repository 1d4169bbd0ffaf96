"""The map: kinds of difference by subject areas, with what was tried in every cell and what of it went unnoticed.

Read from the ledger anew each time; nothing is kept. Where to look next is drawn by Thompson sampling: each cell's rate
of unnoticed edits that nothing proven explains, under a prior drawn from its kind and its area.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from faultfinder.agent.explore.covering import covered
from faultfinder.agent.explore.regions import DEEP
from faultfinder.memory.records import Hypothesis, MinedPair
from faultfinder.tools.corpus_map import CorpusMap
from faultfinder.tools.survey import Place

_STRENGTH = 4.0
"""Tries that the prior of a cell is worth."""

_FEWEST = 2
_AREAS_A_PAIR = 1.5
"""Areas that a text belongs to, on average: its pair is counted in each."""

_FLOOR = (1.0, 20.0)
"""Unnoticed and tried added to every kind and area: a twentieth of all edits goes unnoticed."""


@dataclass(frozen=True)
class Cell:
    """One cell: tries, those that went unnoticed, and those of them that nothing proven explains."""

    tried: int = 0
    unnoticed: int = 0
    unexplained: int = 0


class Atlas:
    """The map as it stands."""

    def __init__(self, axes: CorpusMap, pairs: Iterable[MinedPair], proven: Sequence[Hypothesis]) -> None:
        """Lay the tries out on the map.

        Args:
            axes: kinds and areas.
            pairs: everything tried so far.
            proven: what is proven so far.
        """
        self._axes = axes
        self._pairs = list(pairs)
        self._explained = {pair.id for hypothesis in proven for pair in covered(hypothesis, self._pairs)}

    @cached_property
    def cells(self) -> dict[Place, Cell]:
        """Return the cells where something was tried."""
        counts: dict[Place, list[int]] = {}
        for pair in self._pairs:
            kind = self._axes.kinds.of(pair.edit)
            for area in self._axes.areas_of(pair.a):
                cell = counts.setdefault(Place(kind, area), [0, 0, 0])
                cell[0] += 1
                cell[1] += pair.agreed
                cell[2] += pair.agreed and pair.id not in self._explained
        return {place: Cell(*counted) for place, counted in counts.items()}

    @property
    def places(self) -> list[Place]:
        """Return every cell of the map, looked at or not."""
        return [Place(kind.name, area) for kind in self._axes.kinds.all for area in self._areas]

    @property
    def _areas(self) -> tuple[str, ...]:
        return self._axes.area_names

    def next_places(self, most: int, rng: Random) -> list[Place]:
        """Return the cells to survey next.

        First all cells of kinds that go unnoticed here and there, until it is known where; then the cells where an edit
        that nobody explains is most likely to go unnoticed, by Thompson sampling.
        """
        first = [place for kind in self._suspicious() for place in self.places if place.kind == kind][:most]
        drawn = [(self._draw(place, rng), number) for number, place in enumerate(self.places)]
        drawn.sort(key=lambda entry: (-entry[0], entry[1]))
        ordered = [self.places[number] for _, number in drawn]
        return list(dict.fromkeys([*first, *ordered]))[:most]

    def _suspicious(self) -> list[str]:
        """Return the kinds that nothing proven explains, and of which too little was tried to say where they fail."""
        shallow = [
            (kind, cell)
            for kind, cell in self._by_kind.items()
            if cell.unexplained >= _FEWEST and cell.tried < DEEP * _AREAS_A_PAIR
        ]
        shallow.sort(key=lambda entry: -entry[1].unexplained / entry[1].tried)
        return [kind for kind, _ in shallow]

    def next_area(self, done: Sequence[str]) -> str:
        """Return the area to scan next: of those scanned least often, the one with the most that nobody explains."""
        times = Counter(done)
        fewest = min(times[area] for area in self._areas)
        open_areas = [area for area in self._areas if times[area] == fewest]
        rates = {area: self._rate(self._by_area[area]) for area in open_areas}
        return max(open_areas, key=lambda area: (rates[area], -self._areas.index(area)))

    def _draw(self, place: Place, rng: Random) -> float:
        cell = self.cells.get(place, Cell())
        mean = (self._rate(self._by_kind[place.kind]) + self._rate(self._by_area[place.area])) / 2
        failed = _STRENGTH * mean + cell.unexplained
        return rng.betavariate(failed, _STRENGTH * (1 - mean) + cell.tried - cell.unexplained)

    def _rate(self, cell: Cell) -> float:
        return (cell.unexplained + _FLOOR[0]) / (cell.tried + _FLOOR[1])

    @cached_property
    def _by_kind(self) -> dict[str, Cell]:
        return {kind.name: self._sum(p for p in self.cells if p.kind == kind.name) for kind in self._axes.kinds.all}

    @cached_property
    def _by_area(self) -> dict[str, Cell]:
        return {area: self._sum(p for p in self.cells if p.area == area) for area in self._areas}

    def _sum(self, places: Iterable[Place]) -> Cell:
        own = [self.cells[place] for place in places]
        return Cell(sum(c.tried for c in own), sum(c.unnoticed for c in own), sum(c.unexplained for c in own))
