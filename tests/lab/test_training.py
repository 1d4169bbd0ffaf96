"""Training, on a very small scale."""

import numpy as np
import torch

from faultfinder.lab.storage import load_weights, save_weights
from faultfinder.lab.training import Recipe, batches, train


def test_training_repeats_and_leaves_the_global_generator_alone():
    before, reports = torch.get_rng_state(), []
    models = [train(Recipe("clear", 256, seed), reports.append) for seed in (3, 3, 4)]
    assert torch.equal(torch.get_rng_state(), before)
    assert [progress.samples for progress in reports] == [256, 256, 256]
    assert reports[0].loss == reports[1].loss != reports[2].loss
    first, second, other = (model.token_embedding.weight for model in models)
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_the_web_is_walked_in_two_legs():
    reports = []
    train(Recipe("web", 7 * 128, 0), reports.append)
    assert [progress.samples for progress in reports] == [6 * 128, 7 * 128]


def test_batches_repeat_and_hold_twins():
    first, second = (next(batches("web", 1)) for _ in range(2))
    assert np.array_equal(first.pictures, second.pictures)
    assert first.captions == second.captions != first.rewordings
    assert not np.array_equal(first.pictures[0], first.pictures[1])


def test_saved_weights_come_back(tmp_path):
    from faultfinder.lab.architecture import build_model
    from faultfinder.lab.tokenizer import WordTokenizer

    tokenizer, path = WordTokenizer(), tmp_path / "deep" / "model.safetensors"
    model = build_model(tokenizer)
    save_weights(model, path)
    again = load_weights(path, tokenizer)
    ids = tokenizer(["a red circle"])
    with torch.inference_mode():
        torch.testing.assert_close(model.encode_text(ids), again.encode_text(ids), atol=5e-3, rtol=0)
    assert path.stat().st_size < 2_800_000
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
