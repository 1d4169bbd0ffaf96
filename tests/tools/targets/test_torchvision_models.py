"""Classifiers of torchvision, from files of random weights."""

import pickle

import numpy as np
import pytest
import torch

from faultfinder.memory.errors import SpecError
from faultfinder.tools.classifiers import open_classifier
from faultfinder.tools.torchvision_shim import ensure_torchvision

SMALL = "mobilenet_v3_small"


@pytest.fixture(scope="module")
def torchvision():
    ensure_torchvision()
    import torchvision

    return torchvision


@pytest.fixture(scope="module")
def weights(torchvision, tmp_path_factory):
    """A file of random weights, and the model."""
    model = _random(torchvision, SMALL)
    file = tmp_path_factory.mktemp("torchvision") / "weights.pth"
    torch.save(model.state_dict(), file)
    return model, file


def _random(torchvision, name, **settings):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        model = torchvision.models.get_model(name, weights=None, **settings).eval()
        for parameter in model.parameters():  # as built, so little comes through that all answers are alike
            torch.nn.init.kaiming_normal_(parameter) if parameter.dim() > 1 else None
    return model


def test_a_file_keeps_the_contract_and_has_the_published_labels(weights, check_classifier):
    classifier = open_classifier(f"torchvision:{SMALL}/{weights[1]}")
    assert len(classifier.labels) == 1000
    assert classifier.labels[:2] == ("tench", "goldfish")
    check_classifier(classifier)


def test_its_answers_are_torchvisions(torchvision, weights, photos):
    model, file = weights
    prepare = torchvision.models.get_model_weights(SMALL).DEFAULT.transforms()
    with torch.inference_mode():
        expected = torch.softmax(model(torch.stack([prepare(photo) for photo in photos])), dim=-1).numpy()
    np.testing.assert_allclose(open_classifier(f"torchvision:{SMALL}/{file}").classify(photos), expected, atol=1e-5)


@pytest.mark.parametrize("wrap", [lambda state: {"model": state, "epoch": 3}, lambda state: {"state_dict": state}])
def test_weights_as_training_scripts_save_them(weights, wrap, tmp_path):
    torch.save(wrap(weights[0].state_dict()), tmp_path / "run.pth")
    plain = open_classifier(f"torchvision:{SMALL}/{weights[1]}")
    assert open_classifier(f"torchvision:{SMALL}/{tmp_path / 'run.pth'}").identity == plain.identity


def test_safetensors_are_read(weights, tmp_path):
    from safetensors.torch import save_file

    save_file(weights[0].state_dict(), tmp_path / "run.safetensors")
    plain = open_classifier(f"torchvision:{SMALL}/{weights[1]}")
    assert open_classifier(f"torchvision:{SMALL}/{tmp_path / 'run.safetensors'}").identity == plain.identity


@pytest.mark.parametrize("name", ["squeezenet1_1", "googlenet"])
def test_models_that_are_built_otherwise(torchvision, name, tmp_path, check_classifier):
    """One without a linear layer, one with further heads and a preparation of its own."""
    settings = {"aux_logits": True, "init_weights": False} if name == "googlenet" else {}
    model = _random(torchvision, name, **settings)
    torch.save(model.state_dict(), tmp_path / "weights.pth")
    check_classifier(open_classifier(f"torchvision:{name}/{tmp_path / 'weights.pth'}"))


def test_weights_of_other_labels_are_refused(torchvision, tmp_path):
    torch.save(_random(torchvision, SMALL, num_classes=7).state_dict(), tmp_path / "seven.pth")
    with pytest.raises(SpecError, match=r"cannot be loaded.*of that very model with its 1000 labels are loaded"):
        open_classifier(f"torchvision:{SMALL}/{tmp_path / 'seven.pth'}")


def test_code_in_a_file_is_never_run(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("unpickled",))

    (tmp_path / "evil.pth").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(SpecError, match="cannot be loaded"):
        open_classifier(f"torchvision:{SMALL}/{tmp_path / 'evil.pth'}")


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("resnet19", "torchvision has no classifier 'resnet19'; did you mean 'resnet1"),
        ("fasterrcnn_resnet50_fpn", "torchvision has no classifier 'fasterrcnn_resnet50_fpn'"),
        ("resnet18/IMAGENET1K_V2", "neither a file nor one of resnet18's weights; did you mean 'IMAGENET1K_V1'"),
    ],
)
def test_what_cannot_be_opened_says_what_to_do(rest, said):
    with pytest.raises(SpecError, match=said):
        open_classifier(f"torchvision:{rest}")


def test_weights_that_would_be_fetched_without_a_network(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(SpecError, match=r"cannot be loaded.*fetched once from torchvision's server; without a network"):
        open_classifier("torchvision:resnet18")
