"""Tables of labelled pictures."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.labelled import Reading, open_labelled
from faultfinder.tools.picture_sources.candidate import Reason
from faultfinder.tools.splits import Part


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("img/a.png", "img/b.png", "c.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)).save(tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    "columns", [("path", "label"), ("File", "Class"), ("image", "category"), ("filename", "label")]
)
def test_a_csv_under_the_usual_names_of_its_columns(folder, columns):
    (folder / "set.csv").write_text(
        f"{','.join(columns)},topic\nimg/a.png,cat,pets\nimg/b.png,dog,\n\nc.jpg,cat,pets\n"
    )
    pictures = open_labelled(str(folder / "set.csv"))
    assert [(e.key, e.truth, e.topic) for e in pictures.examples] == [
        ("c.jpg", "cat", "pets"),
        ("img/a.png", "cat", "pets"),
        ("img/b.png", "dog", "dog"),
    ]
    assert pictures.left_out.total == 0


def test_json_lines_and_pictures_elsewhere(folder):
    (folder / "lists").mkdir()
    lines = [{"image": "a.png", "class": "cat"}, {"image": "b.png", "class": 7}]
    (folder / "lists" / "set.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    pictures = open_labelled(str(folder / "lists" / "set.jsonl"), Reading(pictures=folder / "img"))
    assert [(e.key, e.truth) for e in pictures.examples] == [("a.png", "cat"), ("b.png", "7")]
    with pytest.raises(CorpusError, match="the folder of the pictures does not exist"):
        open_labelled(str(folder / "lists" / "set.jsonl"), Reading(pictures=folder / "nowhere"))


@pytest.mark.parametrize("path", ["../outside.png", "/etc/passwd", "img/../../outside.png", "img/\0.png"])
def test_paths_stay_below_the_folder(folder, path):
    Image.new("RGB", (9, 9)).save(folder.parent / "outside.png")
    lines = [{"path": path, "label": "cat"}, {"path": "c.jpg", "label": "cat"}]
    (folder / "set.jsonl").write_text("\n".join(map(json.dumps, lines)))
    pictures = open_labelled(str(folder / "set.jsonl"))
    assert [each.key for each in pictures.examples] == ["c.jpg"]
    assert pictures.left_out.counts[Reason.OUTSIDE] == 1
    assert pictures.left_out.notes[Reason.OUTSIDE][0].startswith("line 1: ")


def test_rows_that_cannot_be_used_are_counted_with_their_line(folder):
    lines = ['{"path": "c.jpg", "label": "cat"}', '"text"', '{"label": "cat"}', '{"path": "img/a.png", "label": null}']
    lines += [
        '{"path": "gone.png", "label": "cat"}',
        '{"path": ["x"], "label": "cat"}',
        '{"path": "img", "label": "cat"}',
    ]
    (folder / "set.jsonl").write_text("\n".join(lines))
    left_out = open_labelled(str(folder / "set.jsonl")).left_out
    assert dict(left_out.counts) == {Reason.MALFORMED: 3, Reason.NO_LABEL: 1, Reason.MISSING: 2}
    assert left_out.notes[Reason.MALFORMED][0] == "line 2: not a JSON object"
    assert left_out.notes[Reason.MISSING] == [
        f"line 5: no file 'gone.png' in {folder}",
        "line 7: 'img' is no file",
    ]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "set.csv",
            "picture,label\nc.jpg,cat\n",
            r"line 1: no column 'path' or 'file' or .*\(found 'picture', 'label'\)",
        ),
        ("set.csv", "path,name\nc.jpg,cat\n", r"line 1: no column 'label' or 'class'"),
        ("set.csv", "", r"line 1: no column .*found ''|found nothing"),
        ("set.csv", 'path,label\n"c.jpg,cat\n' + "x" * 140_000, "no usable picture|not readable as CSV"),
        ("set.jsonl", '{"path": "c.jpg"\n', "line 1, column .*: not valid JSON"),
        ("set.jsonl", "", "no usable picture"),
    ],
)
def test_a_broken_table_says_where(folder, name, text, said):
    (folder / name).write_text(text)
    with pytest.raises(CorpusError, match=said):
        open_labelled(str(folder / name))


def test_what_belongs_to_one_group_lies_in_one_part(folder):
    """Frames of a film look alike: the column `group` keeps them together."""
    rng = np.random.default_rng(1)
    rows = ["path,label,group"]
    for number in range(60):
        Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(folder / f"{number}.png")
        rows.append(f"{number}.png,cat,film {number % 6}")
    (folder / "films.csv").write_text("\n".join(rows))
    pictures = open_labelled(str(folder / "films.csv"))
    parts = [{pictures.inputs[n].candidate.group for n in pictures.part(part)} for part in Part]
    assert sum(map(len, parts)) == 6
    assert len(set.union(*parts)) == 6


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20), st.lists, max_leaves=5
)
rows = st.dictionaries(st.sampled_from(["path", "image", "label", "topic", "group", "more"]), anything) | anything


@pytest.fixture(scope="module")
def one_picture(tmp_path_factory):
    folder = tmp_path_factory.mktemp("one")
    Image.new("RGB", (8, 8)).save(folder / "a.png")
    return folder


@given(st.lists(rows, max_size=8))
def test_every_row_is_taken_or_counted(one_picture, drawn):
    written = [*map(json.dumps, drawn), '{"path": "a.png", "label": "cat"}']
    (one_picture / "set.jsonl").write_text("\n".join(written))
    pictures = open_labelled(str(one_picture / "set.jsonl"))
    blank = sum(row is None for row in drawn)
    assert len(pictures) + pictures.left_out.total == len(written) - blank


def test_a_line_may_name_a_part_of_a_picture_and_what_finds_it(folder):
    lines = [
        {"path": "c.jpg", "label": "cat", "key": "c#1", "box": [0, 0, 10, 20]},
        {"path": "c.jpg", "label": "dog", "key": "c#2", "box": [10, 0, 20, 20]},
        {"path": "img/a.png", "label": "cat", "box": [5, 0, 5, 9]},
        {"path": "img/b.png", "label": "cat", "box": [1.5, 0, 5, 9]},
    ]
    (folder / "set.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    pictures = open_labelled(str(folder / "set.jsonl"))
    assert [example.key for example in pictures.examples] == ["c#1", "c#2"]
    assert [pictures.open(number).size for number in (0, 1)] == [(10, 20), (10, 20)]
    assert pictures.left_out.counts[Reason.MALFORMED] == 2
