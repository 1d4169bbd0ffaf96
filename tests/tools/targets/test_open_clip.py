"""Every text-tower family of open_clip against open_clip's own ``encode_text``."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from faultfinder.memory.errors import SpecError
from faultfinder.tools.ports import ImageEncoder
from faultfinder.tools.registry import open_encoder
from faultfinder.tools.targets.open_clip import OpenClipEncoder
from faultfinder.tools.targets.text_towers import CausalTower, PaddingMaskedTower, WholeTower, text_tower

LETTERS = {"vocab_size": 49408}  # of the tokenizer that open_clip ships
COCA = {"multimodal_cfg": {"context_length": 76, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}}

# family: (text settings, model settings, tower)
FAMILIES = {
    "ViT-B-32": ({}, {}, CausalTower),
    "ViT-B-32-quickgelu": ({}, {}, CausalTower),
    "EVA02-B-16": ({}, {}, CausalTower),
    "MobileCLIP-B": ({}, {}, CausalTower),
    "MobileCLIP-S1": ({}, {}, WholeTower),
    "ViT-B-16-SigLIP": (LETTERS, {}, WholeTower),
    "ViT-B-32-SigLIP2-256": (LETTERS, {}, WholeTower),
    "ViT-H-14-CLIPA": (LETTERS, {}, WholeTower),
    "coca_ViT-B-32": ({}, COCA, WholeTower),
    "ViT-L-14-worldwide": (LETTERS | {"eos_id": 49407}, {}, CausalTower),
}
VARIANTS = {
    "first": ({"pool_type": "first"}, CausalTower),
    "last": ({"pool_type": "last"}, CausalTower),
    "projection with a bias": ({"proj_bias": True}, CausalTower),
    "no projection": ({"proj_type": "none", "width": 32}, CausalTower),
    "layer scale": ({"ls_init_value": 0.3}, CausalTower),
    "blocks with query norms": ({"qk_norm": True}, WholeTower),
}


@pytest.fixture(scope="module")
def tokenizer():
    import open_clip

    return open_clip.SimpleTokenizer()


def _theirs(model, tokens):
    with torch.inference_mode():
        return torch.nn.functional.normalize(model.encode_text(tokens), dim=-1).numpy()


def _agree(model, tokenizer, texts, check_encoder):
    encoder = OpenClipEncoder("small", model, tokenizer)
    check_encoder(encoder)
    np.testing.assert_allclose(encoder.embed_texts(texts), _theirs(model, tokenizer(list(texts))), atol=2e-6)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_gives_its_own_vectors(family, small_clip, tokenizer, texts, check_encoder):
    text, settings, tower = FAMILIES[family]
    model = small_clip(family, text, **settings)
    context = model.text.context_length if hasattr(model, "text") else model.context_length
    assert isinstance(text_tower(model), tower)
    _agree(model, lambda some: tokenizer(some, context_length=context), texts, check_encoder)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("custom", [False, True], ids=["CLIP", "CustomTextCLIP"])
def test_every_variant_of_a_causal_tower_gives_its_own_vectors(variant, custom, small_clip, tokenizer, texts):
    text, tower = VARIANTS[variant]
    model = small_clip("ViT-B-32", text, force_custom_text=custom)
    assert isinstance(text_tower(model), tower)
    encoder = OpenClipEncoder("small", model, tokenizer)
    np.testing.assert_allclose(encoder.embed_texts(texts), _theirs(model, tokenizer(list(texts))), atol=2e-6)


@pytest.mark.parametrize("pooler", ["mean_pooler", "cls_pooler", "cls_last_hidden_state_pooler"])
def test_a_hugging_face_tower_gives_its_own_vectors(pooler, small_clip, word_tokenizer, texts, check_encoder, tmp_path):
    import open_clip
    from transformers import RobertaConfig

    RobertaConfig(
        vocab_size=64, hidden_size=48, num_hidden_layers=2, num_attention_heads=4, intermediate_size=96,
        max_position_embeddings=90, pad_token_id=1,
    ).save_pretrained(tmp_path)  # fmt: skip
    settings = {"hf_model_name": str(tmp_path), "hf_pooler_type": pooler, "hf_proj_type": "linear"}
    hugging_face = settings | {"hf_model_pretrained": False}
    model = small_clip("roberta-ViT-B-32", hugging_face)
    assert isinstance(text_tower(model), PaddingMaskedTower)
    _agree(model, open_clip.tokenizer.HFTokenizer(str(word_tokenizer), context_length=77), texts, check_encoder)


def test_many_captions_in_several_trees_keep_their_rows(small_clip, tokenizer):
    model = small_clip("ViT-B-32", {})
    rng = np.random.default_rng(0)
    words = ["a", "red", "blue", "dog", "cat", "runs", "sits", "on", "under", "the", "big", "two"]
    captions = [" ".join(rng.choice(words, size=rng.integers(1, 30))) for _ in range(700)]
    captions += captions[:50]
    found = OpenClipEncoder("small", model, tokenizer).embed_texts(captions)
    np.testing.assert_allclose(found, _theirs(model, tokenizer(captions)), atol=2e-6)


def test_a_caption_longer_than_the_context_is_cut_as_open_clip_cuts_it(small_clip, tokenizer):
    model = small_clip("ViT-B-32", {})
    captions = ["dog " * 200, "dog " * 75, "dog " * 74, ""]
    found = OpenClipEncoder("small", model, tokenizer).embed_texts(captions)
    np.testing.assert_allclose(found, _theirs(model, tokenizer(captions)), atol=2e-6)


@pytest.mark.parametrize("family", ["ViT-B-32", "ViT-B-16-SigLIP"])
def test_bfloat16_stays_close_and_of_unit_length(family, small_clip, tokenizer, texts, check_encoder):
    model = small_clip(family, LETTERS)
    context = model.context_length
    encoder = OpenClipEncoder("small@bf16", model, lambda some: tokenizer(some, context_length=context), bf16=True)
    found = encoder.embed_texts(texts)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert (found * _theirs(model, tokenizer(list(texts), context_length=context))).sum(1).min() > 0.999


def test_pictures_land_in_the_same_space(small_clip, tokenizer):
    encoder = OpenClipEncoder("small", small_clip("ViT-B-32", {}), tokenizer)
    pictures = [Image.new("RGB", (70, 40), colour) for colour in ("red", "blue")] + [Image.new("L", (9, 9))]
    found = encoder.embed_images(pictures)
    assert isinstance(encoder, ImageEncoder)
    assert found.shape == (3, encoder.embed_texts(["a"]).shape[1])
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert not np.allclose(found[0], found[1], atol=1e-3)


def test_training_mode_is_left(small_clip, tokenizer):
    assert not OpenClipEncoder("small", small_clip("ViT-B-32", {}).train(), tokenizer)._model.training


def test_the_identity_follows_the_weights(small_clip, tokenizer):
    model = small_clip("ViT-B-32", {})
    before = OpenClipEncoder("small", model, tokenizer).identity
    assert OpenClipEncoder("small", small_clip("ViT-B-32", {}), tokenizer).identity == before
    with torch.no_grad():
        model.ln_final.weight[0] += 1e-3
    assert OpenClipEncoder("small", model, tokenizer).identity != before


@pytest.fixture(scope="module")
def saved(tmp_path_factory, small_clip):
    """A model saved as ``local-dir:`` wants it, registered as a built-in one too."""
    import open_clip
    from safetensors.torch import save_file

    model = small_clip("ViT-B-32", {})
    folder = tmp_path_factory.mktemp("saved")
    text = {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 4, "layers": 3}
    vision = {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16}
    config = {"embed_dim": 32, "vision_cfg": vision, "text_cfg": text}
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": config, "preprocess_cfg": {}}))
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "open_clip_model.safetensors")
    registered = folder / "configs" / "faultfinder-small.json"
    registered.parent.mkdir()
    registered.write_text(json.dumps(config))
    open_clip.add_model_config(registered)
    return folder, model


def test_a_local_folder_and_a_local_file_give_the_saved_model(saved, tokenizer, texts, check_encoder):
    folder, model = saved
    wanted = _theirs(model, tokenizer(list(texts)))
    for spec in (
        f"open_clip:local-dir:{folder}",
        f"open_clip:faultfinder-small/{folder / 'open_clip_model.safetensors'}",
    ):
        encoder = open_encoder(spec)
        assert encoder.name == spec
        check_encoder(encoder)
        np.testing.assert_allclose(encoder.embed_texts(texts), wanted, atol=2e-6)


def test_without_weights_a_model_is_random_but_always_the_same(saved, texts):
    state = torch.get_rng_state()
    first, second = (open_encoder("open_clip:faultfinder-small").embed_texts(texts) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert torch.equal(torch.get_rng_state(), state), "the global generator is left alone"


class _Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def test_weights_that_run_code_are_refused(saved, tmp_path):
    victim, file = tmp_path / "victim", tmp_path / "weights.pt"
    file.write_bytes(pickle.dumps({"state_dict": _Bomb(victim)}))
    with pytest.raises(SpecError, match=r"Only safetensors"):
        open_encoder(f"open_clip:faultfinder-small/{file}")
    assert not victim.exists()


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("open_clip:ViT-B-23", "did you mean 'ViT-B-32'"),
        ("open_clip:ViT-B-32/opena", "did you mean 'openai'"),
        ("open_clip:ViT-B-32/no/such/file.pt", "neither a file nor"),
        ("open_clip:local-dir:nowhere", "does not exist"),
        ("open_clip:ViT-B-32/laion2b_s34b_b79k", "without a network give a local file"),
        ("open_clip:hf-hub:some/model", "without a network give a local file"),
    ],
)
def test_what_cannot_be_loaded_says_what_to_do(spec, said):
    with pytest.raises(SpecError, match=said):
        open_encoder(spec)


def test_a_folder_without_weights_is_not_taken_for_a_random_model(saved, tmp_path):
    (tmp_path / "open_clip_config.json").write_text((saved[0] / "open_clip_config.json").read_text())
    with pytest.raises(SpecError, match="cannot be loaded"):
        open_encoder(f"open_clip:local-dir:{tmp_path}")
