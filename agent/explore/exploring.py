"""Where an audit that explores goes next: which hypotheses it tests first, where it looks, and when it has seen enough.

An audit that does not explore is one pass: the strategist's proposals in the strategist's order, until they run dry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from random import Random

from pydantic import Field

from faultfinder.agent.context import AuditContext, Encoded
from faultfinder.agent.explore.atlas import Atlas
from faultfinder.agent.explore.map_tools import say_place
from faultfinder.agent.explore.outlook import Outlook, outlook, say_outlook
from faultfinder.agent.explore.pilots import Pilots
from faultfinder.agent.explore.prospects import Outset, Prospect, as_hypothesis, weigh
from faultfinder.agent.explore.tries import tries
from faultfinder.agent.restricting import is_within_bounds
from faultfinder.agent.strategist import Proposal
from faultfinder.memory.map_records import Charted, Looked, MapCell, MapSnapshot
from faultfinder.memory.records import (
    Decision,
    EditKind,
    Hypothesis,
    MinedPair,
    Record,
    Verdict,
)
from faultfinder.tools.edits import Sentence

WORTH_A_TEST = 0.2
"""Chance of proving anything below which no test is spent on a proposal."""

LIKELY = 0.5
"""Chance from which proposals that had to wait are tested before the map is looked at further."""

CELLS_AT_ONCE = 60
"""Cells that the status suggests to survey next."""

CELLS_TOLD = 30
"""Cells shown to a strategist that proposes hypotheses."""

_SAMPLE = 2000


class MapStatus(Record):
    """Where an audit that explores has looked, told to the strategist."""

    looks: int = Field(description="looks at the map so far")
    next_cells: tuple[str, ...] = Field(description="cells to survey next, best first, as 'kind / area'")
    next_area: str = Field(description="area to scan next")
    waiting: int = Field(description="likely hypotheses that wait to be tested: no need to look further first")
    outlook: str = Field(description="what going on would probably bring")


@dataclass(frozen=True)
class Choice:
    """Proposals to test now, the best first.

    Attributes:
        chosen: The proposals.
        prospects: What each of them may bring; none where the audit does not explore.
        waiting: How many likely ones have to wait.
    """

    chosen: tuple[Proposal, ...]
    prospects: tuple[Prospect, ...] = ()
    waiting: int = 0


class Exploring:
    """The map of one audit, read from its ledger."""

    def __init__(self, context: AuditContext) -> None:
        """Bind to an audit."""
        self._context = context
        self._pilots = Pilots(context, context.subject) if isinstance(context.subject, Encoded) else None

    def status(self, waiting: int) -> MapStatus:
        """Say where to look next."""
        pairs, looks = self._pairs(), self._context.ledger.all(Looked)
        atlas = Atlas(self._context.axes, pairs, self.proven())
        rng = Random(f"{self._context.settings.seed} map {len(looks)}")
        return MapStatus(
            looks=len(looks),
            next_cells=tuple(say_place(place) for place in atlas.next_places(CELLS_AT_ONCE, rng)),
            next_area=atlas.next_area([look.area for look in looks if look.area]),
            waiting=waiting,
            outlook=self.said(),
        )

    def choose(self, proposals: Sequence[Proposal], most: int) -> Choice:
        """Choose what to test now: what is worth most, none of it twice and none without a chance."""
        brief = self._context.brief()
        asked = frozenset((*brief.focus, *brief.domain))
        outset = Outset(self._pairs(), self.proven(), self._context.settings.probes, self._words_asked(asked))
        weighed = [
            weigh(proposal, pilot, outset, self.reach(as_hypothesis(proposal)))
            for proposal, pilot in (self._pilots.of(proposals) if self._pilots else ())
        ]
        worthy = [prospect for prospect in weighed if prospect.chance >= WORTH_A_TEST or prospect.proposal.known]
        worthy.sort(key=lambda prospect: -prospect.worth)
        chosen, later = worthy[:most], worthy[most:]
        waiting = sum(prospect.chance >= LIKELY for prospect in later)
        return Choice(tuple(prospect.proposal for prospect in chosen), tuple(chosen), waiting)

    def chart(self, born: Sequence[Hypothesis], choice: Choice) -> list[Charted]:
        """Note in which pass, and with which prospects, hypotheses came up."""
        scanned = self._scanned()
        return [
            Charted(
                id=h.id,
                looks=scanned,
                failed=p.pilot.failed if p.pilot else 0,
                tried=p.pilot.probes if p.pilot else 0,
                chance=round(p.chance, 4),
            )
            for h, p in zip(born, choice.prospects, strict=False)
        ]

    def outlook(self) -> Outlook:
        """Estimate what going on would bring."""
        areas, scanned = len(self._context.axes.area_names), self._scanned()
        charted = {charted.id: charted.looks for charted in self._context.ledger.all(Charted)}
        found = [h for h in self.proven() if h.parent is None and h.known is None]
        passes = [1 + charted.get(h.id, 0) // areas for h in found]
        minutes = self._context.budget.spend().minutes
        pace = scanned / areas / (minutes / 60) if minutes else None
        return outlook(passes, scanned / areas, pace)

    def said(self) -> str:
        """Say what going on would probably bring."""
        return say_outlook(self.outlook())

    def worst_cells(self) -> tuple[MapCell, ...]:
        """Return the cells where the largest share went unnoticed, beside what is proven."""
        cells = self._cells(Atlas(self._context.axes, self._pairs(), self.proven()))
        ranked = sorted(cells, key=lambda cell: -cell.unexplained / (cell.tried + 2))
        return tuple(cell for cell in ranked if cell.unexplained)[:CELLS_TOLD]

    def snapshot(self) -> MapSnapshot:
        """Return the map as it stands, to be kept."""
        ledger, ahead = self._context.ledger, self.outlook()
        atlas = Atlas(self._context.axes, self._pairs(), self.proven())
        return MapSnapshot(
            id=f"map-{len(ledger.all(Looked))}-{len(ledger.all(Verdict))}",
            areas=self._context.axes.area_names,
            cells=self._cells(atlas),
            passes=round(ahead.passes, 3),
            found=ahead.found,
            hidden=ahead.hidden,
            chance=ahead.ever,
            chance_next_hour=ahead.hour,
        )

    def _cells(self, atlas: Atlas) -> tuple[MapCell, ...]:
        return tuple(
            MapCell(
                kind=place.kind,
                area=place.area,
                tried=cell.tried,
                unnoticed=cell.unnoticed,
                unexplained=cell.unexplained,
            )
            for place, cell in sorted(atlas.cells.items(), key=lambda entry: (entry[0].kind, entry[0].area))
        )

    def proven(self) -> list[Hypothesis]:
        """Return what is proven so far, by the latest verdicts."""
        ledger = self._context.ledger
        latest = {verdict.hypothesis: verdict.decision for verdict in ledger.all(Verdict)}
        return [h for h in ledger.all(Hypothesis) if latest.get(h.id) is Decision.SUPPORTED and h.asked is None]

    def looks(self) -> int:
        """Return how many looks at the map were taken so far."""
        return len(self._context.ledger.all(Looked))

    def reach(self, hypothesis: Hypothesis) -> float:
        """Return the share of the corpus that a hypothesis speaks of, from a sample of it."""
        rule, sentences = hypothesis.rule, self._context.axes.slots.sentences
        step = max(1, ceil(len(sentences) / _SAMPLE))
        sample = sentences[::step]
        if rule is None:
            return 1.0
        speaking = [s for s in sample if rule.kind is EditKind.ADD or _holds(s, rule.words)]
        return sum(is_within_bounds(hypothesis, s.text, s.text) for s in speaking) / max(1, len(sample))

    def _words_asked(self, asked: frozenset[str]) -> frozenset[str]:
        lexicon = self._context.axes.lexicon
        classes = {word for word in self._context.axes.slots.vocabulary if asked & set(lexicon.classes(word))}
        return asked | classes

    def _scanned(self) -> int:
        return sum(look.area is not None for look in self._context.ledger.all(Looked))

    def _pairs(self) -> list[MinedPair]:
        return tries(self._context.ledger)


def _holds(sentence: Sentence, words: Sequence[str]) -> bool:
    return not words or not set(words).isdisjoint(sentence.words)
