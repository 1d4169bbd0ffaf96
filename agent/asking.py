"""When uncertain, ask: which cases people are shown, and what the audit does while they have not answered.

Asked about are pictures that the judge cannot place or judges disagree on, a small random sample of every experiment
(so that the judges can be measured against people), and what would decide an inconclusive hypothesis. Nobody is asked
whether a machine was right: raters see texts and pictures only.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from langgraph.types import interrupt

from faultfinder.agent.context import AuditContext, Encoded
from faultfinder.agent.events import EventKind
from faultfinder.agent.pictures.eyes import DISAGREE
from faultfinder.agent.questions import meaning_question, put, unanswered, which_question
from faultfinder.agent.state import AuditState
from faultfinder.memory.people_records import Question, Why
from faultfinder.memory.picture_records import Picture, Seen, Side, Sighting
from faultfinder.memory.records import Case, Decision, Observation, Outcome, Role, Verdict

SAMPLED = 2
"""Cases of each arm of an experiment that people are shown whatever the judge says."""

DECIDING = 6
"""Probes of an inconclusive hypothesis that people are asked about."""


class Asking:
    """Fills the queue of questions, and waits for answers where that was asked for."""

    def __init__(self, context: AuditContext) -> None:
        """Bind to an audit."""
        self._context = context

    def people(self, state: AuditState) -> AuditState:
        """Wait for people: the audit pauses here until every question has an answer."""
        interrupt({"questions": state["waiting"]})
        return {"waiting": self.open_questions()}

    def open_questions(self) -> int:
        """Return how many questions the audit has to wait for; 0 unless it is to wait."""
        if not self._context.waits:
            return 0
        return len(unanswered(self._context.ledger))

    def about_pictures(self, cases: Sequence[Case]) -> None:
        """Ask about the pictures of cases just looked at: those nobody could place, and a random sample."""
        if self._context.settings.people == "none" or not cases:
            return
        sampled = {case.id for case in _sample(cases, self._context.settings.seed)}
        pictures = {picture.id: picture.image for picture in self._context.ledger.all(Picture)}
        by_id = {case.id: case for case in cases}
        sightings = [seen for seen in self._context.ledger.all(Sighting) if seen.case in by_id]
        looked_at = Counter(seen.case for seen in sightings)
        questions = []
        for seen in sightings:
            why, image = self._why(seen, seen.case in sampled), pictures.get(seen.picture)
            if why and image and looked_at[seen.case] == len(Side):
                questions.append(which_question(by_id[seen.case], seen.side, image, why))
        ask(self._context, questions)

    def about_verdicts(self, verdicts: Iterable[Verdict]) -> None:
        """Ask whether an encoder's failing probes differ in meaning: a few of what is proven, more of what is open."""
        context = self._context
        if context.settings.people == "none" or context.corpus.world or not isinstance(context.subject, Encoded):
            return
        failed = {seen.case for seen in context.ledger.all(Observation) if seen.outcome is Outcome.FAIL}
        cases = [case for case in context.ledger.all(Case) if case.id in failed and case.role is Role.PROBE]
        for verdict in verdicts:
            own = [case for case in cases if case.hypothesis == verdict.hypothesis]
            why, most = _SHARES.get(verdict.decision, (None, 0))
            if why:
                chosen = sorted(own, key=lambda case: _dice(context.settings.seed, case))[:most]
                ask(context, [meaning_question(case, why) for case in chosen])

    def _why(self, seen: Sighting, sampled: bool) -> Why | None:
        if seen.sight.seen is Seen.CANNOT_TELL:
            return Why.DISAGREEMENT if seen.sight.reason.startswith(DISAGREE) else Why.CANNOT_TELL
        return Why.SAMPLE if sampled else None


_SHARES: dict[Decision, tuple[Why, int]] = {
    Decision.SUPPORTED: (Why.SAMPLE, 2 * SAMPLED),
    Decision.INCONCLUSIVE: (Why.DECISION, DECIDING),
}


def ask(context: AuditContext, questions: Sequence[Question]) -> None:
    """Put questions into the queue; what is there already is left as it is."""
    new = put(context.ledger, questions)
    if not new:
        return
    waiting = len(unanswered(context.ledger))
    context.tell(
        EventKind.NOTE,
        f"{len(new)} questions for people, {waiting} open: faultfinder review {context.settings.name}",
    )


def _sample(cases: Sequence[Case], seed: int) -> list[Case]:
    """Draw a few cases of each arm of each experiment, by dice that know nothing of results."""
    arms: dict[tuple[str, int, Role], list[Case]] = defaultdict(list)
    for case in cases:
        arms[case.hypothesis, case.look, case.role].append(case)
    return [case for arm in arms.values() for case in sorted(arm, key=lambda case: _dice(seed, case))[:SAMPLED]]


def _dice(seed: int, case: Case) -> str:
    return hashlib.sha256(f"{seed} {case.id} {case.a}".encode()).hexdigest()
