"""Classifiers of timm, from folders and files with random weights, through timm's own ways of saving them."""

import json
import pickle

import numpy as np
import pytest
import torch

from faultfinder.memory.errors import SpecError
from faultfinder.tools.classifiers import open_classifier
from faultfinder.tools.torchvision_shim import ensure_torchvision

NAMES = ["cat", "dog", "fire_engine"]


@pytest.fixture(scope="module")
def timm():
    ensure_torchvision()
    import timm

    return timm


@pytest.fixture(scope="module")
def small(timm):
    """A residual network of timm's for ImageNet's 1,000 classes."""
    return _seeded(lambda: timm.create_model("test_resnet", pretrained=False))


def _seeded(build):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        model = build()
        for parameter in model.parameters():  # heads start near zero, and then every answer is the same
            torch.nn.init.normal_(parameter, std=0.3) if parameter.dim() == 2 else None
    return model.eval()


@pytest.fixture(scope="module")
def folder(timm, tmp_path_factory):
    """A folder as timm saves it, of a small transformer with three classes of its own."""
    model = _seeded(lambda: timm.create_model("test_vit", pretrained=False, num_classes=3))
    path = tmp_path_factory.mktemp("timm")
    timm.models.save_for_hf(model, path, model_config={"label_names": NAMES}, safe_serialization=True)
    return path


def test_a_folder_keeps_the_contract(folder, check_classifier):
    classifier = open_classifier(f"timm:{folder}")
    assert classifier.labels == ("cat", "dog", "fire_engine")
    check_classifier(classifier)


def test_its_answers_are_timms(timm, folder, photos):
    model = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    prepare = timm.data.create_transform(**timm.data.resolve_data_config({}, model=model), is_training=False)
    with torch.inference_mode():
        expected = torch.softmax(model(torch.stack([prepare(photo) for photo in photos])), dim=-1).numpy()
        seen = model.forward_head(
            model.forward_features(torch.stack([prepare(photo) for photo in photos])), pre_logits=True
        ).numpy()
    classifier = open_classifier(f"timm:{folder}")
    np.testing.assert_allclose(classifier.classify(photos), expected, atol=1e-5)
    unit = seen / np.linalg.norm(seen, axis=1, keepdims=True)
    np.testing.assert_allclose(classifier.embed_images(photos), unit, atol=1e-5)


def test_labels_may_have_descriptions_and_be_given_by_number(folder):
    config = json.loads((folder / "config.json").read_text())
    config["label_names"] = {"0": "n01", "1": "n02", "2": "n03"}
    config["label_descriptions"] = {"n01": "tench, Tinca tinca", "n02": "goldfish"}
    (folder / "config.json").write_text(json.dumps(config))
    classifier = open_classifier(f"timm:local-dir:{folder}")
    assert classifier.labels == ("tench, Tinca tinca", "goldfish", "n03")
    assert classifier.aliases == (("n01",), ("n02",), ("n03",))
    config["label_names"] = ["one", "two"]
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(SpecError, match="its config names 2 labels, the model has 3"):
        open_classifier(f"timm:{folder}")
    del config["label_names"]
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(SpecError, match="nobody says what its 3 answers stand for; put label_names into"):
        open_classifier(f"timm:{folder}")


def test_a_file_of_a_named_model_has_imagenets_labels(small, tmp_path, check_classifier):
    from safetensors.torch import save_file

    save_file(small.state_dict(), tmp_path / "weights.safetensors")
    classifier = open_classifier(f"timm:test_resnet/{tmp_path / 'weights.safetensors'}")
    assert len(classifier.labels) == 1000
    assert classifier.labels[0] == "tench, Tinca tinca"
    assert classifier.aliases[0] == ("n01440764",)
    check_classifier(classifier)
    torch.save({"state_dict": small.state_dict()}, tmp_path / "weights.pth")
    again = open_classifier(f"timm:test_resnet/{tmp_path / 'weights.pth'}")
    assert again.identity == classifier.identity, "the same weights"


def test_code_in_a_file_is_never_run(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("unpickled",))

    (tmp_path / "evil.pth").write_bytes(pickle.dumps({"state_dict": Trap()}))
    with pytest.raises(SpecError, match=r"cannot be loaded.*Only safetensors and plain tensor files"):
        open_classifier(f"timm:test_resnet/{tmp_path / 'evil.pth'}")


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("test_resnett", "timm has no model 'test_resnett'; did you mean test_resnet"),
        ("./nowhere", "the folder nowhere does not exist; save a model there with timm.models.save_for_hf"),
        ("test_resnet/nowhere.pth", "there is no file nowhere.pth"),
        ("test_resnet", "cannot be loaded.*Weights are fetched once from their hub; without a network give a file"),
        ("hf-hub:nobody/nothing", "cannot be loaded.*Weights are fetched once from their hub"),
        ("", "lacks what follows the colon; write timm:NAME"),
    ],
)
def test_what_cannot_be_opened_says_what_to_do(rest, said):
    with pytest.raises(SpecError, match=said):
        open_classifier(f"timm:{rest}")


def test_weights_of_another_model_are_refused(timm, tmp_path):
    from safetensors.torch import save_file

    save_file(timm.create_model("test_vit", num_classes=3).state_dict(), tmp_path / "other.safetensors")
    with pytest.raises(SpecError, match=r"cannot be loaded.*of that very model, with its own labels"):
        open_classifier(f"timm:test_resnet/{tmp_path / 'other.safetensors'}")
