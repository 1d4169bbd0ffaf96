"""Fading an open_clip model with nothing but a file of pictures: no world, every part from the file."""

from pathlib import Path

import pytest

from faultfinder.agent.fading.records import Keeping, Verdict
from faultfinder.agent.suites.fate import Fate
from faultfinder.memory.records import Limits
from faultfinder.tools.registry import open_encoder, world_of
from tests.support.audits import audit, settings
from tests.support.fading import as_open_clip, fade, left_by, pictures
from tests.support.suites import user_folders


@pytest.mark.slow
def test_an_open_clip_model_is_trained_and_judged_by_a_file_of_pictures_alone(tmp_path: Path) -> None:
    spec = as_open_clip("lab:planted/left-right", tmp_path / "model")
    corpus = tmp_path / "captions.txt"
    corpus.write_text("\n".join(each.caption for each in world_of("lab:clip").teacher.lessons(2500, 77)))
    few = {"limits": Limits(hypotheses=1), "name": "files", "goal": "does it know left from right?"}
    file = pictures(tmp_path / "pictures", 1000, words=("left", "right"))
    with user_folders(tmp_path / "user"):
        audit(tmp_path, settings(tmp_path, spec, corpus=str(corpus), **few))
        assert fade(tmp_path, name="files") == 2, "there is nothing to learn from"
        more = ("--pictures", str(file), "--steps", "80", "--batch", "32", "--rate", "4e-4", "--guard", "0.06")
        ended = fade(tmp_path, *more, "--minutes", "60", name="files")
    found = left_by(tmp_path / "files" / "faded" / "h1")
    own, *guarded = found.scores
    assert own.before.value == pytest.approx(0.5, abs=0.12)
    assert own.change.low > 0, "hard negatives without pictures teach, too"
    assert any(score.about == "two-way" for score in guarded), "kinds of difference read off the captions"
    assert all(score.keeping is not Keeping.FELL for score in guarded)
    assert found.model is not None
    assert found.model.startswith("open_clip:local-dir:")
    assert open_encoder(found.model).embed_texts(["a red circle"]).shape == (1, 128)
    assert found.suite is not None
    assert found.reaudit is not None
    assert "none of them learned from" in found.reaudit.texts
    gone = found.suite.fate is Fate.FIXED and not found.reaudit.again
    assert (ended == 0) is (found.verdict is Verdict.FADED)
    assert gone or found.verdict is Verdict.NOT_FADED, "a half-way result is not called faded"
