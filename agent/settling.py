"""What stands after people have answered: the machine's outcome, or the people's where they said otherwise.

A person can overturn any machine verdict. Nothing is overwritten: observations and sightings stay in the ledger as they
were made, labels are appended, and what counts is worked out here, each time anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from faultfinder.agent.pictures.showing import REFUSED, outcome_of
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.people_records import Answer, Ask, Label, Question, standing
from faultfinder.memory.picture_records import PaintedPair, Seen, Side, Sight, Sighting
from faultfinder.memory.records import Observation, Outcome
from faultfinder.tools.people.raters import majority

PEOPLE = "people"


@dataclass(frozen=True)
class Settled:
    """One case as it stands.

    Attributes:
        outcome: What counts.
        reason: Why, in a few words.
        machine: What it was before people answered.
        asked: Whether people answered about it at all.
    """

    outcome: Outcome
    reason: str
    machine: Outcome
    asked: bool

    @property
    def overturned(self) -> bool:
        """Tell whether people changed the outcome."""
        return self.outcome is not self.machine


class Settlement:
    """Everything people said, ready to be laid over what machines saw."""

    def __init__(self, ledger: Ledger) -> None:
        """Read questions, labels and sightings once."""
        questions = {question.id: question for question in ledger.all(Question) if question.case}
        self._sights = _sights(ledger.all(Sighting))
        self._people: dict[str, dict[Side, Sight]] = defaultdict(dict)
        self._same: dict[str, str] = {}
        self._answered: set[str] = set()
        for question, labels in _by_question(questions, ledger.all(Label)):
            self._take(question, majority(labels), len(labels))

    def of(self, seen: Observation) -> Settled:
        """Return how a case stands, given what the machine made of it.

        What people see in pictures settles the pictures only: not what an encoder makes of the same case's texts, nor
        a case of which a picture was refused.
        """
        if seen.case in self._same:
            return Settled(Outcome.INVALID, self._same[seen.case], seen.outcome, asked=True)
        if seen.case in self._people and _is_of_pictures(seen):
            showing = outcome_of(self.sights(seen.case))
            return Settled(showing.outcome, showing.reason, seen.outcome, asked=True)
        return Settled(seen.outcome, seen.detail, seen.outcome, asked=seen.case in self._answered)

    def observed(self, seen: Observation) -> Observation:
        """Return an observation as it stands; the very same where people changed nothing."""
        settled = self.of(seen)
        if not settled.overturned:
            return seen
        return seen.model_copy(update={"outcome": settled.outcome, "detail": settled.reason})

    def people_alone(self, case: str) -> Outcome | None:
        """Return what people alone make of a case: None unless they answered about both of its pictures."""
        sights = self._people.get(case, {})
        return outcome_of(sights).outcome if len(sights) == len(Side) else None

    def sights(self, case: str) -> Mapping[Side, Sight]:
        """Return what is seen in a case's pictures, people's word before the machine's."""
        return {**self._sights.get(case, {}), **self._people.get(case, {})}

    def _take(self, question: Question, answer: Answer, raters: int) -> None:
        case = question.case or ""
        self._answered.add(case)
        if question.kind is Ask.MEANING and answer is Answer.SAME:
            self._same[case] = f"{PEOPLE} ({raters}): the two mean the same"
        if question.kind is Ask.WHICH and question.side is not None:
            self._people[case][question.side] = Sight(seen=Seen(answer.value), reason=f"{PEOPLE} ({raters})")


def settled_observations(ledger: Ledger) -> list[Observation]:
    """Return every observation as it stands."""
    settlement = Settlement(ledger)
    return [settlement.observed(seen) for seen in ledger.all(Observation)]


def settled_pairs(ledger: Ledger) -> list[PaintedPair]:
    """Return every pair that the scout had painted, as it stands."""
    settlement = Settlement(ledger)
    return [_settled_pair(settlement, pair) for pair in ledger.all(PaintedPair)]


def _settled_pair(settlement: Settlement, pair: PaintedPair) -> PaintedPair:
    seen = settlement.observed(Observation(case=pair.id, outcome=pair.outcome, detail=pair.reason))
    return pair.model_copy(update={"outcome": seen.outcome, "reason": seen.detail})


def _is_of_pictures(seen: Observation) -> bool:
    return seen.target_similarity is None and not seen.detail.startswith(REFUSED)


def _sights(sightings: Iterable[Sighting]) -> dict[str, dict[Side, Sight]]:
    found: dict[str, dict[Side, Sight]] = defaultdict(dict)
    for sighting in sightings:
        found[sighting.case][sighting.side] = sighting.sight
    return dict(found)


def _by_question(questions: Mapping[str, Question], labels: Sequence[Label]) -> list[tuple[Question, list[Label]]]:
    given: dict[str, list[Label]] = defaultdict(list)
    for label in standing(list(labels)).values():
        given[label.question].append(label)
    return [(question, given[key]) for key, question in questions.items() if given[key]]
