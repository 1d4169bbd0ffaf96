"""The questions that people can be asked about cases, and the queue they stand in. Knows nothing of a running audit."""

import hashlib
from collections.abc import Sequence

from faultfinder.memory.ledger import Ledger
from faultfinder.memory.people_records import Ask, Label, Question, Why, standing
from faultfinder.memory.picture_records import Side
from faultfinder.memory.records import Case

_RANKS = {Why.ASKED: 1, Why.DECISION: 2, Why.DISAGREEMENT: 3, Why.CANNOT_TELL: 4, Why.SAMPLE: 5}


def put(ledger: Ledger, questions: Sequence[Question]) -> list[Question]:
    """Put questions into the queue and return those that were not there yet."""
    known = {question.id for question in ledger.all(Question)}
    new = [question for question in questions if question.id not in known]
    ledger.save(new)
    return new


def unanswered(ledger: Ledger) -> list[Question]:
    """Return the questions that nobody has answered."""
    answered = {question for question, _ in standing(ledger.all(Label))}
    return [question for question in ledger.all(Question) if question.id not in answered]


def question_id(*parts: str) -> str:
    """Return the id of a question: the same for the same things asked."""
    return "q" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:15]


def which_question(case: Case, side: Side, image: str | None, why: Why) -> Question:
    """Ask which of a case's texts one of its pictures shows; two pictures that are the same are two questions."""
    return Question(
        id=question_id(Ask.WHICH, case.id, side, case.a, case.b, image or ""),
        kind=Ask.WHICH,
        why=why,
        a=case.a,
        b=case.b,
        image=image,
        case=case.id,
        side=side,
        rank=_RANKS[why],
    )


def meaning_question(case: Case, why: Why) -> Question:
    """Ask whether a case's texts differ in meaning."""
    return Question(
        id=question_id(Ask.MEANING, case.id, case.a, case.b),
        kind=Ask.MEANING,
        why=why,
        a=case.a,
        b=case.b,
        case=case.id,
        rank=_RANKS[why],
    )
