"""What people are asked and what they answer. Labels are appended, never overwritten; a rater's last one counts."""

from enum import StrEnum

from pydantic import Field

from faultfinder.memory.picture_records import Side
from faultfinder.memory.records import Record


class Ask(StrEnum):
    """The kinds of question."""

    WHICH = "which"
    MEANING = "meaning"
    OPEN = "open"
    RATING = "rating"


class Why(StrEnum):
    """Why people are asked."""

    CANNOT_TELL = "cannot tell"
    DISAGREEMENT = "disagreement"
    DECISION = "decision"
    SAMPLE = "sample"
    ASKED = "asked"
    IMPORTANCE = "importance"


class Answer(StrEnum):
    """What a rater can answer. Which of them a question takes follows from its kind."""

    FIRST = "first"
    SECOND = "second"
    NEITHER = "neither"
    SAME = "same"
    DIFFERENT = "different"
    YES = "yes"
    NO = "no"
    R1 = "1"
    R2 = "2"
    R3 = "3"
    R4 = "4"
    R5 = "5"
    R6 = "6"
    R7 = "7"
    R8 = "8"
    R9 = "9"
    R10 = "10"
    CANNOT_TELL = "cannot tell"


RATINGS = tuple(answer for answer in Answer if answer.value.isdecimal())
"""From "does not matter" to "must not happen"."""


CHOICES: dict[Ask, tuple[Answer, ...]] = {
    Ask.WHICH: (Answer.FIRST, Answer.SECOND, Answer.NEITHER, Answer.CANNOT_TELL),
    Ask.MEANING: (Answer.DIFFERENT, Answer.SAME, Answer.CANNOT_TELL),
    Ask.OPEN: (Answer.YES, Answer.NO, Answer.CANNOT_TELL),
    Ask.RATING: (*RATINGS, Answer.CANNOT_TELL),
}
"""The answers of each kind of question, in the order in which they are offered."""


class Question(Record):
    """One item of the queue: what a person is asked.

    A WHICH question shows one picture and two texts; a MEANING question two texts; an OPEN question what the strategist
    asks in its own words. FIRST and SECOND mean `a` and `b`, in whatever order a rater was shown them. A RATING
    question asks how bad a failure on a changed input is: it shows what is right, what the model said, and the input as
    it was beside the input as the model was given it, in one picture or as two texts.
    """

    id: str = Field(description="hash of what is asked, so that the same thing is asked once")
    kind: Ask = Field(description="which, meaning, open or rating")
    why: Why = Field(description="why people are asked")
    text: str = Field(default="", description="the question in words, for an open one")
    a: str = Field(default="", description="first text, in the case's order; for a rating, what is right")
    b: str = Field(default="", description="second text; for a rating, what the model said")
    image: str | None = Field(
        default=None, description="SHA-256 of the PNG in images/, for a which question, or a rating of a picture"
    )
    before: str = Field(default="", description="for a rating of a text: the input as it was")
    after: str = Field(default="", description="for a rating of a text: the input as the model was given it")
    visit: str | None = Field(default=None, description="for a rating: id of the explorer's query that failed")
    case: str | None = Field(default=None, description="id of the case it bears on")
    side: Side | None = Field(
        default=None, description="whose prompt the picture was painted from; raters never see it"
    )
    rank: int = Field(default=0, description="lower comes first")


class Label(Record):
    """One thing a rater did with one question: answered it, or took an answer back."""

    id: str = Field(description="unique; made by the page before sending, so that sending twice counts once")
    question: str = Field(description="id of the question")
    rater: str = Field(description="the name the rater gave")
    answer: Answer | None = Field(description="the answer in the case's order; null takes the rater's answer back")
    note: str = Field(default="", description="what the rater wrote beside it")
    at: str = Field(description="when, ISO 8601")


def standing(labels: list[Label]) -> dict[tuple[str, str], Label]:
    """Return the labels that count, by question and rater: the last one of each, unless it takes the answer back."""
    last = {(label.question, label.rater): label for label in labels}
    return {key: label for key, label in last.items() if label.answer is not None}
