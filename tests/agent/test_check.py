"""`faultfinder check` on suites that real audits left: red on the model that fails, green on one that does not."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from faultfinder.agent.suites.checking import Check
from faultfinder.agent.suites.fate import Fate
from faultfinder.agent.suites.files import Suite
from faultfinder.memory.records import Limits, Outcome, Role
from tests.support.audits import audit, settings
from tests.support.encoders import POISON
from tests.support.suites import run, suite_left_by, suite_of, user_folders, write

PLANTED, BLIND = "lab:planted/left-right", "python:tests.support.encoders:blind"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The audits' folder, with one audit of a target with a planted failure, and one of a small blind encoder."""
    place = tmp_path_factory.mktemp("audits")
    few = {"limits": Limits(hypotheses=1), "probes": 20, "controls": 20}
    with user_folders(place / "user"):
        audit(place, settings(place, PLANTED, corpus="lab", name="lab", goal="does it know left from right?", **few))
        audit(place, settings(place, name="blind", **few))
    return place


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def check(planted: Path, name: str, target: str, *more: str) -> int:
    return run("check", name, "--out", str(planted), "--target", target, *more)


def read(path: str) -> Check:
    return Check.model_validate_json(Path(path).read_bytes())


def test_red_on_the_planted_target_and_green_on_the_oracle(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(planted, "lab", PLANTED, "--json", "planted.json", "--junit", "planted.xml") == 1
    said = capsys.readouterr()
    (row,) = [line.split("\t") for line in said.out.splitlines()]
    assert row[0] == "lab/h1"
    assert row[6] == "still fails"
    assert "1 failure, 1 still failing. Not passed" in said.err
    assert ET.parse("planted.xml").getroot().attrib["failures"] == "1"
    (failure,) = read("planted.json").failures
    assert failure.probes == failure.before, "the same model does the same"
    assert failure.control == failure.control_before

    assert check(planted, "lab", "lab:oracle", "--json", "oracle.json", "--junit", "oracle.xml") == 0
    assert capsys.readouterr().out.split("\t")[6] == "fixed"
    assert ET.parse("oracle.xml").getroot().attrib["failures"] == "0"
    (failure,) = read("oracle.json").failures
    assert (failure.fate, failure.probes.fail) == (Fate.FIXED, 0)


def test_a_replay_measures_what_the_audit_measured(planted: Path) -> None:
    assert check(planted, "blind", BLIND, "--json", "now.json") == 1
    then = {case.key: case for case in suite_left_by(planted / "blind").cases}
    now = {case.case: case for each in read("now.json").failures for case in each.cases}
    assert now.keys() == then.keys()
    assert {case.role for case in now.values()} == set(Role)
    for key, case in now.items():
        assert case.target_similarity == pytest.approx(then[key].target_similarity, abs=1e-5)
        assert case.bar == pytest.approx(then[key].bar.value, abs=1e-5)
        assert case.now is case.before


def test_a_suite_needs_neither_its_corpus_nor_its_audit(planted: Path, tmp_path: Path) -> None:
    suite = suite_left_by(planted / "blind")
    elsewhere = [
        case.model_copy(update={"settings": case.settings.model_copy(update={"corpus": "gone.txt"})})
        for case in suite.cases
    ]
    path = write(tmp_path / "carried.jsonl", Suite("", "", tuple(elsewhere)))
    assert run("check", str(path), "--target", "python:tests.support.encoders:sound") == 0


def as_first_schema(suite: Suite) -> str:
    """Write a suite as the first version did: probes only, nothing of what was added."""
    lines = []
    for case in suite.cases:
        line = json.loads(case.model_dump_json(by_alias=True)) | {"schema": "faultfinder.suite/1"}
        del line["bar"]["rewordings"]
        for added in ("eyes", "llm", "calibrations"):
            del line["settings"][added]
        if case.role is Role.PROBE:
            lines.append(json.dumps(line))
    return "\n".join(lines)


@pytest.mark.parametrize(("name", "target"), [("lab", PLANTED), ("blind", BLIND)])
def test_the_first_schema_is_replayed_to_the_same_numbers(planted: Path, name: str, target: str) -> None:
    Path("old.jsonl").write_text(as_first_schema(suite_left_by(planted / name)))
    assert run("check", "old.jsonl", "--target", target, "--json", "old.json") == 1
    assert check(planted, name, target, "--json", "new.json") == 1
    probes = [case for each in read("new.json").failures for case in each.cases if case.role is Role.PROBE]
    old = [case for each in read("old.json").failures for case in each.cases]
    assert [case.bar for case in old] == [case.bar for case in probes]
    assert [case.now for case in old] == [case.now for case in probes]


def test_a_fixed_bar_is_kept(planted: Path) -> None:
    suite = suite_left_by(planted / "blind")
    fixed = [
        case.model_copy(update={"bar": case.bar.model_copy(update={"method": "fixed", "value": bar, "rewordings": ()})})
        for case, bar in zip(suite.cases, [1.1, -1.0] * len(suite.cases), strict=False)
    ]
    write(Path("fixed.jsonl"), Suite("", "", tuple(fixed)))
    run("check", "fixed.jsonl", "--target", BLIND, "--json", "now.json")
    by_bar = {case.bar: set() for each in read("now.json").failures for case in each.cases}
    for each in read("now.json").failures:
        for case in each.cases:
            by_bar[case.bar].add(case.now)
    assert by_bar == {1.1: {Outcome.PASS}, -1.0: {Outcome.FAIL}}


def test_a_baseline_tells_what_got_worse(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(planted, "lab", "lab:oracle", "--json", "oracle.json") == 0
    assert check(planted, "lab", PLANTED, "--json", "planted.json", "--baseline", "oracle.json") == 1
    capsys.readouterr()
    gate = ("--baseline", "planted.json", "--gate", "baseline")
    assert check(planted, "lab", PLANTED, *gate) == 0
    assert "probes: none changed" in capsys.readouterr().out
    assert check(planted, "lab", "lab:oracle", *gate) == 0
    assert "probes: better (0 newly failing, 20 newly passing" in capsys.readouterr().out
    assert check(planted, "lab", PLANTED, "--baseline", "oracle.json", "--gate", "baseline") == 1
    assert "1 worse than lab:oracle" in capsys.readouterr().err


def test_a_target_that_answers_nothing_is_exit_2_and_says_why(
    planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ("--json", "now.json", "--junit", "now.xml")
    assert check(planted, "blind", "python:tests.support.encoders:raising", *wanted) == 2
    assert "failed at the first 40 cases, the last time so" in capsys.readouterr().err
    assert not Path("now.json").exists()
    (case,) = ET.parse("now.xml").getroot().iter("testcase")
    assert case.attrib["name"] == "the check could not be run"
    assert "CUDA error" in case.find("error").attrib["message"]


def test_one_poisonous_text_costs_one_case_and_is_told(
    planted: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    poisoned = next(case for case in suite_left_by(planted / "blind").cases if case.role is Role.PROBE)
    monkeypatch.setenv(POISON, poisoned.a)
    assert check(planted, "blind", "python:tests.support.encoders:allergic", "--json", "now.json") == 1
    assert "1 case could not be scored" in capsys.readouterr().err
    (failure,) = read("now.json").failures
    assert failure.probes.error == 1
    lost = next(case for case in failure.cases if case.now is Outcome.ERROR)
    assert lost.case == poisoned.key
    assert "CUDA error" in lost.detail


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere", "--target", "lab:oracle"], "neither a file, nor an audit"),
        (["lab", "--target", "lab:nobody"], "there is no lab:nobody"),
        (["lab", "--target", "python:tests.support.painters:truthful"], "asks for vectors of texts"),
        (["lab", "--target", "lab:oracle", "--baseline", "missing.json"], "cannot read the baseline missing.json"),
        (["lab", "--target", "lab:oracle", "--gate", "baseline"], "--gate baseline needs --baseline FILE"),
        (["lab", "--target", "lab:oracle", "--max-minutes", "0.01", "--json", "/dev/null/x.json"], "cannot write"),
    ],
)
def test_what_cannot_be_run_is_exit_2_and_one_message(
    planted: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", "--out", str(planted), *arguments) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_a_file_that_is_no_baseline_or_of_another_suite_is_refused_before_the_target_is_asked(
    planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("wrong.json").write_text("{}")
    assert check(planted, "lab", "lab:nobody", "--baseline", "wrong.json") == 2
    assert "is no baseline that this version can read" in capsys.readouterr().err
    write(Path("other.jsonl"), suite_of({"night/h1": ("f" * 6, "p" * 6)}))
    run("check", "other.jsonl", "--target", BLIND, "--json", "other.json")
    assert check(planted, "lab", "lab:nobody", "--baseline", "other.json") == 2
    assert "shares no case with" in capsys.readouterr().err


def test_an_audit_that_proved_nothing_has_nothing_to_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "suite.jsonl").touch()
    assert run("check", str(tmp_path), "--target", "lab:oracle") == 2
    assert "proved nothing" in capsys.readouterr().err
