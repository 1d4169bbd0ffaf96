"""Labels as files: CSV for spreadsheets, JSON lines for programs, tasks for Label Studio; and back again.

Files come from elsewhere: every line is checked, and nothing of a file is taken unless all of it can be. A label
without an id, or changed under the id of another, is given one made of what it says: reading a file twice counts once.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ConfigDict, Field, ValidationError

from faultfinder.memory.errors import LabelError
from faultfinder.memory.people_records import CHOICES, Answer, Label, Question
from faultfinder.memory.records import Record
from faultfinder.tools.people.desk import Desk
from faultfinder.tools.people.label_studio import CONFIG, annotated, tasks
from faultfinder.tools.people.messages import LONGEST_NOTE, takes
from faultfinder.tools.people.raters_queue import rater_name

CSV, JSONL, LABEL_STUDIO = "csv", "jsonl", "label-studio"
FORMATS = {".csv": CSV, ".jsonl": JSONL, ".json": LABEL_STUDIO}

LARGEST_FILE = 256 * 1024 * 1024
_MOST_TROUBLES = 8
# What spreadsheets read as the beginning of a formula, the wide signs of East Asian ones included.
_SIGNS = r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_FORMULA, _ESCAPED = re.compile(f"'*{_SIGNS}"), re.compile(f"'+{_SIGNS}")


class Row(Record):
    """One line of a CSV or JSONL file. What only shows the question is not read back."""

    id: str = Field(default="", max_length=80, pattern=r"^[A-Za-z0-9_-]*$", description="id of the label")
    question: str = Field(max_length=80, description="id of the question")
    kind: str = Field(default="", description="which, meaning, open or rating")
    text: str = Field(default="", description="the question in words, for an open one")
    before: str = Field(default="", description="for a rating of a text: the input as it was")
    after: str = Field(default="", description="for a rating of a text: the input as the model was given it")
    first: str = Field(default="", description="what the answer 'first' means; for a rating, what is right")
    second: str = Field(default="", description="what the answer 'second' means; for a rating, what the model said")
    image: str = Field(default="", description="the picture's file below the audit's folder")
    choices: str = Field(default="", description="what can be answered")
    rater: str = Field(default="", max_length=200, description="who answered")
    answer: str = Field(default="", max_length=80, description="the answer; empty: taken back, or not answered yet")
    note: str = Field(default="", max_length=LONGEST_NOTE, description="what the rater wrote beside it")
    at: str = Field(default="", max_length=40, description="when, ISO 8601")
    case: str = Field(default="", description="id of the case; told beside answers only")

    model_config = ConfigDict(frozen=True, extra="ignore")


@dataclass(frozen=True)
class Line:
    """One entry of a file: where it stands, and what it holds before it is checked."""

    where: str
    content: Mapping[str, object]


def format_of(path: Path, said: str | None) -> str:
    """Return the format of a file, as said or from its name.

    Raises:
        LabelError: neither tells.
    """
    if said is not None and said in FORMATS.values():
        return said
    if said is None and path.suffix.lower() in FORMATS:
        return FORMATS[path.suffix.lower()]
    raise LabelError(
        f"{path}: not known how to read or write it; name it .csv, .jsonl or .json, or say --format csv, jsonl or "
        "label-studio"
    )


def written(path: Path, said: str | None, desk: Desk) -> dict[Path, bytes]:
    """Return the files of an export and what is in them.

    Raises:
        LabelError: it is not clear in which format.
    """
    form = format_of(path, said)
    if form == LABEL_STUDIO:
        return {path: tasks(desk), path.with_suffix(".config.xml"): CONFIG.encode()}
    rows = _rows(desk.questions(), desk.labels())
    return {path: _to_csv(rows) if form == CSV else _to_jsonl(rows)}


def read_labels(path: Path, said: str | None, questions: Sequence[Question], known: Sequence[Label]) -> list[Label]:
    """Read the labels of a file; lines without a rater are questions that nobody answered and are passed over.

    Args:
        path: the file.
        said: its format, where the name does not tell.
        questions: what the audit asks.
        known: labels that are there already; they say how raters spell themselves.

    Raises:
        LabelError: the file cannot be read, or a line of it cannot be taken; the first of them are named.
    """
    form = format_of(path, said)
    reading = _Reading(questions, known)
    labels: list[Label] = []
    troubles: list[str] = []
    for line in _LINES[form](path, _text_of(path)):
        try:
            labels += reading.labels(line)
        except LabelError as trouble:
            troubles.append(str(trouble))
    if troubles:
        more = f"\n... and {len(troubles) - _MOST_TROUBLES} more" if len(troubles) > _MOST_TROUBLES else ""
        raise LabelError("\n".join(troubles[:_MOST_TROUBLES]) + more + "\nNothing of the file was taken.")
    return labels


def defused(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; `restored` gives back what it was."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    """Return what a cell was before it was defused."""
    return cell[1:] if _ESCAPED.match(cell) else cell


def _rows(questions: Sequence[Question], labels: Sequence[Label]) -> list[Row]:
    """Return a row for every label, in the order of writing, and one for every question without any."""
    asked = {question.id: question for question in questions}
    answered = {label.question for label in labels}
    rows = [_row(asked[label.question], label) for label in labels if label.question in asked]
    return rows + [_row(question, None) for question in questions if question.id not in answered]


def _row(question: Question, label: Label | None) -> Row:
    return Row(
        id=label.id if label else "",
        question=question.id,
        kind=question.kind,
        text=question.text,
        before=question.before,
        after=question.after,
        first=question.a,
        second=question.b,
        image=f"images/{question.image}.png" if question.image else "",
        choices=" | ".join(CHOICES[question.kind]),
        rater=label.rater if label else "",
        answer=label.answer or "" if label else "",
        note=label.note if label else "",
        at=label.at if label else "",
        case=question.case or "" if label else "",
    )


def _to_csv(rows: Sequence[Row]) -> bytes:
    """Write CSV as spreadsheets read it: UTF-8 with a mark."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(Row.model_fields), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: defused(str(cell)) for name, cell in row} for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _to_jsonl(rows: Sequence[Row]) -> bytes:
    return "".join(row.model_dump_json() + "\n" for row in rows).encode()


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise LabelError(f"{path} is larger than {LARGEST_FILE // 1024 // 1024} MB; split it")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise LabelError(f"cannot read {path} ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise LabelError(f"{path} is not UTF-8 text (byte {error.start}); save it as CSV UTF-8") from error


def _csv_lines(path: Path, text: str) -> Iterator[Line]:
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="?", strict=True)
    try:
        names = reader.fieldnames or []
        if not {"question", "rater", "answer"} <= set(names):
            raise LabelError(f"{path}:1: the first line must name the columns question, rater and answer")
        for cells in reader:
            kept = {name: restored(cell) for name, cell in cells.items() if isinstance(cell, str)}
            yield Line(f"{path}:{reader.line_num}", kept)
    except csv.Error as error:
        raise LabelError(f"{path}:{reader.reader.line_num}: no CSV: {error}") from error


def _jsonl_lines(path: Path, text: str) -> Iterator[Line]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            content = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise LabelError(f"{path}:{number}: no JSON: {error}") from error
        if not isinstance(content, dict):
            raise LabelError(f"{path}:{number}: no JSON object")
        yield Line(f"{path}:{number}", {key: cell for key, cell in content.items() if cell is not None})


def _studio_lines(path: Path, text: str) -> Iterator[Line]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LabelError(f"{path}: no JSON: {error}") from error
    for where, answer in annotated(content, str(path)):
        yield Line(where, answer)


_LINES = {CSV: _csv_lines, JSONL: _jsonl_lines, LABEL_STUDIO: _studio_lines}


class _Reading:
    """What is known while a file is read: the questions, and the labels so far."""

    def __init__(self, questions: Sequence[Question], known: Sequence[Label]) -> None:
        self._asked = {question.id: question for question in questions}
        self._by_id = {label.id: label for label in known}
        self._raters = {label.rater: None for label in known}

    def labels(self, line: Line) -> list[Label]:
        """Return a line's label; none where nobody answered.

        Raises:
            LabelError: it asks for what cannot be.
        """
        row = _checked(line)
        if not row.rater.strip() and not row.answer.strip():
            return []
        label = self._named(self._label(row, line.where), row)
        self._by_id[label.id] = label
        self._raters[label.rater] = None
        return [label]

    def _label(self, row: Row, where: str) -> Label:
        rater, question = rater_name(row.rater, self._raters), self._asked.get(row.question)
        if question is None:
            raise LabelError(f"{where}: this audit asks no question {row.question!r}")
        if rater is None:
            raise LabelError(f"{where}: {row.rater!r} is no rater's name; give one of at most 60 plain characters")
        return Label(
            id=row.id,
            question=question.id,
            rater=rater,
            answer=_answer(row.answer, question, where),
            note=row.note.strip(),
            at=_moment(row.at, where),
        )

    def _named(self, label: Label, row: Row) -> Label:
        """Keep the label's id, unless it has none or another label goes by it."""
        kept = self._by_id.get(label.id)
        if label.id and (kept is None or not _differ(kept, label)):
            return label
        return label.model_copy(
            update={"id": _id_of(label.question, label.rater, str(label.answer), label.note, row.at)}
        )


def _differ(one: Label, other: Label) -> bool:
    """Tell whether two labels say different things, whenever they say so."""
    return one.model_copy(update={"at": ""}) != other.model_copy(update={"at": ""})


def _checked(line: Line) -> Row:
    try:
        return Row.model_validate(dict(line.content))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
        raise LabelError(f"{line.where}: {wrong}") from error


def _answer(said: str, question: Question, where: str) -> Answer | None:
    tidy = said.strip().lower()
    answer = next((one for one in Answer if one == tidy), None)
    if (tidy and answer is None) or not takes(question, answer):
        choices = ", ".join(CHOICES[question.kind])
        raise LabelError(f"{where}: {said[:40]!r} is no answer to this question; it takes {choices}")
    return answer


def _moment(said: str, where: str) -> str:
    """Return when, ISO 8601; now, where it is not said."""
    try:
        moment = datetime.fromisoformat(said) if said else datetime.now(UTC)
    except ValueError as error:
        raise LabelError(f"{where}: {said!r} is no moment; write it as 2026-01-31T12:00:00+00:00") from error
    return moment.isoformat(timespec="seconds")


def _id_of(*said: str) -> str:
    return "i" + hashlib.sha256("\n".join(said).encode()).hexdigest()[:31]
