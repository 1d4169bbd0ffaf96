"""What the page and the server say to each other. Everything that enters is checked here."""

from pydantic import Field

from faultfinder.memory.people_records import CHOICES, Answer, Label, Question
from faultfinder.memory.records import Record
from faultfinder.tools.people.desk import Desk
from faultfinder.tools.people.raters import RaterAgreement, raters_agreement
from faultfinder.tools.people.raters_queue import Item, RatersQueue, turn

LONGEST_NOTE = 2000

_ID = r"^[A-Za-z0-9_-]{1,80}$"


class Opening(Record):
    """What a page is told first."""

    name: str = Field(description="what the audit is called")
    key: str = Field(description="under which the page keeps what is not saved yet")


class Turn(Record):
    """What a rater is shown now."""

    rater: str = Field(description="the rater's name as it is kept")
    done: int = Field(description="questions this rater has answered")
    total: int = Field(description="questions there are")
    item: Item | None = Field(description="the question; null when all are answered")
    ahead: str | None = Field(description="id of the question after it, so that its picture can be fetched in time")
    last: str | None = Field(description="id of the question whose answer would be taken back")
    replaced: bool = Field(default=False, description="whether the answer just given took the place of an earlier one")
    agreement: RaterAgreement | None = Field(default=None, description="how well raters agree, told at the end only")


class Given(Record):
    """An answer as the page sends it, in the order shown; sent again until it is acknowledged."""

    id: str = Field(pattern=_ID, min_length=8, description="made by the page before sending")
    question: str = Field(pattern=_ID, description="id of the question")
    rater: str = Field(max_length=200, description="the rater's name")
    answer: Answer | None = Field(description="the answer as shown; null takes the earlier one back")
    note: str = Field(default="", max_length=LONGEST_NOTE, description="what the rater wrote beside it")

    def label(self, rater: str, question: Question, at: str) -> Label:
        """Return the label it makes, in the case's order."""
        return Label(
            id=self.id,
            question=question.id,
            rater=rater,
            answer=turn(rater, question, self.answer),
            note=self.note.strip(),
            at=at,
        )


def takes(question: Question, answer: Answer | None) -> bool:
    """Tell whether an answer fits the kind of question."""
    return answer is None or answer in CHOICES[question.kind]


def turn_of(desk: Desk, queue: RatersQueue, wanted: str | None = None, replaced: bool = False) -> Turn:
    """Return what a rater is shown: the question wanted, else the first not answered yet."""
    coming = queue.upcoming(2)
    shown = wanted if wanted and queue.question(wanted) else next(iter(coming), None)
    return Turn(
        rater=queue.rater,
        done=queue.done,
        total=queue.total,
        item=queue.item(shown) if shown else None,
        ahead=next((key for key in coming if key != shown), None),
        last=queue.last,
        replaced=replaced,
        agreement=None if shown or not queue.total else raters_agreement(_standing(desk), desk.questions()),
    )


def _standing(desk: Desk) -> list[Label]:
    from faultfinder.memory.people_records import standing

    return list(standing(desk.labels()).values())
