"""The node that follows a proven failure of an encoder downstream: does it reach the pictures of a generator?

The proven failure's own probes and controls become prompts. A pair fails downstream when a picture shows the other text
or neither; the rate of the probes stands beside that of the controls, which are painted by the same generator.
"""

from collections.abc import Sequence

from pydantic import Field

from faultfinder.agent.asking import Asking
from faultfinder.agent.context import AuditContext
from faultfinder.agent.events import EventKind
from faultfinder.agent.measuring import painted_outcomes
from faultfinder.agent.pictures.studio import Studio
from faultfinder.agent.recording import Recorded
from faultfinder.agent.settling import settled_observations
from faultfinder.agent.state import AuditState
from faultfinder.memory.records import Case, Hypothesis, Observation, Outcome, Record, Role

PAIRS = 20
"""Pairs of each arm that are painted, the first ones written that could be scored; none is chosen by its result."""


class Followed(Record):
    """A proven failure followed into a generator."""

    id: str = Field(description="id of the hypothesis")
    generator: str = Field(description="spec of the generator")
    judge: str = Field(description="who looked at the pictures")
    pairs: tuple[Observation, ...] = Field(description="one outcome per case that was painted")


class Following:
    """Follows what was proven into the downstream generator, where there is one."""

    def __init__(self, context: AuditContext) -> None:
        """Bind to an audit."""
        self._context = context
        self._asking = Asking(context)

    def follow(self, state: AuditState) -> AuditState:
        """Paint the pairs of every proven failure that was not followed yet."""
        context, studio = self._context, self._context.downstream
        if studio is None:
            return {}
        done = {followed.id for followed in context.ledger.all(Followed)}
        proven = [recorded.id for recorded in context.ledger.all(Recorded) if recorded.id not in done]
        for hypothesis in context.hypotheses(proven):
            self._follow(studio, hypothesis)
        return {}

    def _follow(self, studio: Studio, hypothesis: Hypothesis) -> None:
        context = self._context
        context.tell(EventKind.STAGE, f"following {hypothesis.id} into {studio.name}: {hypothesis.title}")
        cases = self._cases(hypothesis)
        seen = tuple(painted_outcomes(studio, cases))
        self._asking.about_pictures(cases)
        context.ledger.save([Followed(id=hypothesis.id, generator=studio.name, judge=studio.eyes.name, pairs=seen)])
        probes, controls = (_failing(cases, seen, role) for role in (Role.PROBE, Role.CONTROL))
        context.tell(
            EventKind.NOTE, f"{hypothesis.id} downstream: {probes} of the probes fail, {controls} of the controls"
        )

    def _cases(self, hypothesis: Hypothesis) -> list[Case]:
        scored = {
            seen.case
            for seen in settled_observations(self._context.ledger)
            if seen.outcome in (Outcome.FAIL, Outcome.PASS)
        }
        own = [c for c in self._context.ledger.all(Case) if c.hypothesis == hypothesis.id and c.id in scored]
        return [case for role in Role for case in [c for c in own if c.role is role][:PAIRS]]


def _failing(cases: Sequence[Case], seen: Sequence[Observation], role: Role) -> str:
    ends = [o.outcome for case, o in zip(cases, seen, strict=True) if case.role is role]
    return f"{ends.count(Outcome.FAIL)} of {sum(end in (Outcome.FAIL, Outcome.PASS) for end in ends)}"
