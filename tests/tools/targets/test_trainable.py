"""Encoders whose weights can be changed: the port, and folders that open again as what was written."""

from pathlib import Path

import numpy as np
import pytest

from faultfinder.memory.errors import SpecError, TargetError
from faultfinder.tools.ports import Trainable
from faultfinder.tools.registry import open_encoder, world_of
from tests.support.fading import as_open_clip

LESSONS = world_of("lab:clip").teacher.lessons(20, 1)
TEXTS, PICTURES = [each.caption for each in LESSONS], [each.picture() for each in LESSONS]


@pytest.fixture(scope="module", params=["lab:planted/left-right", "open_clip"])
def spec(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model of the lab, and one of open_clip's with a Hugging Face tokenizer."""
    if request.param == "open_clip":
        return as_open_clip("lab:planted/left-right", tmp_path_factory.mktemp("clip") / "model")
    return request.param


def test_what_is_embedded_is_what_the_module_makes_of_its_input(spec: str) -> None:
    import torch

    model = open_encoder(spec)
    assert isinstance(model, Trainable)
    with torch.inference_mode():
        texts = model.module.encode_text(model.tokens(TEXTS), normalize=True).numpy()
        pictures = model.module.encode_image(model.pixels(PICTURES), normalize=True).numpy()
    np.testing.assert_allclose(model.embed_texts(TEXTS), texts, atol=2e-6)
    np.testing.assert_allclose(model.embed_images(PICTURES), pictures, atol=2e-6)


def test_changed_weights_are_written_and_open_again(spec: str, tmp_path: Path) -> None:
    import torch

    model = open_encoder(spec)
    before = model.embed_texts(TEXTS)
    with torch.no_grad():
        model.module.token_embedding.weight.mul_(torch.linspace(0.5, 1.5, 128))
    changed = model.embed_texts(TEXTS)
    assert np.abs(changed - before).max() > 1e-4, "no vector is remembered from before"
    again = open_encoder(model.save(tmp_path / "saved"))
    np.testing.assert_array_equal(again.embed_texts(TEXTS), changed)
    np.testing.assert_array_equal(again.embed_images(PICTURES), model.embed_images(PICTURES))
    assert not list((tmp_path / "saved").glob("*.bin")), "nothing pickled"


def test_an_encoder_without_weights_is_not_trainable() -> None:
    assert not isinstance(open_encoder("lab:oracle"), Trainable)


def test_a_model_whose_configuration_is_unknown_is_not_written(tmp_path: Path) -> None:
    from faultfinder.tools.targets.open_clip import OpenClipEncoder

    lab = open_encoder("lab:clip")
    model = OpenClipEncoder("somebodys-own", lab.module, lab.tokens)
    with pytest.raises(TargetError, match="could not be opened again"):
        model.save(tmp_path)


@pytest.mark.parametrize(
    ("folder", "said"), [("nowhere", "holds no model.safetensors"), ("broken", "cannot be loaded")]
)
def test_a_folder_that_holds_no_model_says_so(tmp_path: Path, folder: str, said: str) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(SpecError, match=said):
        open_encoder(f"lab:folder/{tmp_path / folder}")
