"""`faultfinder fade` of text models: files to fine-tune with, of inputs that nothing was proven on, and the proof."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from faultfinder.agent import fade as fade_from_python
from faultfinder.agent.fading.records import Keeping, Verdict
from faultfinder.agent.report.suite import SuiteCase
from faultfinder.agent.suites.fate import Fate
from faultfinder.memory.errors import OptionError
from faultfinder.memory.records import Decision
from faultfinder.tools.splits import Part, part_of
from tests.support.audits import HANG, ROOT, audit, settings
from tests.support.fading import fade, left_by
from tests.support.suites import user_folders
from tests.support.text_models import LOG, NO_IDEA, SECONDS, SHOUTED_SECONDS, news

MODELS = "python:tests.support.text_models:"
SYSTEM = {"role": "system", "content": "Say the first sentence."}


def audited(place: Path, model: str = "deaf_to_capitals", **changes: object) -> Path:
    chosen = {
        "name": "shout",
        "goal": "does it survive capitals?",
        "corpus": "lab",
        "inputs": str(news(place / "news.jsonl")),
        "actions": "upper-case,extra-marks,emoji",
        "queries": 120,
        "probes": 15,
        "controls": 15,
        "people": "none",
        **changes,
    }
    with user_folders(place / "user"):
        audit(place, settings(place, MODELS + model, **chosen))
    return place


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audited(tmp_path_factory.mktemp("texts"))


@pytest.fixture(scope="module")
def exported(audits: Path) -> Path:
    assert fade(audits, name="shout") == 0
    return audits / "shout" / "faded" / "h1"


def test_what_fails_is_written_with_its_right_answer_and_the_wrong_one(audits: Path, exported: Path) -> None:
    chosen = lines(exported / "preference.jsonl")
    texts = {line["text"] for line in lines(audits / "news.jsonl")}
    by_shout = {text.upper(): text for text in texts}
    assert len(chosen) > 20
    for each in chosen:
        system, user = each["prompt"]
        assert system == SYSTEM, "what the model is given"
        first = by_shout[user["content"]].partition(". ")[0] + "."
        assert each["chosen"] == [{"role": "assistant", "content": first}], "its answer to the unedited text"
        assert each["rejected"] == [{"role": "assistant", "content": NO_IDEA}]
    assert lines(exported / "preference_openai.jsonl") == [
        {
            "input": {"messages": each["prompt"]},
            "preferred_output": each["chosen"],
            "non_preferred_output": each["rejected"],
        }
        for each in chosen
    ]
    tuning = lines(exported / "fine_tuning.jsonl")
    shouted = [{"messages": [*each["prompt"], *each["chosen"]]} for each in chosen]
    assert all(each in tuning for each in shouted)
    plain = [each for each in tuning if each not in shouted]
    assert len(plain) == pytest.approx(len(shouted), abs=5), "half of the examples keep the rest as it is"
    for each in plain:
        _, user, answer = each["messages"]
        assert user["content"] in texts
        assert answer == {"role": "assistant", "content": user["content"].partition(". ")[0] + "."}


def test_no_file_has_an_input_that_proves_or_is_held_out_and_validation_shares_none(
    audits: Path, exported: Path
) -> None:
    texts = [line["text"] for line in lines(audits / "news.jsonl")]
    suite = [SuiteCase.model_validate_json(line) for line in (audits / "shout/suite.jsonl").read_text().splitlines()]
    tested = {texts[int(case.change.input.rpartition(" ")[2]) - 1] for case in suite if case.change}
    assert len(tested) > 20
    written = {path.name: path.read_text("ascii") for path in exported.glob("*.jsonl")}
    assert len(written) == 6
    for text in texts:
        (mark,) = re.findall(r"closed for (\d+) weeks", text)
        said = re.compile(rf"closed for {mark} weeks", re.IGNORECASE)
        names = {name for name, content in written.items() if said.search(content)}
        if part_of(text) is not Part.EXPLORE or text in tested:
            assert not names, text
        aside = {name for name in names if "validation" in name}
        assert aside in (set(), names), "an input is for one of the two"
    assert "closed" in written["validation.jsonl"]


def test_it_says_that_nothing_is_proven_and_how_to_go_on(audits: Path, exported: Path, capfd) -> None:
    found = left_by(exported)
    assert found.verdict is Verdict.EXPORTED
    assert (found.model, found.training, found.rule) == (None, None, None)
    assert found.exported is not None
    counts = {file.name: file.examples for file in found.exported.files}
    assert counts == {path.name: len(lines(path)) for path in exported.glob("*.jsonl")}
    assert found.exported.edited + found.exported.plain == counts["fine_tuning.jsonl"] + counts["validation.jsonl"]
    assert fade(audits, name="shout") == 0, "done is done"
    printed = capfd.readouterr()
    assert f"written: fine_tuning.jsonl\t{counts['fine_tuning.jsonl']}" in printed.out
    assert "EXPORTED" in printed.err
    assert "it is not proven that anything has faded" in printed.err
    card, page = (exported / "README.md").read_text(), (exported / "fade.html").read_text()
    for said in (
        f"faultfinder fade shout --failure h1 --tuned NEW --out {audits}",
        "suite.jsonl --target NEW",
        "SFTTrainer",
        "dpo",
    ):
        assert said in card
    assert "not proven that anything has faded" in page
    assert not (exported / "work").exists()


@pytest.mark.parametrize(
    ("model", "verdict", "why"),
    [
        ("cured", Verdict.FADED, "0 of"),
        ("stubborn", Verdict.NOT_FADED, "still fails"),
        ("parrot", Verdict.REFUSED, "loses unedited texts"),
    ],
)
def test_a_tuned_model_is_held_to_the_proof(audits: Path, model: str, verdict: Verdict, why: str) -> None:
    """A parrot is steady under capitals, and is told by what it makes of texts as they are."""
    ended = fade(audits, "--tuned", MODELS + model, name="shout")
    (folder,) = (audits / "shout" / "faded").glob(f"h1-tuned-*{model}-*")
    found = left_by(folder)
    assert (found.verdict, ended) == (verdict, int(verdict is not Verdict.FADED))
    assert why in found.reason
    assert found.model == MODELS + model
    if model == "parrot":
        assert [score.keeping for score in found.scores] == [Keeping.FELL]
        return
    assert found.experiment is not None
    assert found.suite is not None
    assert found.experiment.probes_before.fail == found.experiment.probes_before.n
    assert found.experiment.confirmed_before is Decision.SUPPORTED
    if model == "cured":
        assert found.suite.fate is found.experiment.fate is Fate.FIXED
        assert not [score for score in found.scores if score.keeping is Keeping.FELL]


def test_a_truth_is_learnt_where_there_is_one(tmp_path: Path) -> None:
    place = audited(tmp_path, inputs=str(news(tmp_path / "true.jsonl", truths=True)))
    assert fade(place, name="shout") == 0
    folder = place / "shout" / "faded" / "h1"
    for each in lines(folder / "fine_tuning.jsonl"):
        assert each["messages"][-1]["content"].startswith("It says: The large ")
    found = left_by(folder).exported
    assert found is not None
    assert found.with_truth == found.edited + found.plain


@pytest.mark.slow
def test_killed_it_asks_nothing_twice(audits: Path, tmp_path: Path) -> None:
    log, to = tmp_path / "asked.txt", tmp_path / "files"
    words = [sys.executable, "-m", "faultfinder.agent.cli", "fade", "shout", "--failure", "h1", "--out", str(audits)]
    begun = [*words, "--to", str(to)]
    environment = {**os.environ, LOG: str(log), SECONDS: "0.1"}
    with subprocess.Popen(begun, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as running:
        deadline = time.monotonic() + HANG
        while not (log.exists() and len(log.read_bytes().splitlines()) >= 200):
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
    before = len(log.read_text().splitlines())
    assert subprocess.run(begun, cwd=ROOT, env=environment, check=False, stderr=subprocess.DEVNULL).returncode == 0
    asked = log.read_text().splitlines()
    assert len(asked) > before
    assert len(asked) - len(set(asked)) <= 32, "the batch that was in flight, at most"
    assert left_by(to).verdict is Verdict.EXPORTED


def test_when_the_time_is_up_before_anything_can_be_judged_the_answers_are_kept(
    audits: Path, tmp_path: Path, monkeypatch, capfd
) -> None:
    log, to = tmp_path / "asked.txt", tmp_path / "files"
    monkeypatch.setenv(LOG, str(log))
    monkeypatch.setenv(SECONDS, "1.6")
    assert fade(audits, "--to", str(to), "--minutes", "0.05", name="shout") == 2
    assert "minutes were not enough" in capfd.readouterr().err
    first = log.read_text().splitlines()
    monkeypatch.delenv(SECONDS)
    assert fade(audits, "--to", str(to), name="shout") == 0
    asked = log.read_text().splitlines()
    assert len(asked) == len(set(asked))
    assert asked[: len(first)] == first


def test_what_cannot_be_exported_or_proven_is_one_clear_message(audits: Path, tmp_path: Path, capfd) -> None:
    assert fade(audits, "--tuned", "lab:clip", name="shout") == 2
    assert "answers no texts" in capfd.readouterr().err
    assert fade(audits, name="shout", failure="h9") == 2
    assert "is none of its hypotheses" in capfd.readouterr().err


def test_a_python_program_fades_too(audits: Path, exported: Path, capfd) -> None:
    done = fade_from_python("shout", "h1", out=audits)
    assert (done.verdict, done.folder) == (Verdict.EXPORTED, exported)
    with pytest.raises(OptionError, match=r"replay=2\.0"):
        fade_from_python("shout", "h1", out=audits, replay=2.0)
    assert capfd.readouterr() == ("", "")


def test_when_the_time_is_up_while_texts_are_tried_what_there_is_is_written_and_more_time_goes_on(
    audits: Path, tmp_path: Path, monkeypatch
) -> None:
    log, to = tmp_path / "asked.txt", tmp_path / "files"
    monkeypatch.setenv(LOG, str(log))
    assert fade(audits, "--to", str(tmp_path / "all"), name="shout") == 0
    log.unlink()
    monkeypatch.setenv(SHOUTED_SECONDS, "3.2")
    assert fade(audits, "--to", str(to), "--minutes", "0.05", name="shout") == 0
    early = left_by(to).exported
    assert early is not None
    assert early.cut_short
    assert 0 < early.edited < left_by(tmp_path / "all").exported.edited
    monkeypatch.delenv(SHOUTED_SECONDS)
    assert fade(audits, "--to", str(to), "--minutes", "10", name="shout") == 0
    assert left_by(to).exported == left_by(tmp_path / "all").exported.model_copy(
        update={"minutes": left_by(to).exported.minutes}
    )
    asked = log.read_text().splitlines()
    assert len(asked) == len(set(asked))
