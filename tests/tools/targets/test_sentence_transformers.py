"""The adapter for sentence-transformers, on a small model with random weights saved to a folder."""

import numpy as np
import pytest

from faultfinder.memory.errors import SpecError
from faultfinder.tools.registry import open_encoder
from faultfinder.tools.torchvision_shim import ensure_torchvision


@pytest.fixture(scope="module")
def saved(tmp_path_factory, word_tokenizer):
    """Two folders: a small sentence encoder, and the same with other weights."""
    ensure_torchvision()
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    folders = []
    for seed in (1, 2):
        plain, folder = tmp_path_factory.mktemp("plain"), tmp_path_factory.mktemp("saved")
        config = BertConfig(
            vocab_size=64, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
            max_position_embeddings=64, pad_token_id=1,
        )  # fmt: skip
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            BertModel(config).save_pretrained(plain)
        AutoTokenizer.from_pretrained(word_tokenizer).save_pretrained(plain)
        SentenceTransformer(str(plain), device="cpu").save(str(folder))  # a plain folder gets mean pooling
        folders.append(folder)
    return folders


def test_a_saved_model_keeps_the_contract_and_the_librarys_own_vectors(saved, texts, check_encoder):
    from sentence_transformers import SentenceTransformer

    encoder = open_encoder(f"sentence-transformers:{saved[0]}")
    check_encoder(encoder)
    theirs = SentenceTransformer(str(saved[0]), device="cpu").encode(list(texts), normalize_embeddings=True)
    np.testing.assert_allclose(encoder.embed_texts(texts), theirs, atol=1e-6)


def test_the_identity_follows_the_weights_not_the_folder(saved):
    first, again, other = (open_encoder(f"sentence-transformers:{saved[i]}").identity for i in (0, 0, 1))
    assert first == again != other


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(SpecError, match="holds no model"):
        open_encoder(f"sentence-transformers:{tmp_path}")


def test_a_damaged_model_is_named(saved, tmp_path):
    (tmp_path / "modules.json").write_text("{ cut off")
    with pytest.raises(SpecError, match="cannot be loaded"):
        open_encoder(f"sentence-transformers:{tmp_path}")
