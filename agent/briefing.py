"""What a strategist is told: where the audit stands at the start of a round, and the evidence for hypotheses."""

from pydantic import Field

from faultfinder.agent.context import AuditContext
from faultfinder.agent.explore.exploring import Exploring, MapStatus
from faultfinder.agent.explore.tries import tries
from faultfinder.agent.offline.painted import words_to_look_at_again
from faultfinder.agent.settling import settled_pairs
from faultfinder.agent.state import AuditState
from faultfinder.agent.strategist import MAX_EVIDENCE, Evidence
from faultfinder.memory.landscape_records import Exploration, FailingRegion
from faultfinder.memory.map_records import Looked
from faultfinder.memory.picture_records import PaintedPair
from faultfinder.memory.records import (
    Decision,
    Hypothesis,
    Meaning,
    MinedPair,
    Outcome,
    Record,
    Source,
    Verdict,
)

KEPT_APART = 600
"""Pairs the target keeps apart, shown beside those it does not: what controls are made of."""


class Status(Record):
    """Where the audit stands, told to the strategist at the start of a round."""

    round: int = Field(description="rounds of scouting so far")
    dry: int = Field(description="rounds in a row that brought no hypothesis")
    unexplained: int = Field(description="mined pairs that no hypothesis has been proposed from yet")
    confirmed: tuple[str, ...] = Field(default=(), description="titles of confirmed failures")
    refuted: tuple[str, ...] = Field(default=(), description="titles of refuted hypotheses")
    known: tuple[str, ...] = Field(default=(), description="failures of this target that the memory knew before")
    suspects: tuple[str, ...] = Field(
        default=(),
        description="words, and pairs of words, painted wrong more often than right that no hypothesis has named yet",
    )
    explored: int | None = Field(
        default=None, description="explorations of changed inputs so far, where the audit has inputs to change"
    )
    map: MapStatus | None = Field(default=None, description="where the audit has looked, where it keeps a map")


class Briefing:
    """Gathers from the ledger what a strategist is told."""

    def __init__(self, context: AuditContext) -> None:
        """Bind to an audit."""
        self._context = context
        self._exploring = Exploring(context)

    def status(self, state: AuditState) -> Status:
        """Say where the audit stands."""
        latest = {verdict.hypothesis: verdict.decision for verdict in self._context.ledger.all(Verdict)}
        titles = {h.id: h.title for h in self._context.ledger.all(Hypothesis)}
        return Status(
            round=state["round"],
            dry=state["dry"],
            unexplained=len(self._unexplained(state)) + len(self._unexplained_pictures(state)),
            confirmed=tuple(titles[i] for i, decision in latest.items() if decision is Decision.SUPPORTED),
            refuted=tuple(titles[i] for i, decision in latest.items() if decision is Decision.REFUTED),
            known=tuple(failure.title for failure in self._context.known()),
            suspects=self._suspects(),
            explored=len(self._context.ledger.all(Exploration)) if self._context.terrain else None,
            map=self._exploring.status(state.get("left", 0)) if self._context.explores else None,
        )

    def evidence(self, state: AuditState) -> Evidence:
        """Gather what hypotheses may be proposed from."""
        different = [pair for pair in self._different() if pair.source is not Source.MAP]
        exploring = self._context.explores
        return Evidence(
            agreed=tuple(self._unexplained(state)[:MAX_EVIDENCE]),
            noticed=tuple([pair for pair in different if not pair.agreed][:KEPT_APART]),
            painted=self._painted(state),
            tried=tuple(self._context.ledger.all(Hypothesis)),
            proven=tuple(h.id for h in self._exploring.proven()),
            cells=self._exploring.worst_cells() if exploring else (),
            looks=len(self._context.ledger.all(Looked)),
            surveyed=tuple(tries(self._context.ledger)) if exploring else (),
            regions=self._regions(),
        )

    def remembered(self, evidence: Evidence) -> Evidence:
        """Show what the memory knew and this audit has not met: it is tested again before the audit ends.

        Failures of words, where texts can be asked about; failing regions are met again by exploring, or not.
        """
        words = [failure for failure in self._context.known() if failure.region is None]
        return evidence.model_copy(update={"known": tuple(words) if self._context.takes_words else ()})

    def _regions(self) -> tuple[FailingRegion, ...]:
        """Return the regions of failure that no hypothesis has been proposed from yet.

        Where people have rated failures, those come first that matter most to them; none comes twice.
        """
        tested = [h for h in self._context.ledger.all(Hypothesis) if h.region]
        proposed = {idea for hypothesis in tested for idea in hypothesis.evidence}
        explorations = self._context.ledger.all(Exploration)
        weighed = next((each.importance for each in reversed(explorations) if each.importance), None)
        if weighed is None:
            found = [region for exploration in explorations for region in exploration.regions]
            return tuple(region for region in found if region.id not in proposed)
        known = {(h.region.bounds, h.region.topics) for h in tested if h.region}
        fresh = [
            each
            for each in weighed.regions
            if each.id not in proposed and (each.region.bounds, each.region.topics) not in known
        ]
        return tuple(sorted(fresh, key=lambda each: -(each.importance or 0.0) * each.rate))

    def _suspects(self) -> tuple[str, ...]:
        """Return the words whose pictures seem to come out wrong, but for those that a hypothesis is about already."""
        rules = (h.rule for h in self._context.ledger.all(Hypothesis) if h.rule)
        named = {word for rule in rules for word in rule.words}
        return tuple(sorted(words_to_look_at_again(settled_pairs(self._context.ledger)) - named))

    def _unexplained(self, state: AuditState) -> list[MinedPair]:
        shown = set(state["shown"])
        return [p for p in self._different() if p.agreed and p.id not in shown and p.source is not Source.MAP]

    def _unexplained_pictures(self, state: AuditState) -> list[PaintedPair]:
        shown = set(state["shown"])
        return [
            pair
            for pair in settled_pairs(self._context.ledger)
            if pair.outcome is Outcome.FAIL and pair.id not in shown
        ]

    def _different(self) -> list[MinedPair]:
        return [p for p in self._context.ledger.all(MinedPair) if p.judgement.meaning is Meaning.DIFFERENT]

    def _painted(self, state: AuditState) -> tuple[PaintedPair, ...]:
        """Return all that was painted while some of it is new: a rate rests on the right ones and the old ones too."""
        return tuple(settled_pairs(self._context.ledger)) if self._unexplained_pictures(state) else ()
