"""People's ratings of how bad failures are, read back from the ledger, and the questions that ask for them.

Needs neither the target nor its inputs, so that the next questions can follow from the answers wherever these come in.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np

from faultfinder.agent.questions import put, question_id
from faultfinder.memory.landscape_records import Candidate, Exploration
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.people_records import Answer, Ask, Label, Question, Why, standing
from faultfinder.memory.records import AuditSettings
from faultfinder.tools.actions.space import ActionSpace, Factor
from faultfinder.tools.landscape.ground import Ground, Places
from faultfinder.tools.landscape.importance import Importance
from faultfinder.tools.landscape.ratings import LEAST, MOST, Rating
from faultfinder.tools.landscape.teaching import taught_most

AT_ONCE = 12
"""Questions that are asked before the model learns from their answers and chooses the next ones."""

SURE = 0.5 / (MOST - LEAST)
"""Mean standard deviation of importance at which nobody is asked further: half a step of the scale."""

FEWEST = 8
"""New answers that are worth exploring again for; the first time, all that were asked for are, however few."""

_RANK = 10
"""Ratings come after what decides cases, in the order in which they teach."""


class Ratings:
    """What people said of failures on changed inputs.

    Attributes:
        labels: Ids of the labels that count.
        given: The ratings, without those of changes that people could not read.
        unreadable: Ids of the visits whose inputs at least half of those who looked could not read or judge.
    """

    def __init__(self, ledger: Ledger, labels: Collection[str] | None = None) -> None:
        """Read the ratings that stand, or those of certain labels."""
        self.candidates = {candidate.id: candidate for candidate in ledger.all(Candidate)}
        self.questions = {each.id: each for each in ledger.all(Question) if each.kind is Ask.RATING}
        kept = standing(ledger.all(Label)).values() if labels is None else ledger.all(Label)
        counted = [each for each in kept if each.question in self.questions and (labels is None or each.id in labels)]
        self.labels = tuple(sorted(label.id for label in counted))
        self._by_question: dict[str, list[Label]] = defaultdict(list)
        for label in counted:
            self._by_question[label.question].append(label)
        self.unreadable = frozenset(self._visit(key) for key, given in self._by_question.items() if _unreadable(given))
        self.given = [
            self._rating(label)
            for key, given in self._by_question.items()
            if self._visit(key) not in self.unreadable
            for label in given
            if label.answer is not Answer.CANNOT_TELL
        ]

    @property
    def open(self) -> list[Question]:
        """Return the questions that nobody has answered."""
        return [question for key, question in self.questions.items() if key not in self._by_question]

    def importance(self, found: Exploration, extra: Sequence[str] = ()) -> Importance:
        """Return what is believed of importance.

        Args:
            found: an exploration of the audit; all share their actions.
            extra: topics of inputs beside those that people were or could be asked about.
        """
        topics = [candidate.topic for candidate in self.candidates.values()]
        return Importance(Ground(space_of(found), [*topics, *extra]), self.given)

    def _visit(self, question: str) -> str:
        return self.questions[question].visit or ""

    def _rating(self, label: Label) -> Rating:
        asked = self.candidates[self._visit(label.question)]
        value = (int(label.answer or LEAST) - LEAST) / (MOST - LEAST)
        return Rating(label.question, label.rater, value, asked.action, asked.topic, asked.state)


def ask_next(ledger: Ledger) -> list[Question]:
    """Put the next questions into the queue: none while some are open, the model is sure, or enough were asked."""
    ratings, settings = Ratings(ledger), ledger.all(AuditSettings)
    explorations = ledger.all(Exploration)
    if not (explorations and settings and ratings.candidates) or ratings.open:
        return []
    room = min(AT_ONCE, settings[0].ratings - len(ratings.questions))
    model, candidates = ratings.importance(explorations[0]), list(ratings.candidates.values())
    pool = places_of(model.ground, candidates)
    if room < 1 or (ratings.given and model.at(pool).sd.mean() < SURE):
        return []
    asked = {question.visit for question in ratings.questions.values()}
    rows = [row for row, candidate in enumerate(candidates) if candidate.id in asked]
    chosen = taught_most(model, pool, rows, room)
    return put(ledger, [_question(candidates[row], len(asked) + n) for n, row in enumerate(chosen)])


def are_worth_exploring(ledger: Ledger) -> bool:
    """Tell whether people have rated failures that no exploration has been weighed by: many, or all, the first time."""
    explorations = ledger.all(Exploration)
    if not explorations:
        return False
    ratings, last = Ratings(ledger), explorations[-1].importance
    new = set(ratings.labels) - set(last.labels if last else ())
    return bool(new and ratings.given) and (len(new) >= FEWEST or (last is None and not ratings.open))


def places_of(ground: Ground, candidates: Sequence[Candidate]) -> Places:
    """Return where candidates lie."""
    states = np.array([candidate.state for candidate in candidates], dtype=np.float64)
    return ground.places(
        [candidate.action for candidate in candidates],
        [candidate.topic for candidate in candidates],
        states.reshape(len(candidates), -1),
    )


def space_of(found: Exploration) -> ActionSpace:
    """Return the actions of an exploration."""
    return ActionSpace([Factor(axis.factor, axis.levels, axis.say, axis.neutral) for axis in found.axes])


def _question(candidate: Candidate, place: int) -> Question:
    return Question(
        id=question_id(Ask.RATING, candidate.id, candidate.image or candidate.after),
        kind=Ask.RATING,
        why=Why.IMPORTANCE,
        a=candidate.right,
        b=candidate.said,
        image=candidate.image,
        before=candidate.before,
        after=candidate.after,
        visit=candidate.id,
        rank=_RANK + place,
    )


def _unreadable(labels: Sequence[Label]) -> bool:
    return 2 * sum(label.answer is Answer.CANNOT_TELL for label in labels) >= len(labels)
