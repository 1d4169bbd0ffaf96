"""What the report says of the search: how failures came in, how different they are, where the audit has looked."""

from dataclasses import dataclass
from math import ceil

from faultfinder.agent.report.findings import FindingsFile
from faultfinder.agent.report.search_facts import SearchFacts, say_outlook
from faultfinder.memory.map_records import MapCell, MapSnapshot

ROWS_SHOWN = 24
"""Kinds of difference shown of the map: those with the largest share unnoticed, beside what proven failures explain."""

_SHADES = 5


@dataclass(frozen=True)
class Square:
    """One cell of the map: how dark it is drawn, from 0 to 5, and what it says; None where nothing was tried."""

    shade: int | None
    said: str


@dataclass(frozen=True)
class Row:
    """One kind of difference over all areas."""

    kind: str
    tried: int
    unnoticed: int
    squares: tuple[Square, ...]


@dataclass(frozen=True)
class MapView:
    """The map as a table."""

    areas: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: int
    cells: int
    looked: int
    outlook: str


@dataclass(frozen=True)
class SearchView:
    """The section on the search."""

    sentences: tuple[str, ...]
    map: MapView | None


def search_view(findings: FindingsFile) -> SearchView | None:
    """Say how the search went; None where nothing was tested or the file does not say."""
    search = findings.search
    if search is None or not search.curve:
        return None
    return SearchView(sentences=tuple(_sentences(search)), map=map_view(search.map) if search.map else None)


def _sentences(search: SearchFacts) -> list[str]:
    last, different = search.curve[-1], search.diversity
    tests = "1 test" if last.tests == 1 else f"{last.tests} tests"
    failures = f"{last.found or 'no'} {'failure' if last.found == 1 else 'different failures'}"
    said = [f"{tests} proved {failures}."]
    if different.distance is not None:
        twice = "No two of them are" if different.twice == 0 else f"{different.twice} pairs of them may be"
        said.append(
            f"{twice} the same failure: on average two share {1 - different.distance:.0%} of the words they are about."
        )
    return said


def map_view(snapshot: MapSnapshot) -> MapView:
    """Lay the map out as rows of squares, the kinds with the most that nobody notices first."""
    by_kind: dict[str, dict[str, MapCell]] = {}
    for cell in snapshot.cells:
        by_kind.setdefault(cell.kind, {})[cell.area] = cell
    rows = sorted((_row(kind, cells, snapshot.areas) for kind, cells in by_kind.items()), key=_order)
    return MapView(
        areas=snapshot.areas,
        rows=tuple(rows[:ROWS_SHOWN]),
        left_out=len(rows) - len(rows[:ROWS_SHOWN]),
        cells=len(by_kind) * len(snapshot.areas),
        looked=sum(cell.area in snapshot.areas for cell in snapshot.cells),
        outlook=say_outlook(snapshot),
    )


def _row(kind: str, cells: dict[str, MapCell], areas: tuple[str, ...]) -> Row:
    return Row(
        kind=kind,
        tried=sum(cell.tried for cell in cells.values()),
        unnoticed=sum(cell.unnoticed for cell in cells.values()),
        squares=tuple(_square(area, cells.get(area)) for area in areas),
    )


def _square(area: str, cell: MapCell | None) -> Square:
    if cell is None:
        return Square(None, f"{area}: nothing tried")
    return Square(ceil(_SHADES * cell.unnoticed / cell.tried), f"{area}: {cell.unnoticed} of {cell.tried} unnoticed")


def _order(row: Row) -> tuple[float, str]:
    return -row.unnoticed / row.tried, row.kind
