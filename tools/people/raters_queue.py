"""One rater's way through the questions: what comes next, which text is shown first, what an answer means.

Pure: it is given questions and labels and remembers nothing. Questions come by rank; within a rank in an order that
is the same for all raters and follows nothing (their ids are hashes): the two pictures of a pair are seldom
neighbours, and raters who both stop half-way have answered the same ones. Which text is shown first is drawn for each
rater and question anew, and always falls the same way; only what is right always comes before what a model said. A
rater is not told why a question is asked, of which case, whose prompt a picture was painted from, or what anybody else
said.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import Field

from faultfinder.memory.people_records import CHOICES, Answer, Ask, Label, Question, standing
from faultfinder.memory.records import Record
from faultfinder.tools.people.differences import Marked, Piece, marked, whole

LONGEST_NAME = 60
_TURNED = {Answer.FIRST: Answer.SECOND, Answer.SECOND: Answer.FIRST}


class Item(Record):
    """A question as one rater sees it. `first` and `second` are what is shown first and second."""

    question: str = Field(description="id of the question")
    kind: Ask = Field(description="which, meaning, open or rating")
    text: str = Field(description="the question in words, for an open one")
    first: tuple[Piece, ...] = Field(description="the text shown first")
    second: tuple[Piece, ...] = Field(description="the text shown second")
    before: tuple[Piece, ...] = Field(default=(), description="for a rating of a text: the input as it was")
    after: tuple[Piece, ...] = Field(default=(), description="for a rating of a text: as the model was given it")
    picture: bool = Field(description="whether a picture belongs to it")
    answers: tuple[Answer, ...] = Field(description="what can be answered, in order")
    given: Answer | None = Field(description="what this rater answered before, as shown; null if nothing stands")
    note: str = Field(description="what this rater wrote beside it")


@dataclass(frozen=True)
class Again:
    """Questions to be asked before all others, of raters who have answered them too.

    Attributes:
        questions: Their ids.
        earlier: Ids of the labels that there were before; they stand, but do not count as answered now.
    """

    questions: frozenset[str] = frozenset()
    earlier: frozenset[str] = frozenset()

    def is_open(self, label: Label) -> bool:
        """Tell whether a question is to be asked although this label answers it."""
        return label.question in self.questions and label.id in self.earlier


class RatersQueue:
    """The questions of an audit as one rater goes through them."""

    def __init__(
        self, rater: str, questions: Sequence[Question], labels: Sequence[Label], again: Again | None = None
    ) -> None:
        """Lay out the queue.

        Args:
            rater: the rater's name, as `rater_name` returns it.
            questions: every question.
            labels: every label of every rater, in the order of writing.
            again: what is asked first.
        """
        again = again or Again()
        self.rater = rater
        self._questions = {question.id: question for question in questions}
        self._order = sorted(
            questions, key=lambda question: (question.id not in again.questions, question.rank, question.id)
        )
        own = [label for label in labels if label.rater == rater and label.question in self._questions]
        self._standing = {question: label for (question, _), label in standing(own).items()}
        self._done = {question for question, label in self._standing.items() if not again.is_open(label)}
        self._last = next((label.question for label in reversed(own) if self._counts(label)), None)

    @property
    def total(self) -> int:
        """How many questions there are."""
        return len(self._order)

    @property
    def done(self) -> int:
        """How many of them this rater has answered."""
        return len(self._done)

    @property
    def last(self) -> str | None:
        """Id of the question whose answer this rater would take back first: the latest that stands."""
        return self._last

    def upcoming(self, count: int) -> list[str]:
        """Return the ids of the next questions that this rater has not answered."""
        left = (question.id for question in self._order if question.id not in self._done)
        return [key for key, _ in zip(left, range(count), strict=False)]

    def question(self, key: str) -> Question | None:
        """Return a question by its id, or None."""
        return self._questions.get(key)

    def answered(self, key: str) -> bool:
        """Tell whether this rater's answer to a question stands."""
        return key in self._done

    def item(self, key: str) -> Item:
        """Return a question as this rater sees it.

        Raises:
            KeyError: there is no such question.
        """
        question, kept = self._questions[key], self._standing.get(key)
        texts = _texts(question)
        changed = marked(question.before, question.after)
        turned = is_turned(self.rater, question)
        return Item(
            question=question.id,
            kind=question.kind,
            text=question.text if question.kind is Ask.OPEN else "",
            first=texts.b if turned else texts.a,
            second=texts.a if turned else texts.b,
            before=changed.a,
            after=changed.b,
            picture=question.image is not None,
            answers=CHOICES[question.kind],
            given=turn(self.rater, question, kept.answer) if kept else None,
            note=kept.note if kept else "",
        )

    def _counts(self, label: Label) -> bool:
        kept = self._standing.get(label.question)
        return kept is not None and kept.id == label.id


def _texts(question: Question) -> Marked:
    """Return a question's two texts; what is right and what was said are not to be compared word by word."""
    if question.kind is Ask.RATING:
        return Marked(whole(question.a), whole(question.b))
    return marked(question.a, question.b)


def is_turned(rater: str, question: Question) -> bool:
    """Tell whether a rater is shown b before a."""
    return question.kind is not Ask.RATING and bool(hashlib.sha256(f"{rater}\n{question.id}".encode()).digest()[0] & 1)


def turn(rater: str, question: Question, answer: Answer | None) -> Answer | None:
    """Turn an answer from the order shown into the case's, or back."""
    if answer is None or not is_turned(rater, question):
        return answer
    return _TURNED.get(answer, answer)


def rater_name(said: str, known: Iterable[str] = ()) -> str | None:
    """Return a rater's name tidied up, spelt as among those known; None where it is no name.

    "Ann" and " ann " are one person: counted as two, they would agree with themselves.
    """
    tidy = " ".join(unicodedata.normalize("NFC", said).split())
    if not tidy or len(tidy) > LONGEST_NAME or not tidy.isprintable():
        return None
    return next((name for name in known if name.casefold() == tidy.casefold()), tidy)
