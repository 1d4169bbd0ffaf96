"""What every encoder, generator and classifier must do, whoever made it; open_clip models of every family, small."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Images
from PIL.Image import Image

from faultfinder.tools.ports import Classifier, ImageEncoder, ImageGenerator, TextEncoder
from faultfinder.tools.torchvision_shim import ensure_torchvision

TEXTS = (
    "a red circle left of a blue square",
    "a red circle right of a blue square",
    "a dog",
    "two men ride horses along a beach in the rain while a third one watches them from under a tree",
    "a dog",
    "no cats, at all!",
)
VISION = {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16}


@pytest.fixture
def check_encoder() -> Callable[[TextEncoder], None]:
    """The contract of the port."""
    return _check_encoder


def _check_encoder(encoder: TextEncoder) -> None:
    assert isinstance(encoder, TextEncoder)
    assert encoder.name
    whole = encoder.embed_texts(TEXTS)
    assert whole.dtype == np.float32
    assert whole.ndim == 2
    assert len(whole) == len(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(whole[2], whole[4], atol=1e-6)
    assert not np.allclose(whole[2], whole[3], atol=1e-4), "different texts have different vectors"
    turned = encoder.embed_texts(TEXTS[::-1])
    np.testing.assert_allclose(turned[::-1], whole, atol=2e-5, err_msg="rows come in the order of the texts")
    single = encoder.embed_texts([TEXTS[3]])
    np.testing.assert_allclose(single[0], whole[3], atol=2e-5, err_msg="a text's company does not change its vector")
    np.testing.assert_array_equal(encoder.embed_texts(TEXTS), whole, err_msg="the same call, the same vectors")
    assert encoder.embed_texts([]).shape == (0, whole.shape[1])


PROMPTS = (
    "a red circle left of a blue square",
    "two green stars",
    "a red circle right of a blue square",
    "two green stars",
    "a small brown ring",
)
SEEDS = (7, 8, 7, 9, 2**32 - 1)
SLACK = 2
"""Of 255 levels: what the company in a batch may change by rounding."""


@pytest.fixture
def check_generator() -> Callable[[ImageGenerator], None]:
    """The contract of the port."""
    return _check_generator


def _check_generator(generator: ImageGenerator) -> None:
    assert isinstance(generator, ImageGenerator)
    assert generator.name
    pictures = generator.generate(PROMPTS, SEEDS)
    assert len(pictures) == len(PROMPTS), "one picture per prompt"
    assert {picture.mode for picture in pictures} == {"RGB"}
    whole = [levels(picture) for picture in pictures]
    assert all((levels(p) == w).all() for p, w in zip(generator.generate(PROMPTS, SEEDS), whole, strict=True))
    assert not np.array_equal(whole[0], whole[2]), "with one seed, different prompts have different pictures"
    assert not np.array_equal(whole[1], whole[3]), "with one prompt, different seeds have different pictures"
    turned = [levels(picture) for picture in generator.generate(PROMPTS[::-1], SEEDS[::-1])]
    assert all(abs(t - w).max() <= SLACK for t, w in zip(turned[::-1], whole, strict=True)), "in the prompts' order"
    (alone,) = generator.generate([PROMPTS[2]], [SEEDS[2]])
    assert abs(levels(alone) - whole[2]).max() <= SLACK, "a prompt's company does not change its picture"
    assert list(generator.generate([], [])) == []


def levels(picture: Any) -> Any:
    """Return int (height, width, 3)."""
    return np.asarray(picture).astype(int)


@pytest.fixture(scope="session")
def word_tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small real Hugging Face tokenizer, its padding id 1 as RoBERTa's."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = sorted({word for text in TEXTS for word in text.replace(",", " ,").replace("!", " !").split()})
    vocabulary = {word: number for number, word in enumerate(["<s>", "<pad>", "</s>", "<unk>", *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", None, [("<s>", 0), ("</s>", 2)])
    folder = tmp_path_factory.mktemp("words")
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>", bos_token="<s>", eos_token="</s>"
    ).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def small_clip() -> Callable[..., Any]:
    """Builds an open_clip model of a built-in family, small and with random weights, in eval mode."""
    ensure_torchvision()
    return _small_clip


def _small_clip(family: str, text: dict[str, Any], **model: Any) -> Any:
    import open_clip
    import torch

    config = open_clip.get_model_config(family)["text_cfg"] | {"width": 64, "heads": 4, "layers": 3} | text
    config.pop("hf_tokenizer_name", None)
    tokenizer_settings = config.pop("tokenizer_kwargs", {})
    assert not tokenizer_settings.get("reduction_mask")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        built = open_clip.create_model(
            family, embed_dim=32, vision_cfg=dict(VISION), text_cfg=config, pretrained_text=False, **model
        )
        for name, parameter in built.named_parameters():
            if name.endswith("bias") or "ln_" in name:  # biases start at zero, which would hide a forgotten one
                torch.nn.init.normal_(parameter, mean=float("ln_" in name and name.endswith("weight")), std=0.2)
    return built.eval()


@pytest.fixture
def texts() -> Sequence[str]:
    """The texts of the contract."""
    return TEXTS


@pytest.fixture(scope="session")
def photos() -> list[Image]:
    """Pictures of several sizes and shapes, each different from the others."""
    rng = np.random.default_rng(3)
    sizes = ((48, 48), (90, 60), (33, 70), (64, 64), (200, 120))
    return [Images.fromarray(rng.integers(0, 256, (h, w, 3), dtype=np.uint8)) for w, h in sizes]


@pytest.fixture
def check_classifier(photos: list[Image]) -> Callable[[Classifier], None]:
    """The contract of the port."""
    return lambda classifier: _check_classifier(classifier, photos)


def _check_classifier(classifier: Classifier, photos: list[Image]) -> None:
    assert isinstance(classifier, Classifier)
    assert classifier.name
    assert len(set(classifier.labels)) == len(classifier.labels) >= 2
    before = [np.asarray(photo).copy() for photo in photos]
    whole = classifier.classify(photos)
    assert whole.dtype == np.float32
    assert whole.shape == (len(photos), len(classifier.labels))
    assert (whole >= 0).all()
    np.testing.assert_allclose(whole.sum(axis=1), 1, atol=1e-5)
    assert not np.allclose(whole[0], whole[1], atol=1e-7), "different pictures have different answers"
    np.testing.assert_allclose(
        classifier.classify(photos[::-1])[::-1], whole, atol=2e-5, err_msg="in the pictures' order"
    )
    np.testing.assert_allclose(
        classifier.classify([photos[2]])[0], whole[2], atol=2e-5, err_msg="company changes nothing"
    )
    np.testing.assert_array_equal(classifier.classify(photos), whole, err_msg="the same call, the same answers")
    assert classifier.classify([]).shape == (0, len(classifier.labels))
    assert all((np.asarray(photo) == was).all() for photo, was in zip(photos, before, strict=True)), (
        "they are left alone"
    )
    if isinstance(classifier, ImageEncoder):
        rows = classifier.embed_images(photos)
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(classifier.embed_images([photos[2]])[0], rows[2], atol=2e-5)
        assert len(classifier.embed_images([])) == 0
