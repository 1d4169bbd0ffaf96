"""The scout's tools over the map of an audit that explores: survey cells, scan the texts of one area."""

from collections.abc import Sequence

from pydantic import Field

from faultfinder.agent.context import AuditContext, Encoded
from faultfinder.agent.events import EventKind
from faultfinder.agent.explore.tries import as_tries
from faultfinder.memory.errors import ToolError
from faultfinder.memory.map_records import Looked
from faultfinder.memory.records import MinedPair, Record
from faultfinder.tools.edit_scan import EditScan, ScanResult
from faultfinder.tools.edit_trials import EditTrials
from faultfinder.tools.survey import Errand, Place, Survey, is_for_exploring

EACH_AT_FIRST = 3
"""Edits tried of every cell in the first survey."""

FEWEST_TEXTS = 60
"""Texts of an area below which no scan of it is worth while."""


class Surveyed(Record):
    """The result of a look at the map."""

    cells: int = Field(default=0, description="cells surveyed")
    tried: int = Field(description="edits that change the meaning")
    unnoticed: int = Field(description="those of them that the target takes for rewordings")
    most_unnoticed: tuple[str, ...] = Field(default=(), description="cells with the most of them, as 'kind / area'")


class MapTools:
    """Tools over the map of one audit of an encoder."""

    def __init__(self, context: AuditContext, subject: Encoded) -> None:
        """Bind the tools to an audit of an encoder."""
        self._context = context
        self._subject = subject
        self._scans: dict[str, EditScan] = {}
        self._survey: Survey | None = None

    def survey_map(self, cells: Sequence[str] = (), each: int = EACH_AT_FIRST, look: int | None = None) -> str:
        """Try a few small edits in each of many cells of the map (a kind of difference in one subject area).

        `cells`: as 'kind / area', such as the status suggests; none for every cell there is. `each`: edits tried of
        every cell, at most 20. `look`: number of the look, counted up by itself. Cheap, and it shows in which areas a
        kind of difference goes unnoticed.
        """
        if before := self._taken("survey", look):
            return before
        if not 1 <= each <= 20:
            raise ToolError(f"each must be from 1 to 20, not {each}")
        axes = self._context.axes
        every = [Place(kind.name, area) for kind in axes.kinds.all for area in axes.area_names]
        known = {say_place(place): place for place in every}
        if unknown := [cell for cell in cells if cell not in known]:
            raise ToolError(f"there is no cell {unknown[0]!r}; write 'kind / area' as the status does")
        chosen = [known[cell] for cell in cells] or every
        number = sum(look.survey is not None for look in self._context.ledger.all(Looked))
        pairs = as_tries(self._surveyor().run([Errand(place, each) for place in chosen], number, self._watch_survey))
        self._keep(pairs, Looked(id=self._name("survey", look), survey=number, cells=len(chosen), **_counts(pairs)))
        return Surveyed(cells=len(chosen), most_unnoticed=self._worst(pairs), **_counts(pairs)).model_dump_json()

    def scan_area(self, area: str, look: int | None = None) -> str:
        """Scan the texts of one subject area for small edits that the target does not notice there.

        All words of the area are compared with one another, as `scan_edits` does over the whole corpus. `area`: its
        name, as the status gives it. `look`: number of the look, counted up by itself. A further scan of an area looks
        at other words and texts.
        """
        if before := self._taken("scan", look):
            return before
        sentences = self._context.axes.sentences_of(area)
        if sentences is None:
            raise ToolError(f"there is no area {area!r}")
        looks = [look for look in self._context.ledger.all(Looked) if look.area == area]
        texts = [sentence.text for sentence in sentences if is_for_exploring(sentence.text)]
        result = self._scan(area, texts, len(looks)) if len(texts) >= FEWEST_TEXTS else None
        pairs = [*result.agreed, *as_tries(result.measured)] if result else []
        seen = Looked(id=self._name("scan", look), area=area, **_counts(pairs))
        self._keep(pairs, seen, result.spent if result else frozenset())
        return Surveyed(most_unnoticed=self._worst(pairs), **_counts(pairs)).model_dump_json()

    def _scan(self, area: str, texts: Sequence[str], number: int) -> ScanResult:
        context, subject = self._context, self._subject
        if area not in self._scans:
            self._scans[area] = EditScan(
                texts, subject.encoder, subject.agreement, context.mining_judge, context.settings.seed
            )
        return self._scans[area].run(number, (), self._watch)

    def _surveyor(self) -> Survey:
        if self._survey is None:
            context, axes = self._context, self._context.axes
            trials = EditTrials(self._subject.encoder, self._subject.agreement, context.mining_judge)
            self._survey = Survey(axes.slots, axes.kinds, axes.areas, trials, context.settings.seed)
        return self._survey

    def _keep(self, pairs: Sequence[MinedPair], look: Looked, spent: frozenset[str] = frozenset()) -> None:
        """Put what was tried into the ledger, with the look it belongs to, in one transaction."""
        self._context.ledger.save([*pairs, look], spent=spent | {text for pair in pairs for text in (pair.a, pair.b)})

    def _name(self, what: str, look: int | None) -> str:
        number = len(self._context.ledger.all(Looked)) if look is None else look
        return f"look-{number}-{what}"

    def _taken(self, what: str, look: int | None) -> str | None:
        """Return what a look showed that was taken before: a killed audit asks again for the one in hand."""
        known = None if look is None else self._context.ledger.get(Looked, self._name(what, look))
        if known is None:
            return None
        return Surveyed(cells=known.cells, tried=known.tried, unnoticed=known.unnoticed).model_dump_json()

    def _worst(self, pairs: Sequence[MinedPair]) -> tuple[str, ...]:
        from faultfinder.agent.explore.atlas import Atlas

        cells = Atlas(self._context.axes, pairs, ()).cells
        ranked = sorted(cells, key=lambda place: (-cells[place].unnoticed, say_place(place)))
        return tuple(say_place(place) for place in ranked[:8] if cells[place].unnoticed)

    def _watch_survey(self, done: int, total: int) -> None:
        self._watch("cells of the map surveyed", done, total)

    def _watch(self, what: str, done: int, total: int) -> None:
        """Tell progress, and stop where the budget says so."""
        self._context.budget.check()
        self._context.tell(EventKind.PROGRESS, what, done, total)


def say_place(place: Place) -> str:
    """Say a cell as the tools take it."""
    return f"{place.kind} / {place.area}"


def _counts(pairs: Sequence[MinedPair]) -> dict[str, int]:
    return {"tried": len(pairs), "unnoticed": sum(pair.agreed for pair in pairs)}
