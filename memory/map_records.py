"""What an audit that explores keeps of its map: where it looked, what it expected, how the map stood at the end."""

from pydantic import Field

from faultfinder.memory.records import Record


class Looked(Record):
    """One look at a part of the map: which part, what was tried there and what of it went unnoticed."""

    id: str = Field(description="unique within the audit, such as 'look-3-scan'")
    survey: int | None = Field(default=None, description="number of the survey, from 0; none for the scan of an area")
    area: str | None = Field(default=None, description="the area scanned; none for a survey of many cells")
    cells: int = Field(default=0, description="cells surveyed")
    tried: int = Field(description="edits of changed meaning that were tried")
    unnoticed: int = Field(description="those of them that the target takes for rewordings")


class Charted(Record):
    """When a hypothesis came up, in looks at the map: in which pass a failure was found."""

    id: str = Field(description="id of the hypothesis")
    looks: int = Field(description="areas scanned before it was written down")
    failed: int = Field(description="pairs of its pilot that went unnoticed")
    tried: int = Field(description="pairs of its pilot; 0 where there was none")
    chance: float = Field(description="chance that its test proves it, said before the test")


class MapCell(Record):
    """A cell of the map: one kind of difference in one subject area."""

    kind: str = Field(description="kind of difference: 'colours', 'numbers', 'swapped roles'")
    area: str = Field(description="subject area, by its most frequent nouns: 'bus, road, car'")
    tried: int = Field(description="edits that change the meaning, tried in texts of the area")
    unnoticed: int = Field(description="those of them that the target takes for rewordings")
    unexplained: int = Field(description="those of them that no proven failure explains")


class MapSnapshot(Record):
    """How the map stood when a sitting ended, with what going on would probably bring."""

    id: str = Field(description="'map-' and the looks and verdicts so far")
    areas: tuple[str, ...] = Field(description="every subject area, the largest first")
    cells: tuple[MapCell, ...] = Field(description="the cells where something was tried")
    passes: float = Field(description="passes over all areas, fractions counted")
    found: int = Field(description="new failures proven")
    hidden: float | None = Field(description="expected number of failures still hidden; null before a whole pass")
    chance: float | None = Field(description="chance that going on however long would find one; null before that")
    chance_next_hour: float | None = Field(
        description="chance that another hour at the pace so far would; rests on the clock"
    )
