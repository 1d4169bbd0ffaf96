"""What people were asked and what they changed, as `findings.json` tells it."""

from collections.abc import Sequence

from pydantic import Field

from faultfinder.agent.following import Followed
from faultfinder.agent.inquiries import Inquiry
from faultfinder.agent.pictures.correction import JudgeQuality, compare_with_truth
from faultfinder.agent.pictures.eyes import PEOPLE
from faultfinder.agent.settling import Settlement
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.people_records import Label, Question, standing
from faultfinder.memory.picture_records import Sighting
from faultfinder.memory.records import Decision, Observation, Outcome, Record
from faultfinder.tools.people.raters import RaterAgreement, raters_agreement


class Overturned(Record):
    """A case that people see otherwise than the machine did."""

    case: str = Field(description="id of the case")
    machine: Outcome = Field(description="what the machine said; it stays in the ledger")
    people: Outcome = Field(description="what counts now")
    reason: str = Field(description="what people said")


class HumanFacts(Record):
    """People's part in one finding."""

    questions: int = Field(description="questions that bear on it")
    answered: int = Field(description="of these, answered by at least one person")
    agreement: RaterAgreement = Field(description="how well the raters agree (Krippendorff's alpha)")
    overturned: tuple[Overturned, ...] = Field(description="cases whose outcome people changed")
    machine_decision: Decision | None = Field(description="the verdict before people answered; null before a verdict")


class PeopleFacts(Record):
    """People's part in the whole audit."""

    questions: int = Field(description="questions asked")
    answered: int = Field(description="of these, answered by at least one person")
    labels: int = Field(description="answers that stand")
    agreement: RaterAgreement = Field(description="how well the raters agree, over all questions")
    judge: str | None = Field(description="the machine judge of pictures; null where no pictures were looked at")
    judge_quality: JudgeQuality | None = Field(
        description="that judge against people, on the cases of which people saw both pictures; null without any"
    )


class PeopleView:
    """Everything people were asked and said in one audit."""

    def __init__(self, ledger: Ledger, followed: Sequence[Followed]) -> None:
        """Read questions, labels and machine outcomes once."""
        self._questions = ledger.all(Question)
        self._labels = list(standing(ledger.all(Label)).values())
        self._settlement = Settlement(ledger)
        self._painted = [seen for record in followed for seen in record.pairs]
        self._sightings = ledger.all(Sighting)
        in_experiments = {sighting.case for sighting in self._sightings}
        self._painted += [
            seen for seen in ledger.all(Observation) if seen.case in in_experiments and seen.target_similarity is None
        ]

    @property
    def anything(self) -> bool:
        """Tell whether anybody was asked anything."""
        return bool(self._questions)

    def whole(self) -> PeopleFacts | None:
        """Return people's part in the audit; None where nobody was asked."""
        if not self._questions:
            return None
        return PeopleFacts(
            questions=len(self._questions),
            answered=self._answered(self._questions),
            labels=len(self._labels),
            agreement=raters_agreement(self._labels, self._questions),
            judge=self._sightings[0].judge if self._sightings else None,
            judge_quality=self.judge_quality(),
        )

    def of(self, inquiry: Inquiry) -> HumanFacts | None:
        """Return people's part in a finding; None where nothing was asked about it."""
        own = {attempt.case.id for attempt in inquiry.attempts}
        questions = [question for question in self._questions if question.case in own]
        if not questions:
            return None
        asked = {question.id for question in questions}
        labels = [label for label in self._labels if label.question in asked]
        return HumanFacts(
            questions=len(questions),
            answered=self._answered(questions),
            agreement=raters_agreement(labels, questions),
            overturned=self._overturned(inquiry),
            machine_decision=inquiry.machine.decision if inquiry.machine else None,
        )

    def judge_quality(self) -> JudgeQuality | None:
        """Measure the judge of pictures against people; None where people saw both pictures of no case, or are it."""
        if self._sightings and self._sightings[0].judge == PEOPLE:
            return None
        both = [
            (seen.outcome, truth)
            for seen in self._painted
            if (truth := self._settlement.people_alone(seen.case)) is not None
        ]
        if not both:
            return None
        return compare_with_truth([machine for machine, _ in both], [truth for _, truth in both])

    def _answered(self, questions: Sequence[Question]) -> int:
        answered = {label.question for label in self._labels}
        return sum(question.id in answered for question in questions)

    def _overturned(self, inquiry: Inquiry) -> tuple[Overturned, ...]:
        own = {attempt.case.id for attempt in inquiry.attempts}
        settled = [(attempt.case.id, attempt.settled) for attempt in inquiry.attempts if attempt.settled]
        settled += [(seen.case, self._settlement.of(seen)) for seen in self._painted if seen.case in own]
        changed = {case: each for case, each in settled if each.overturned}
        return tuple(
            Overturned(case=case, machine=each.machine, people=each.outcome, reason=each.reason)
            for case, each in changed.items()
        )
