"""`faultfinder fade`, whole: a planted failure fades and is proven gone; what harms or cannot work is said to."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from faultfinder.agent.fading.learning import MIDDLE
from faultfinder.agent.fading.records import Keeping, Verdict
from faultfinder.agent.suites.fate import Fate
from faultfinder.memory.records import Decision
from faultfinder.tools.registry import open_encoder
from tests.support.audits import HANG, ROOT
from tests.support.fading import audited, fade, left_by, pictures
from tests.support.suites import run, user_folders

PLANTED = "lab:planted/red-green"
SHORT = ("--steps", "60", "--batch", "32", "--rate", "2e-4", "--guard", "0.1", "--cases", "100", "--minutes", "60")


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The audits' folder, with an audit of an encoder that takes red for green."""
    return audited(tmp_path_factory.mktemp("audits"), PLANTED)


@pytest.fixture(scope="module")
def faded(audits: Path) -> Path:
    """A fade of it, done."""
    with user_folders(audits / "user"):
        assert fade(audits, *SHORT) == 0
    return audits / "before" / "faded" / "h1"


def test_a_planted_failure_fades_and_is_proven_gone(audits: Path, faded: Path) -> None:
    found = left_by(faded)
    assert found.verdict is Verdict.FADED
    own, *guarded = found.scores
    assert own.before.value == pytest.approx(0.5, abs=0.1)
    assert own.after.value >= 0.9
    assert {score.about for score in guarded} == {"two-way", "retrieval", "zero-shot"}
    assert sum(score.about == "two-way" for score in guarded) == 13, "every attribute of the lab"
    assert not [score.name for score in guarded if score.keeping is Keeping.FELL]
    assert found.experiment is not None
    assert (found.experiment.confirmed_before, found.experiment.confirmed) == (Decision.SUPPORTED, Decision.REFUTED)
    assert found.experiment.fate is Fate.FIXED
    assert found.suite is not None
    assert found.suite.fate is Fate.FIXED
    assert found.reaudit is not None
    assert not found.reaudit.again
    assert (audits / "before-faded-h1" / "report.html").is_file(), "a real audit, next to the first"


def test_the_changed_model_opens_again_and_its_card_says_what_it_is(audits: Path, faded: Path) -> None:
    found = left_by(faded)
    assert found.model == f"lab:folder/{faded.resolve()}"
    assert open_encoder(found.model).name == found.model
    with user_folders(audits / "user"):
        assert run("check", "before", "--out", str(audits), "--target", found.model) == 0
    card = (faded / "README.md").read_text()
    assert card.startswith(f"# {PLANTED}, with a failure trained away")
    assert "**FADED" in card
    page = (faded / "fade.html").read_text()
    assert "FADED" in page
    assert not re.search(r"<script|https?://", page), "it stands on its own"
    assert not (faded / "work").exists(), "checkpoints are gone"


def test_a_fade_that_is_done_is_not_done_again(audits: Path, faded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (faded / "fade.json").read_bytes()
    with user_folders(audits / "user"):
        assert fade(audits, *SHORT) == 0
    assert (faded / "fade.json").read_bytes() == before
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert rows[0][0] == "two-way accuracy on the failure's pairs"
    assert {len(row) for row in rows} == {6}


def test_a_harmful_fade_is_refused_and_leaves_no_model(audits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to = audits / "harmful"
    with user_folders(audits / "user"):
        assert fade(audits, "--to", str(to), *SHORT, "--rate", "0.02", "--replay", "0", "--keep", "0") == 1
    found = left_by(to)
    assert found.verdict is Verdict.REFUSED
    assert found.model is None
    assert "fell" in found.training.stopped_by
    assert re.search(r"training cost .+ 0\.\d+ \(", found.reason), "which score, and by how much"
    assert sorted(path.name for path in to.iterdir()) == ["audit.lock", "fade.html", "fade.json"]
    assert "REFUSED" in capsys.readouterr().err


@pytest.mark.long
def test_what_two_pictures_cannot_teach_is_not_faded(audits: Path) -> None:
    file, to = pictures(audits / "two", 2, words=("red", "green")), audits / "not-faded"
    with user_folders(audits / "user"):
        assert fade(audits, "--pictures", str(file), "--to", str(to), *SHORT, "--rate", "1e-5") == 1
    found = left_by(to)
    assert found.verdict is Verdict.NOT_FADED
    assert found.data.amounts[0].contrasts <= 2
    assert found.suite is not None
    assert found.suite.fate is Fate.FAILS
    assert "NOT FADED" in (to / "README.md").read_text(), "a model that was kept says so itself"


@pytest.mark.long
def test_a_killed_fade_goes_on_where_it_was(audits: Path, tmp_path: Path) -> None:
    to = tmp_path / "killed"
    said = tmp_path / "said.txt"
    words = [sys.executable, "-m", "faultfinder.agent.cli", "fade", "before", "--failure", "h1"]
    words += [
        "--out",
        str(audits),
        "--to",
        str(to),
        "--steps",
        "16",
        "--batch",
        "16",
        "--rate",
        "1e-5",
        "--guard",
        "0.3",
    ]
    with user_folders(tmp_path / "user"), said.open("w") as stream:
        process = subprocess.Popen(words, cwd=ROOT, stderr=stream, stdout=stream, env=dict(os.environ))
        index = to / "work" / "training.json"
        _wait_for(lambda: index.is_file() and json.loads(index.read_text())["step"] >= 4, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        step = json.loads(index.read_text())["step"]
        same = ("--to", str(to), "--steps", "16", "--rate", "1e-5", "--guard", "0.3")
        assert fade(audits, *same, "--batch", "17") == 2, "not as something else"
        assert fade(audits, *same, "--batch", "16") in (0, 1)
    found = left_by(to)
    assert step < 16
    assert found.training.steps == 16
    measured = [candidate.step for candidate in found.candidates if candidate.alpha == MIDDLE]
    assert step in measured, "what was measured before the kill is still known"
    assert len(measured) == len(set(measured)), "and not measured again"


def _wait_for(done, process: subprocess.Popen) -> None:
    begun = time.monotonic()
    while not done():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() - begun < HANG
        time.sleep(0.05)


def test_what_cannot_be_faded_says_why(audits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with user_folders(audits / "user"):
        assert fade(audits, failure="h9") == 2
        assert "h9 is none of its hypotheses. Failures proven by the audit before: h1 (" in capsys.readouterr().err
        assert fade(audits, name="nothing") == 2
        assert "no audit in" in capsys.readouterr().err
        assert fade(audits, "--pictures", "gone.csv", "--to", str(audits / "gone")) == 2
        assert "gone.csv does not exist" in capsys.readouterr().err
