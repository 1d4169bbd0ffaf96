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


class Why(StrEnum):
    """Why people are asked."""

    CANNOT_TELL = "cannot tell"
    DISAGREEMENT = "disagreement"
    DECISION = "decision"
    SAMPLE = "sample"
    ASKED = "asked"


class Answer(StrEnum):
    """What a rater can answer. Which of them a question takes follows from its kind."""

    FIRST = "first"
    SECOND = "second"
    NEITHER = "neither"
    SAME = "same"
    DIFFERENT = "different"
    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot tell"


CHOICES: dict[Ask, tuple[Answer, ...]] = {
    Ask.WHICH: (Answer.FIRST, Answer.SECOND, Answer.NEITHER, Answer.CANNOT_TELL),
    Ask.MEANING: (Answer.DIFFERENT, Answer.SAME, Answer.CANNOT_TELL),
    Ask.OPEN: (Answer.YES, Answer.NO, Answer.CANNOT_TELL),
}
"""The answers of each kind of question, in the order in which they are offered."""


class Question(Record):
    """One item of the queue: what a person is asked.

    A WHICH question shows one picture and two texts; a MEANING question two texts; an OPEN question what the strategist
    asks in its own words. FIRST and SECOND mean `a` and `b`, in whatever order a rater was shown them.
    """

    id: str = Field(description="hash of what is asked, so that the same thing is asked once")
    kind: Ask = Field(description="which, meaning or open")
    why: Why = Field(description="why people are asked")
    text: str = Field(default="", description="the question in words, for an open one")
    a: str = Field(default="", description="first text, in the case's order")
    b: str = Field(default="", description="second text")
    image: str | None = Field(default=None, description="SHA-256 of the PNG in images/, for a which question")
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
