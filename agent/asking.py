"""When uncertain, ask: which cases people are shown, and what the audit does while they have not answered.

Asked about are pictures that the judge cannot place or judges disagree on, a small random sample of every experiment
(so that the judges can be measured against people), and what would decide an inconclusive hypothesis. Nobody is asked
whether a machine was right: raters see texts and pictures only.
"""

import hashlib
from collections.abc import Iterable, Sequence

from langgraph.types import interrupt

from faultfinder.agent.context import AuditContext, Encoded
from faultfinder.agent.events import EventKind
from faultfinder.agent.eyes import DISAGREE
from faultfinder.agent.state import AuditState
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.people_records import Ask, Label, Question, Why, standing
from faultfinder.memory.picture_records import Picture, Seen, Side, Sighting
from faultfinder.memory.records import Case, Decision, Observation, Outcome, Role, Verdict

SAMPLED = 2
"""Cases of each arm of an experiment that people are shown whatever the judge says."""

DECIDING = 6
"""Probes of an inconclusive hypothesis that people are asked about."""

_RANKS = {Why.DECISION: 2, Why.DISAGREEMENT: 3, Why.CANNOT_TELL: 4, Why.SAMPLE: 5}


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
        if self._context.settings.people != "wait":
            return 0
        return len(unanswered(self._context.ledger))

    def about_pictures(self, cases: Sequence[Case]) -> None:
        """Ask about the pictures of cases just looked at: those nobody could place, and a random sample."""
        if self._context.settings.people == "none" or not cases:
            return
        sampled = {case.id for case in _sample(cases, self._context.settings.seed)}
        pictures = {picture.id: picture.image for picture in self._context.ledger.all(Picture)}
        by_id = {case.id: case for case in cases}
        questions = []
        for seen in self._context.ledger.all(Sighting):
            why = self._why(seen, seen.case in sampled)
            if seen.case in by_id and why and pictures.get(seen.picture):
                questions.append(_which(by_id[seen.case], seen.side, pictures[seen.picture], why))
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
                ask(context, [_meaning(case, why) for case in chosen])

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
    known = {question.id for question in context.ledger.all(Question)}
    new = [question for question in questions if question.id not in known]
    if not new:
        return
    context.ledger.save(new)
    waiting = len(unanswered(context.ledger))
    context.tell(
        EventKind.NOTE,
        f"{len(new)} questions for people, {waiting} open: faultfinder review {context.settings.name}",
    )


def unanswered(ledger: Ledger) -> list[Question]:
    """Return the questions that nobody has answered."""
    answered = {question for question, _ in standing(ledger.all(Label))}
    return [question for question in ledger.all(Question) if question.id not in answered]


def question_id(*parts: str) -> str:
    """Return the id of a question: the same for the same things asked."""
    return "q" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:15]


def _which(case: Case, side: Side, image: str | None, why: Why) -> Question:
    return Question(
        id=question_id(Ask.WHICH, case.id, case.a, case.b, image or ""),
        kind=Ask.WHICH,
        why=why,
        a=case.a,
        b=case.b,
        image=image,
        case=case.id,
        side=side,
        rank=_RANKS[why],
    )


def _meaning(case: Case, why: Why) -> Question:
    return Question(
        id=question_id(Ask.MEANING, case.id, case.a, case.b),
        kind=Ask.MEANING,
        why=why,
        a=case.a,
        b=case.b,
        case=case.id,
        rank=_RANKS[why],
    )


def _sample(cases: Sequence[Case], seed: int) -> list[Case]:
    """Draw a few cases of each arm of each experiment, by dice that know nothing of results."""
    drawn: list[Case] = []
    for hypothesis in dict.fromkeys(case.hypothesis for case in cases):
        for role in Role:
            arm = [case for case in cases if (case.hypothesis, case.role) == (hypothesis, role)]
            drawn += sorted(arm, key=lambda case: _dice(seed, case))[:SAMPLED]
    return drawn


def _dice(seed: int, case: Case) -> str:
    return hashlib.sha256(f"{seed} {case.id} {case.a}".encode()).hexdigest()
