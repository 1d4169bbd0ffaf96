"""Training an encoder: what the loss pulls apart, what stays, and that a killed run goes on as if it had not been."""

from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.memory.errors import AuditError
from faultfinder.tools.fading.checkpoints import INDEX, Checkpoints, Standing
from faultfinder.tools.fading.learner import between, learning_rate, weights_of
from faultfinder.tools.fading.recipe import Recipe, rate_for
from faultfinder.tools.fading.training import Batch, Student
from faultfinder.tools.registry import open_encoder, world_of

WORLD = world_of("lab:clip")
PLANTED = "lab:planted/red-green"


def batches(both: bool = True):
    """Give pairs of red and green, eight a step, and eight ordinary pictures beside them."""
    pairs = WORLD.teacher.contrasts("red-green", 60, 5)
    lessons = WORLD.teacher.lessons(60, 5)

    def batch(step: int) -> Batch:
        rng = Random(step)
        chosen, plain = rng.sample(pairs, 8), rng.sample(lessons, 8)
        captions = [pair.lesson.caption for pair in chosen]
        pictures = [pair.lesson.picture() for pair in chosen]
        if both:
            captions += [pair.edited for pair in chosen]
            pictures += [pair.other() for pair in chosen]
        captions += [lesson.caption for lesson in plain]
        pictures += [lesson.picture() for lesson in plain]
        edited = [] if both else [pair.edited for pair in chosen]
        return Batch(captions, [WORLD.rewriter.rewordings(c)[0] for c in captions], pictures, edited, 8)

    return batch


def accuracy(model) -> float:
    pairs = WORLD.teacher.contrasts("red-green", 60, 6)
    seen = model.embed_images([pair.lesson.picture() for pair in pairs])
    own = model.embed_texts([pair.lesson.caption for pair in pairs])
    edited = model.embed_texts([pair.edited for pair in pairs])
    margin = np.einsum("nd,nd->n", seen, own - edited)
    return float(np.where(margin == 0, 0.5, margin > 0).mean())


@pytest.mark.parametrize("both", [True, False], ids=["with pictures of both", "hard negatives alone"])
def test_hard_negatives_pull_tied_words_apart(both: bool) -> None:
    model = open_encoder(PLANTED)
    assert accuracy(model) == pytest.approx(0.5, abs=0.05), "tied words, but for rounding"
    student = Student(model, Recipe(steps=40, replay=0.5))
    draw = batches(both)
    losses = [student.learn(draw(step)) for step in range(40)]
    assert np.mean(losses[-10:]) < np.mean(losses[:10])
    assert accuracy(model) > 0.9
    with student.at(student.original):
        assert accuracy(model) == pytest.approx(0.5, abs=0.05), "the original is still at hand"
    assert accuracy(model) > 0.9, "and the trained weights are back after"


def test_a_killed_run_goes_on_bit_by_bit(tmp_path: Path) -> None:
    draw, recipe = batches(), Recipe(steps=6, replay=0.5)
    whole = Student(open_encoder(PLANTED), recipe)
    for step in range(6):
        whole.learn(draw(step))

    first, kept = Student(open_encoder(PLANTED), recipe), Checkpoints(tmp_path)
    for step in range(3):
        first.learn(draw(step))
    kept.save(first, dict(first.average), Standing(recipe="{}", step=3, seconds=1.0, good_step=3, notes=("n",)))
    second = Student(open_encoder(PLANTED), recipe)
    standing = kept.standing()
    assert standing is not None
    assert (standing.step, standing.notes) == (3, ("n",))
    good = kept.restore(second, standing)
    assert good is not None
    assert all(torch.equal(good[name], tensor) for name, tensor in first.average.items())
    for step in range(second.step, 6):
        second.learn(draw(step))
    for one, other in ((weights_of(whole.module), weights_of(second.module)), (whole.average, second.average)):
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_checkpoint_forgets_what_it_no_longer_names(tmp_path: Path) -> None:
    student, kept = Student(open_encoder(PLANTED), Recipe(steps=2)), Checkpoints(tmp_path)
    kept.save(student, dict(student.average), Standing(recipe="{}", step=1, seconds=0.0, good_step=1))
    kept.save(student, dict(student.average), Standing(recipe="{}", step=2, seconds=0.0, good_step=1))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "good-1.safetensors",
        "student-2.safetensors",
        INDEX,
    ]
    kept.forget()
    assert not list(tmp_path.iterdir())
    assert kept.standing() is None


@pytest.mark.parametrize("damage", ["student-1.safetensors", INDEX])
def test_a_damaged_checkpoint_says_what_to_do(tmp_path: Path, damage: str) -> None:
    student, kept = Student(open_encoder(PLANTED), Recipe(steps=2)), Checkpoints(tmp_path)
    kept.save(student, None, Standing(recipe="{}", step=1, seconds=0.0))
    (tmp_path / damage).write_bytes(b"\0")
    with pytest.raises(AuditError, match="--fresh"):
        kept.restore(student, kept.standing() or Standing(recipe="{}", step=1, seconds=0.0))


@given(st.integers(1, 400), st.floats(0.0, 0.9))
def test_the_rate_rises_to_its_height_and_falls_to_nothing(steps: int, warm_up: float) -> None:
    recipe = Recipe(rate=0.01, steps=steps, warm_up=warm_up)
    rates = [learning_rate(recipe, step) for step in range(steps)]
    assert max(rates) <= 0.01 * (1 + 1e-12)
    assert min(rates) >= 0
    top = rates.index(max(rates))
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)


@given(st.integers(0, 10**12))
def test_a_larger_model_gets_a_smaller_rate(parameters: int) -> None:
    assert 1e-6 <= rate_for(10 * parameters) <= rate_for(parameters) <= 1e-3


@given(st.floats(0.0, 1.0))
def test_the_line_ends_at_both_models_and_leaves_whole_numbers_alone(alpha: float) -> None:
    original = {"w": torch.zeros(3), "count": torch.tensor([1])}
    changed = {"w": torch.ones(3), "count": torch.tensor([5])}
    found = between(original, changed, alpha)
    assert torch.allclose(found["w"], torch.full((3,), alpha))
    assert int(found["count"]) == 5
