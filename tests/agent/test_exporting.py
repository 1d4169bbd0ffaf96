"""Every case of an audit, handed on: CSV, JSON lines, Parquet, and a data set folder that `datasets` loads."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from faultfinder.agent.report.outputs import write_outputs
from faultfinder.agent.suites.exporting import ExportedCase, exported
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Case, Judgement, Meaning, Role
from tests.support.sample_audit import FINISHED, PLANS, SETTINGS, Plan, sample_ledger
from tests.support.suites import run

HOSTILE = "=HYPERLINK(1) | <img src=x> [a](b) `c` \x1b[31m *d*"


@pytest.fixture
def audits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The audits' folder with the sample audit, one of its hypotheses with words that try to be more than words."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "audits" / SETTINGS.name
    folder.mkdir(parents=True)
    plans = (*PLANS, Plan("h12", HOSTILE, HOSTILE, "f" * 3, "p" * 3, "side"))
    with sample_ledger(folder / "audit.db", plans) as ledger:
        ledger.save([_untried()])
        write_outputs(folder, ledger, SETTINGS, "max_hypotheses", None, (), FINISHED)
    return folder.parent


def _untried() -> Case:
    said = Judgement(meaning=Meaning.DIFFERENT, reason="antonyms", judge="lexicon")
    return Case(id="h1-p99", hypothesis="h1", role=Role.PROBE, a="never", b="tried", judgement=said, look=2)


def rows(audits: Path) -> list[ExportedCase]:
    with Ledger.open(audits / SETTINGS.name / "audit.db") as ledger:
        return exported(ledger, SETTINGS)


def test_every_case_is_there_once_with_its_outcome_and_verdict(audits: Path) -> None:
    found = rows(audits)
    with Ledger.open(audits / SETTINGS.name / "audit.db") as ledger:
        assert sorted(row.case for row in found) == sorted(case.id for case in ledger.all(Case))
    outcomes = Counter(row.outcome for row in found)
    assert outcomes[None] == 1
    assert {row.status.value for row in found if row.hypothesis == "h4"} == {"refuted"}
    failing = next(row for row in found if row.case == "h1-p00")
    assert (failing.status.value, failing.outcome, failing.judge) == ("confirmed", "fail", "lab truth")
    assert failing.target_similarity is not None
    assert failing.bar is not None
    assert failing.target_similarity >= failing.bar


def test_all_formats_say_the_same(audits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from pyarrow import parquet

    names = ("out/c.csv", "out/c.jsonl", "out/c.parquet")
    assert run("export", SETTINGS.name, *[word for name in names for word in ("--to", name)]) == 0
    said = capsys.readouterr()
    assert said.out.split() == list(names)
    assert said.err.strip().endswith("1 of them never tried")
    expected = [row.model_dump(mode="json") for row in rows(audits)]
    assert [json.loads(line) for line in Path("out/c.jsonl").read_text().splitlines()] == expected
    assert parquet.read_table("out/c.parquet").to_pylist() == expected
    cells = list(csv.DictReader(io.StringIO(Path("out/c.csv").read_bytes().decode("utf-8-sig"))))
    assert [row["case"] for row in cells] == [row["case"] for row in expected]
    assert {row["title"] for row in cells if row["hypothesis"] == "h12"} == {"'" + HOSTILE}


def test_the_folder_loads_as_a_data_set_with_the_columns_of_the_card(audits: Path, tmp_path: Path) -> None:
    assert run("export", SETTINGS.name, "--to-hub-folder", "hub") == 0
    program = (
        "import datasets, json\n"
        "found = datasets.load_dataset('hub', split='test')\n"
        "print(json.dumps([found.num_rows, {name: kind.dtype for name, kind in found.features.items()}, found[0]]))"
    )
    apart = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")}
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False, env=apart
    )
    assert loaded.returncode == 0, loaded.stderr
    number, kinds, first = json.loads(loaded.stdout)
    assert number == len(rows(audits))
    assert list(kinds) == list(ExportedCase.model_fields)
    assert kinds["seed"] == "int64"
    assert kinds["reference"] == "string", "a column without a value has its type all the same"
    assert first == rows(audits)[0].model_dump(mode="json")


def test_the_card_is_valid_leaves_the_licence_to_the_user_and_takes_no_text_for_markup(audits: Path) -> None:
    run("export", SETTINGS.name, "--to-hub-folder", "hub")
    _, header, body = Path("hub/README.md").read_text().split("---\n", 2)
    said = yaml.safe_load(header)
    assert "license" not in said
    assert "# license: choose one" in header
    assert said["configs"][0]["data_files"] == [{"split": "test", "path": "data/cases.jsonl"}]
    assert "<img" not in body
    assert "\x1b" not in body
    table = body.partition("## Hypotheses")[2].partition("## Columns")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    assert len(lines) == 1 + len(PLANS) + 1
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {6}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([SETTINGS.name], "say where to"),
        ([SETTINGS.name, "--to", "cases.xlsx"], "name a file that ends in .csv, .jsonl, .parquet"),
        (["nobody", "--to", "cases.csv"], "no audit in"),
        ([SETTINGS.name, "--to-hub-folder", "audits"], "is not empty"),
    ],
)
def test_what_cannot_be_exported_is_one_message(
    audits: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("export", *arguments) == 2
    assert says in re.sub(r"[\s│]+", " ", capsys.readouterr().err)


def test_a_card_that_was_written_on_is_never_overwritten(audits: Path) -> None:
    assert run("export", SETTINGS.name, "--to-hub-folder", "hub") == 0
    Path("hub/README.md").write_text("license: mine")
    assert run("export", SETTINGS.name, "--to-hub-folder", "hub") == 2
    assert Path("hub/README.md").read_text() == "license: mine"
