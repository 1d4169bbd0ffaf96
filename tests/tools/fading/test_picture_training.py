"""Training a classifier on changed pictures, and the adapters that let theirs be changed and written down."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from faultfinder.memory.errors import TargetError
from faultfinder.tools.classifiers import as_classifier, open_classifier
from faultfinder.tools.fading.picture_training import PictureBatch, PictureStudent
from faultfinder.tools.fading.recipe import Recipe
from faultfinder.tools.ports import TrainableClassifier
from faultfinder.tools.registry import open_encoder, world_of
from faultfinder.tools.targets.torch_classifier import TorchClassifier
from faultfinder.tools.torchvision_shim import ensure_torchvision

COLOURS = {"red circle": (210, 40, 40), "green circle": (40, 160, 60), "blue circle": (50, 80, 215)}


def plain(colour: tuple[int, int, int]) -> Image.Image:
    return Image.new("RGB", (48, 48), colour)


@pytest.fixture
def tower() -> TrainableClassifier:
    """A zero-shot classifier of the lab's, whose tower can be trained."""
    found = as_classifier(open_encoder("lab:clip"), "lab:clip", list(COLOURS), world=world_of("lab:clip")).checked
    assert isinstance(found, TrainableClassifier)
    return found


def batch(unchanged: int = 3) -> PictureBatch:
    pictures = [plain(colour) for colour in COLOURS.values()]
    return PictureBatch([*pictures, *pictures[:unchanged]], [frozenset({(n + 1) % 3}) for n in range(3)] * 2, unchanged)


def test_the_tower_learns_and_the_labels_stay_where_they_lie(tower: TrainableClassifier) -> None:
    texts = tower.encoder.embed_texts(["a red circle"])
    student = PictureStudent(tower, Recipe(steps=20, rate=1e-3, keep=0.0))
    losses = [student.learn(batch()) for _ in range(20)]
    assert losses[-1] < losses[0]
    assert np.array_equal(tower.encoder.embed_texts(["a red circle"]), texts)
    before = tower.classify([plain((210, 40, 40))])
    with student.at(student.original) as model:
        assert not np.allclose(model.classify([plain((210, 40, 40))]), before, atol=1e-3)


def test_staying_near_holds_vectors_back(tower: TrainableClassifier) -> None:
    moved = {}
    for keep in (0.0, 5.0):
        student = PictureStudent(tower, Recipe(steps=10, rate=1e-3, keep=keep))
        for _ in range(10):
            student.learn(batch())
        pixels = tower.pixels(batch().pictures)
        with torch.no_grad():
            moved[keep] = float(tower.strayed(tower.module, student._before, pixels))
        tower.module.load_state_dict(student.original)
    assert moved[5.0] < moved[0.0] / 2


def test_several_right_labels_count_together(tower: TrainableClassifier) -> None:
    student = PictureStudent(tower, Recipe(keep=0.0))
    every = frozenset(range(3))
    loss = student.loss(PictureBatch([plain((210, 40, 40))], [every], 0))
    assert float(loss.detach()) == pytest.approx(0.0, abs=1e-5)


def test_a_changed_timm_model_opens_again_and_answers_alike(tmp_path: Path) -> None:
    ensure_torchvision()
    import timm

    model = timm.create_model("test_resnet", pretrained=False, num_classes=3)
    config = {"label_names": ["cat", "dog", "cow"], "label_descriptions": {"cat": "a cat"}}
    timm.models.save_for_hf(model, tmp_path / "first", model_config=config, safe_serialization=True)
    first = open_classifier(f"timm:{tmp_path / 'first'}").checked
    student = PictureStudent(first, Recipe(rate=1e-2))
    student.learn(batch())
    pictures = batch().pictures
    again = open_classifier(first.save(tmp_path / "second"))
    assert again.labels == ("a cat", "dog", "cow")
    assert np.allclose(again.classify(pictures), first.classify(pictures), atol=1e-6)
    assert not list((tmp_path / "second").glob("*.bin")), "safetensors alone"


def test_a_changed_torchvision_model_opens_again_with_its_own_preparation(tmp_path: Path) -> None:
    ensure_torchvision()
    import torchvision

    torch.save(torchvision.models.get_model("mobilenet_v3_small", weights=None).state_dict(), tmp_path / "w.pth")
    first = open_classifier(f"torchvision:mobilenet_v3_small/{tmp_path / 'w.pth'}").checked
    spec = first.save(tmp_path / "folder")
    assert spec == f"torchvision:{(tmp_path / 'folder').resolve()}"
    again = open_classifier(spec)
    pictures = batch().pictures
    assert again.labels == first.labels
    assert np.allclose(again.classify(pictures), first.classify(pictures), atol=1e-6)


def test_what_cannot_be_written_down_says_so(tmp_path: Path) -> None:
    model = TorchClassifier("mine", torch.nn.Linear(2, 2), lambda picture: picture, ["a", "b"])
    with pytest.raises(TargetError, match="mine cannot be written down"):
        model.save(tmp_path)


def test_a_step_that_leads_nowhere_is_not_taken(tower: TrainableClassifier) -> None:
    student = PictureStudent(tower, Recipe(keep=0.0))
    tower.label_vectors[0, 0] = np.nan
    assert np.isnan(student.learn(batch()))
    assert student.step == 0
    assert all(torch.isfinite(tensor).all() for tensor in tower.module.state_dict().values())
