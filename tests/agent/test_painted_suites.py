"""Suites of generators: painted again with the same seeds, seen by the same judge, stopped and gone on with."""

from pathlib import Path

import pytest

from faultfinder.agent.suites.checking import Check
from faultfinder.agent.suites.fate import Fate
from faultfinder.agent.suites.files import Suite
from faultfinder.memory.records import Limits, Outcome
from faultfinder.tools.encoder_eyes import EyesCalibration
from tests.support.audits import audit, settings
from tests.support.suites import run, suite_left_by, user_folders, write

FEWER, TRUTHFUL = "python:tests.support.painters:one_fewer", "python:tests.support.painters:truthful"


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The audits' folder, with an audit of a generator that paints one object too few, seen by a CLIP."""
    place = tmp_path_factory.mktemp("audits")
    few = {"limits": Limits(hypotheses=2), "probes": 20, "controls": 20, "corpus": "lab"}
    with user_folders(place / "user"):
        audit(place, settings(place, FEWER, name="fewer", goal="can it count?", eyes="truth", **few))
    return place


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def check(audits: Path, target: str, *more: str) -> int:
    return run("check", "fewer", "--out", str(audits), "--target", target, "--json", "now.json", *more)


def now() -> Check:
    return Check.model_validate_json(Path("now.json").read_bytes())


def test_red_on_the_audited_generator_and_green_on_a_truthful_one(audits: Path) -> None:
    assert suite_left_by(audits / "fewer").paints
    assert check(audits, FEWER) == 1
    done = now()
    assert {each.fate for each in done.failures} == {Fate.FAILS}
    assert done.judge == "lab parser"
    again = [(case.before, case.now) for each in done.failures for case in each.cases]
    assert all(before is found for before, found in again), "the same seeds give the same pictures"
    assert check(audits, TRUTHFUL) == 0


def test_another_judge_can_look_and_one_that_cannot_tell_is_no_result(
    audits: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(audits, FEWER, "--judge", "people") == 2
    said = capsys.readouterr().err
    assert "NOT CHECKED: only 0 of" in said
    assert "left to people" in said
    assert {case.now for each in now().failures for case in each.cases} == {Outcome.UNSCORABLE}


def test_a_limit_stops_it_and_what_was_kept_is_not_painted_again(
    audits: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = ("--keep", "kept", "--max-images", "30")
    assert check(audits, FEWER, *few) == 2
    assert "--max-images was reached before every case was asked" in capsys.readouterr().err
    pictures = set(Path("kept").rglob("*.png"))
    assert 0 < len(pictures) <= 30
    assert check(audits, FEWER, "--keep", "kept") == 1
    before = {path: path.stat().st_mtime_ns for path in Path("kept").rglob("*.png")}
    assert pictures < before.keys()
    assert check(audits, FEWER, "--keep", "kept", "--max-images", str(len(before) * 4)) == 1
    assert {path: path.stat().st_mtime_ns for path in Path("kept").rglob("*.png")} == before


def test_an_encoder_is_not_asked_for_pictures(audits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(audits, "lab:oracle") == 2
    assert "asks for pictures (its failures were proven in" in capsys.readouterr().err


def test_what_was_kept_of_a_generator_that_could_be_another_version_is_not_taken_for_its_own(
    audits: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unsigned = "python:tests.support.painters:unsigned"
    assert check(audits, unsigned, "--keep", "kept") == 1
    capsys.readouterr()
    assert check(audits, unsigned, "--keep", "kept") == 2
    assert "may be an older version's. Name another folder with --keep" in capsys.readouterr().err
    assert check(audits, unsigned, "--keep", "kept-2") == 1


@pytest.mark.parametrize("carried", [True, False])
def test_a_judge_looks_with_the_margin_it_was_calibrated_to(
    audits: Path, carried: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    known = EyesCalibration(id="lab:clip-clear", threshold=0.05, method="found in the audit", looks=300)
    origin = {"eyes": "lab:clip-clear", "calibrations": (known,) if carried else ()}
    suite = suite_left_by(audits / "fewer")
    cases = [each.model_copy(update={"settings": each.settings.model_copy(update=origin)}) for each in suite.cases]
    write(Path("seen.jsonl"), Suite("", "", tuple(cases)))
    run("check", "seen.jsonl", "--target", TRUTHFUL, "--json", "now.json")
    assert now().judge == "lab:clip-clear"
    assert ("decides from a margin" not in capsys.readouterr().err) is carried
