"""`faultfinder fade` of failing regions of classifiers, whole: a planted fault fades, and two pictures do not do."""

import json
import re
from pathlib import Path

import pytest

from faultfinder.agent.fading.records import Keeping, Verdict
from faultfinder.agent.suites.fate import Fate
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings, Case, Decision, Limits
from faultfinder.tools.classifiers import open_classifier
from tests.support.audits import audit
from tests.support.classifiers import discs
from tests.support.fading import fade, left_by
from tests.support.fading_classifiers import taught
from tests.support.suites import run, user_folders

QUICK = ("--steps", "200", "--batch", "32", "--rate", "3e-3", "--minutes", "60", "--guard", "0.05")


def plan(place: Path, pictures: Path, target: str, name: str = "dark") -> AuditSettings:
    return AuditSettings(
        name=name,
        goal="does it fail in the dark?",
        target=target,
        corpus="lab",
        inputs=str(pictures),
        actions="darkness=0.2:0.3:1:1.1",
        queries=160,
        probes=20,
        controls=20,
        limits=Limits(hypotheses=2),
        memory=str(place / "memory"),
    )


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The audits' folder, with the audit of a network that takes discs for others in the dark."""
    place = tmp_path_factory.mktemp("audits")
    pictures = discs(place / "discs", 100)
    with user_folders(place / "user"):
        audit(place, plan(place, pictures, taught(pictures, place / "model")))
    return place


@pytest.fixture(scope="module")
def faded(audits: Path) -> Path:
    """A fade of what it fails at, done."""
    with user_folders(audits / "user"):
        assert fade(audits, *QUICK, name="dark") == 0
    return audits / "dark" / "faded" / "h1"


def test_a_region_fades_and_is_proven_gone(audits: Path, faded: Path) -> None:
    found = left_by(faded)
    assert found.verdict is Verdict.FADED
    assert found.rule is None
    assert "0.2 to 0.3 times the brightness" in found.method
    own, *guarded = found.scores
    assert own.before.value <= 0.2
    assert own.after.value >= 0.8
    assert {score.about for score in guarded} == {"clean", "condition", "label"}
    assert not [score.name for score in guarded if score.keeping is Keeping.FELL]
    assert found.experiment is not None
    assert (found.experiment.confirmed_before, found.experiment.confirmed) == (Decision.SUPPORTED, Decision.REFUTED)
    assert found.suite is not None
    assert found.suite.fate is Fate.FIXED
    assert found.reaudit is not None
    assert not found.reaudit.again
    assert (audits / found.reaudit.audit / "report.html").is_file()


def test_what_became_of_the_landscape_is_measured_and_drawn(faded: Path, audits: Path) -> None:
    shift = left_by(faded).shift
    assert shift is not None
    assert shift.exhaustive
    assert shift.queries == shift.inputs * 4
    before, after = ([rate.rate for rate in each.rates] for each in (shift.before, shift.after))
    assert min(before[:2]) > 0.7
    assert max(after) < 0.4
    page = (faded / "fade.html").read_text()
    assert page.count("<svg") == 2, "for wide and for narrow pages"
    assert "Wasserstein" in page
    assert not re.search(r"<script|https?://", page.replace("http://www.w3.org", "")), "it stands on its own"


def test_nothing_learned_from_is_asked_in_the_proof(audits: Path, faded: Path) -> None:
    left = left_by(faded).reaudit
    assert left is not None
    assert "none of them learned from" in left.texts
    table = [json.loads(line) for line in (audits / left.audit / "inputs.jsonl").read_text().splitlines()]
    data = left_by(faded).data
    assert len(table) == 400 - data.amounts[0].lessons
    with Ledger.open(audits / left.audit / "audit.db") as ledger:
        asked = {case.change.input for case in ledger.all(Case) if case.change}
    assert asked <= {row["key"] for row in table}


def test_the_changed_model_opens_again_and_its_card_says_what_it_is(audits: Path, faded: Path) -> None:
    found = left_by(faded)
    assert found.model == f"timm:{faded.resolve()}"
    assert open_classifier(found.model).labels == ("red", "green", "blue", "yellow")
    with user_folders(audits / "user"):
        assert run("check", "dark", "--out", str(audits), "--target", found.model) == 0
    card = (faded / "README.md").read_text()
    assert "**FADED" in card
    assert "Fine-tuning of the whole model by cross-entropy" in card
    assert "changed as where it failed" in card


def test_what_two_pictures_teach_is_not_called_faded_and_always_the_same(audits: Path, tmp_path: Path) -> None:
    table = tmp_path / "two.csv"
    ours = discs(tmp_path / "others", 101)
    table.write_text("path,label\nothers/red/100.png,red\nothers/green/100.png,green\n")
    ends = []
    with user_folders(audits / "user"):
        for to in (tmp_path / "one", tmp_path / "other"):
            words = ("--pictures", str(table), "--to", str(to), *QUICK)
            assert fade(audits, *words, name="dark") == 1
            ends.append(left_by(to))
    assert ours.is_dir()
    first, second = ends
    assert first.verdict in (Verdict.NOT_FADED, Verdict.REFUSED)
    assert first.data.amounts[0].contrasts == 2
    assert (first.verdict, first.candidates, first.scores) == (second.verdict, second.candidates, second.scores)


def test_a_target_without_weights_is_said_to_have_none(audits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = "python:tests.support.classifiers:blind_in_the_dark"
    with user_folders(audits / "user"):
        audit(audits, plan(audits, audits / "discs", spec, "python"))
        assert fade(audits, name="python") == 2
    assert "shows no weights that could be trained: what can be faded is timm:" in capsys.readouterr().err
