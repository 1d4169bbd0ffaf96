"""Texts read from files, or the file and line at fault."""

import pytest

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.tasks.text_inputs import TextInput, read_inputs, read_texts


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "a.jsonl",
            '{"text": "A dog.", "summary": "Dog.", "topic": "animals"}\n\n{"text": "Red."}\n{"text": "Red."}\n',
        ),
        ("a.csv", "text,reference,topic\nA dog.,Dog.,animals\n,,\nRed.,,\n"),
        ("a.csv", "topic,TEXT,truth\nanimals,A dog.,Dog.\n\n,Red.,\n"),
    ],
)
def test_a_file_gives_texts_truths_and_topics(tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    first, second = read_inputs(tmp_path / name)
    lines = (1, 3) if name.endswith("jsonl") else (2, 4)
    assert first == TextInput(f"{name}, line {lines[0]}", "A dog.", "Dog.", "animals")
    assert second == TextInput(f"{name}, line {lines[1]}", "Red.", "", "all")


def test_a_plain_file_has_a_text_on_each_line(tmp_path):
    (tmp_path / "a.txt").write_text("One.\n\n Two. \n", encoding="utf-8")
    assert [one.text for one in read_inputs(tmp_path / "a.txt")] == ["One.", "Two."]


def test_several_files_are_one_set_and_a_text_in_two_of_them_counts_once(tmp_path):
    (tmp_path / "a.txt").write_text("One.\nTwo.\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("Two.\nThree.\n", encoding="utf-8")
    found = read_texts(f"{tmp_path / 'a.txt'},{tmp_path / 'b.txt'}")
    assert [(one.key, one.text) for one in found] == [
        ("a.txt, line 1", "One."),
        ("a.txt, line 2", "Two."),
        ("b.txt, line 2", "Three."),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"text": "A."}\n{"body": "B."}\n', r"a\.jsonl, line 2: no string in field 'text'"),
        ("a.jsonl", '{"text": "A."}\n{"text": \n', r"a\.jsonl, line 2, column"),
        ("a.csv", "body\nA.\n", r"a\.csv, line 1: no column 'text'"),
        ("a.txt", "\n\n", r"a\.txt: no text in it"),
        ("a.doc", "A.", "cannot tell the format"),
    ],
)
def test_a_file_at_fault_is_named_with_its_line(tmp_path, name, content, message):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=message):
        read_inputs(tmp_path / name)
