"""`faultfinder compare`: failures by models, as a page and a table; a model that fails to open stops nobody."""

import csv
import io
import re
from pathlib import Path

import pytest

from faultfinder.agent.suites.comparing import Column, Comparison, to_csv
from faultfinder.agent.suites.comparison_page import render_comparison
from faultfinder.agent.suites.files import Suite
from faultfinder.agent.suites.heatmap import NARROW, WIDE, Cell, Row, heat_map, letter
from faultfinder.memory.records import Limits
from tests.support.audits import audit, settings
from tests.support.comparisons import HOSTILE, sample_comparison
from tests.support.suites import run, suite_of, user_folders, write

PLANTS = ("left-right", "above-below", "number", "colour", "size")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.slow
def test_five_planted_targets_show_the_planted_diagonal(tmp_path: Path) -> None:
    few = {"corpus": "lab", "limits": Limits(hypotheses=1), "probes": 20, "controls": 20, "goal": "what is missed?"}
    with user_folders(tmp_path / "user"):
        for plant in PLANTS:
            audit(tmp_path, settings(tmp_path / plant, f"lab:planted/{plant}", name=plant, **few))
    suites = [word for plant in PLANTS for word in ("--suite", plant)]
    targets = [word for plant in PLANTS for word in ("--target", f"lab:planted/{plant}")]
    assert run("compare", "--out", str(tmp_path), *suites, *targets) == 0
    found = {
        (row["failure"].partition("/")[0], row["target"]): row for row in table(Path("comparison.csv").read_bytes())
    }
    assert len(found) == len(PLANTS) ** 2
    for plant in PLANTS:
        for other in PLANTS:
            row = found[plant, f"lab:planted/{other}"]
            assert row["verdict"] == ("fails" if plant == other else "does not fail"), row


def test_a_target_that_cannot_be_asked_is_shown_and_stops_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    write(Path("s.jsonl"), suite_of({"night/h1": ("f" * 20, "p" * 20)}))
    targets = ["lab:nobody", "python:tests.support.encoders:sound", "python:tests.support.encoders:raising"]
    arguments = [word for target in targets for word in ("--target", target)]
    assert run("compare", "--suite", "s.jsonl", *arguments) == 3
    said = capsys.readouterr()
    assert said.out.split() == ["comparison.html", "comparison.csv"]
    assert "NOT COMPARED: lab:nobody: there is no lab:nobody" in said.err
    assert "NOT COMPARED: python:tests.support.encoders:raising" in said.err
    rows = table(Path("comparison.csv").read_bytes())
    assert [row["target"] for row in rows] == targets
    assert [row["verdict"] == "not asked" for row in rows] == [True, False, True]
    assert "there is no lab:nobody" in rows[0]["trouble"]
    assert "there is no lab:nobody" in Path("comparison.html").read_text()
    assert run("compare", "--suite", "s.jsonl", "--target", "lab:nobody") == 2
    assert run("compare", "--suite", "s.jsonl", "--target", "lab:oracle", "--target", "lab:oracle") == 2
    assert "named twice" in capsys.readouterr().err


def test_the_page_needs_nothing_but_itself_and_takes_no_text_for_more_than_text() -> None:
    page = render_comparison(sample_comparison())
    assert HOSTILE not in page
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', page) == []
    assert page.count("<svg") == 2
    assert page == render_comparison(sample_comparison()), "the same comparison gives the same bytes"


def test_the_page_holds_every_number_and_verdict() -> None:
    page = render_comparison(sample_comparison())
    for said in ("3 failures on 4 models", "20 of 20", "fails 2 of 3, 1 unclear", "[2 not scored]", "fails in A, C"):
        assert said in page


def test_the_table_has_a_row_a_failure_and_model_and_no_formulas() -> None:
    found = sample_comparison()
    rows = table(to_csv(found))
    assert len(rows) == 3 * 4
    assert {row["title"] for row in rows} >= {"'=1+1"}
    lost = next(row for row in rows if row["target"] == "lab:b" and row["failure"] == "night/h2")
    assert (lost["probes_scored"], lost["probes_not_scored"], lost["rate"]) == ("18", "2", "0.0")


@pytest.mark.parametrize("shape", [WIDE, NARROW])
@pytest.mark.parametrize("columns", [1, 5, 40])
def test_any_number_of_models_can_be_drawn(shape: object, columns: int) -> None:
    cells = tuple(Cell(None if place % 3 == 2 else place / columns, fails=place % 2 == 0) for place in range(columns))
    drawn = heat_map([Row("$x_{1}$ < y & " + "long " * 30, cells)], shape)
    assert drawn.startswith("<svg")
    assert "$x_{1}$ &lt; y &amp;" in drawn
    assert f">{letter(columns - 1)}<" in drawn


@pytest.mark.parametrize("shape", [WIDE, NARROW])
def test_a_title_of_two_lines_is_whole_in_the_map_and_numbered_as_below_it(shape: object) -> None:
    title = "numbers and quantifiers are confused (few, four, many, three and 1 more)"
    drawn = heat_map([Row(title, (Cell(1.0, fails=True),))], shape)
    said = re.findall(r">([^<>]*[a-z][^<>]*)</text>", drawn)
    assert " ".join(said) == f"1 {title}"


def test_columns_are_named_as_in_a_spreadsheet() -> None:
    assert [letter(place) for place in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_nobody_asked_is_said_so() -> None:
    suite = suite_of({"night/h1": ("f" * 20, "p" * 20)})
    nobody = Comparison(Suite("s", "0" * 64, suite.cases), (Column("lab:x", None, "gone"),), "", "")
    assert nobody.asked == []
    assert nobody.troubles == ["lab:x: gone"]
    assert "0 of 1 model could be asked" in render_comparison(nobody)
