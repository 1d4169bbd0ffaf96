"""Nodes that keep what was found: record and report."""

import hashlib

from pydantic import Field

from faultfinder.agent.context import AuditContext
from faultfinder.agent.endings import ENOUGH_SEEN, NOTHING_MEASURED, NOTHING_NEW
from faultfinder.agent.events import EventKind
from faultfinder.agent.explore.exploring import Exploring
from faultfinder.agent.settling import settled_observations
from faultfinder.agent.state import AuditState
from faultfinder.agent.strategist import Kinship, Relation
from faultfinder.memory.landscape_records import Exploration
from faultfinder.memory.picture_records import PaintedPair
from faultfinder.memory.records import (
    Case,
    Failure,
    Hypothesis,
    MinedPair,
    Outcome,
    Record,
    Role,
    TextPair,
    Verdict,
)

EXAMPLES = 5
"""Failing pairs kept with a failure in the memory."""

CLOSE = 8
"""Known failures a new one is compared with."""


class Recorded(Record):
    """How a confirmed failure entered the memory."""

    id: str = Field(description="id of the hypothesis")
    failure: str = Field(description="id of the failure in the memory that now holds it")
    relation: Relation = Field(description="how it relates to what was known")


class Recording:
    """The nodes after a verdict."""

    def __init__(self, context: AuditContext) -> None:
        """Bind the nodes to an audit."""
        self._context = context

    def record(self, state: AuditState) -> AuditState:
        """Keep every supported failure: new ones are added, ones known of this target are merged."""
        for hypothesis in self._context.hypotheses(state["supported"]):
            self._record(hypothesis)
        return {"supported": []}

    def report(self, state: AuditState) -> AuditState:
        """End in order; the runner writes the outputs from the ledger."""
        kinds: tuple[type[Record], ...] = (MinedPair, PaintedPair, Exploration)
        mined = any(self._context.ledger.all(kind) for kind in kinds)
        seen = ENOUGH_SEEN if self._context.explores else NOTHING_NEW
        reason = state.get("stopped_by") or (seen if mined else NOTHING_MEASURED)
        if self._context.explores and mined:
            self._context.ledger.save([Exploring(self._context).snapshot()])
        self._context.tell(EventKind.STAGE, f"writing the report ({reason})")
        return {"stopped_by": reason}

    def _record(self, hypothesis: Hypothesis) -> None:
        context = self._context
        failure = self._failure(hypothesis)
        context.tell(EventKind.FOUND, f"{failure.title}: {failure.rate:.0%} of probes fail")
        if context.ledger.get(Recorded, hypothesis.id):
            return
        relation = self._relation(hypothesis, failure)
        if relation.kinship is Kinship.SAME and relation.failure:
            kept = context.memory.merge(relation.failure, failure)
        else:
            kept = self._keep(failure.model_copy(update={"narrower": relation.failure}))
        context.ledger.save([Recorded(id=hypothesis.id, failure=kept.id, relation=relation)])

    def _relation(self, hypothesis: Hypothesis, failure: Failure) -> Relation:
        """Compare with what else is known of the target: after a kill, the failure itself may be there already."""
        close = [known.failure for known in self._context.memory.search(failure.description, CLOSE)]
        own = [known for known in close if known.target == failure.target and known.id != failure.id]
        return self._context.strategist.relate(hypothesis, own) if own else Relation(kinship=Kinship.NEW)

    def _keep(self, failure: Failure) -> Failure:
        """Add a failure, or merge it with what an earlier audit of the same name kept under its id."""
        memory = self._context.memory
        if memory.get(failure.id):
            return memory.merge(failure.id, failure)
        memory.add(failure)
        return failure

    def _failure(self, hypothesis: Hypothesis) -> Failure:
        context = self._context
        verdict = [v for v in context.ledger.all(Verdict) if v.hypothesis == hypothesis.id][-1]
        return Failure(
            id=failure_id(context.settings.target, context.settings.name, hypothesis.description),
            target=context.settings.target,
            title=hypothesis.title,
            description=hypothesis.description,
            rule=hypothesis.rule,
            within=hypothesis.within,
            region=hypothesis.region,
            rate=verdict.probes.rate or 0.0,
            interval=verdict.probes.interval,
            control_rate=verdict.control.rate,
            p_value=verdict.p_value,
            audits=(context.settings.name,),
            examples=self._examples(hypothesis),
        )

    def _examples(self, hypothesis: Hypothesis) -> tuple[TextPair, ...]:
        failed = {seen.case for seen in settled_observations(self._context.ledger) if seen.outcome is Outcome.FAIL}
        probes = [
            TextPair(a=c.a, b=c.b)
            for c in self._context.ledger.all(Case)
            if c.hypothesis == hypothesis.id and c.role is Role.PROBE and c.id in failed
        ]
        return tuple(probes[:EXAMPLES])


def failure_id(target: str, audit: str, description: str) -> str:
    """Return the id under which an audit's hypothesis is kept in the memory; the same again after a resume.

    It rests on what the hypothesis says, not on its number: another audit of the same name numbers others.
    """
    return hashlib.sha256(f"{target}\n{audit}\n{description}".encode()).hexdigest()[:12]
