"""Label Studio's files: questions as tasks to import there, and its export read back.

Tasks hold their pictures, so that no storage need be connected, and the choices of their kind of question, so that one
labelling configuration serves all kinds. They hold nothing that any rater or machine has said.
"""

import base64
import json
from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from faultfinder.memory.errors import LabelError
from faultfinder.memory.people_records import CHOICES, Answer, Ask, Question
from faultfinder.tools.people.desk import Desk

ANSWER = "answer"

CONFIG = """<View>
  <Header value="$ask"/>
  <Image name="image" value="$image" maxWidth="600px"/>
  <Text name="first" value="$first"/>
  <Text name="second" value="$second"/>
  <Choices name="answer" toName="first" choice="single-radio" value="$choices" required="true"/>
  <TextArea name="note" toName="first" maxSubmissions="1" placeholder="Note"/>
</View>
"""
"""The labelling configuration that goes with the tasks."""

_ASKS = {
    Ask.WHICH: "Which of the two texts does the picture show?",
    Ask.MEANING: "Do these two texts mean visibly different things?",
    Ask.RATING: "How bad is this, from 1 (does not matter) to 10 (must not happen)? The input as it was, and as the "
    "model was given it; then what is right, and what the model said.",
}
_NO_PICTURE = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


class _Foreign(BaseModel):
    """Part of a file of another program's: what is not needed is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Value(_Foreign):
    choices: list[str] = []
    text: list[str] | str = []


class _Result(_Foreign):
    from_name: str = ""
    value: _Value = _Value()


class _Person(_Foreign):
    id: int | None = None
    email: str = ""


class _Annotation(_Foreign):
    id: int | str | None = None
    unique_id: str | None = None
    completed_by: _Person | int | str | None = None
    result: list[_Result] = []
    was_cancelled: bool = False
    created_at: str = ""
    updated_at: str = ""

    @property
    def rater(self) -> str:
        """Who annotated: the address where the export tells it, else the number."""
        by = self.completed_by
        if isinstance(by, _Person):
            return by.email or f"annotator {by.id}"
        return by if isinstance(by, str) else f"annotator {by if by is not None else 'unknown'}"

    @property
    def answer(self) -> str:
        """What was chosen; empty where nothing was."""
        return next(
            (one.value.choices[0] for one in self.result if one.from_name == "answer" and one.value.choices), ""
        )

    @property
    def note(self) -> str:
        """What was written beside it."""
        said = [one.value.text for one in self.result if one.from_name == "note"]
        return "\n".join(text if isinstance(text, str) else "\n".join(text) for text in said)


class _Data(_Foreign):
    question: str


class _Task(_Foreign):
    data: _Data
    annotations: list[_Annotation] = Field(default=[])


def tasks(desk: Desk) -> bytes:
    """Return every question as a task, in JSON as Label Studio imports it."""
    made = [{"data": _data(question, desk)} for question in desk.questions()]
    return json.dumps(made, ensure_ascii=False, indent=1).encode()


def annotated(content: object, path: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield where each annotation stands in an export and what it says; cancelled and empty ones are passed over.

    Raises:
        LabelError: it is no Label Studio export in JSON of these tasks.
    """
    if not isinstance(content, list):
        raise LabelError(f"{path}: no list of tasks; export from Label Studio as JSON")
    for number, entry in enumerate(content, start=1):
        task = _task(entry, f"{path}: task {number}")
        for place, annotation in enumerate(task.annotations, start=1):
            if annotation.answer and not annotation.was_cancelled:
                yield f"{path}: task {number}, annotation {place}", _said(task.data.question, annotation)


def _said(question: str, annotation: _Annotation) -> dict[str, object]:
    return {
        "question": question,
        "rater": annotation.rater,
        "answer": annotation.answer,
        "note": annotation.note,
        "at": annotation.updated_at or annotation.created_at,
    }


def _task(entry: object, where: str) -> _Task:
    try:
        return _Task.model_validate(entry)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
        raise LabelError(f"{where}: not a task of this audit's ({wrong})") from error


def _data(question: Question, desk: Desk) -> dict[str, object]:
    png = desk.picture(question.id) if question.image else None
    return {
        "question": question.id,
        "ask": question.text if question.kind is Ask.OPEN else _ASKS[question.kind],
        "first": _after(question.before, question.a),
        "second": _after(question.after, question.b),
        "image": f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}" if png else _NO_PICTURE,
        "choices": [_choice(answer) for answer in CHOICES[question.kind]],
    }


def _after(given: str, said: str) -> str:
    """Put an input that is a text before what is said of it."""
    return f"{given}\n\u2192 {said}" if given else said


def _choice(answer: Answer) -> dict[str, str]:
    return {"value": answer.value}
