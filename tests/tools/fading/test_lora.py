"""Adapters beside a generator's weights: nothing at first, trained, put on the line, written, and opened again."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from faultfinder.memory.errors import CorpusError, SpecError
from faultfinder.tools.adaptable import Adaptable
from faultfinder.tools.fading.checkpoints import Checkpoints, Standing
from faultfinder.tools.fading.painting import Apprentice, PaintBatch
from faultfinder.tools.fading.recipe import Recipe
from faultfinder.tools.registry import open_generator, world_of
from tests.support.pipelines import save_film_maker, save_painter, save_xl_painter

TEACHER = world_of("lab:clip").teacher
PLANTED = "lab:t2i/red-green"
PROMPTS, SEEDS = ["a red circle", "two green stars"], [3, 4]


@pytest.fixture(scope="session")
def stable(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small Stable Diffusion of random weights."""
    return f"diffusers:{save_painter(tmp_path_factory.mktemp('stable') / 'painter')}"


@pytest.fixture(scope="session")
def stable_xl(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small SDXL of random weights."""
    return f"diffusers:{save_xl_painter(tmp_path_factory.mktemp('stable-xl') / 'painter')}"


def adaptable(spec: str) -> Adaptable:
    painter = open_generator(spec).adaptable
    assert painter is not None
    return painter


def pictures_of(painter: Any) -> list[bytes]:
    return [image.tobytes() for image in painter.generate(PROMPTS, SEEDS)]


def in_two_colours(step: int) -> PaintBatch:
    """A red and a blue picture, with the same dice."""
    shown = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    return PaintBatch(["a red one", "a blue one"], shown, [step, step])


def of_the_lab(step: int, pairs: Sequence[Any] = TEACHER.contrasts("red-green", 16, 5)) -> PaintBatch:
    """Eight pairs of red and green."""
    chosen = pairs[step % 2 :: 2]
    captions = [text for pair in chosen for text in (pair.lesson.caption, pair.edited)]
    shown = [opened() for pair in chosen for opened in (pair.lesson.picture, pair.other)]
    return PaintBatch(captions, shown, [step] * len(shown))


KINDS = {"diffusers": in_two_colours, "xl": in_two_colours, "lab": of_the_lab}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def spec(kind: str, stable: str, stable_xl: str) -> str:
    return {"diffusers": f"{stable}@steps=2", "xl": f"{stable_xl}@steps=2", "lab": PLANTED}[kind]


def trained(spec: str, kind: str, steps: int = 3, rate: float = 1e-2) -> Apprentice:
    apprentice = Apprentice(adaptable(spec), Recipe(rate=rate, steps=steps, warm_up=0.0))
    for step in range(steps):
        apprentice.learn(KINDS[kind](step))
    return apprentice


def test_until_it_is_trained_an_adapter_changes_nothing_and_at_zero_it_is_the_original(spec: str, kind: str) -> None:
    original = pictures_of(open_generator(spec))
    painter = adaptable(spec)
    apprentice = Apprentice(painter, Recipe(rate=1e-2, steps=3, warm_up=0.0))
    assert pictures_of(painter) == original
    for step in range(3):
        apprentice.learn(KINDS[kind](step))
    assert pictures_of(painter) != original
    with apprentice.at(apprentice.average, 0.0):
        assert pictures_of(painter) == original
    with apprentice.at(apprentice.original):
        assert pictures_of(painter) == original
    assert pictures_of(painter) != original, "what was trained is back after"


def test_half_way_on_the_line_half_of_the_change_counts(spec: str, kind: str) -> None:
    apprentice = trained(spec, kind)
    part = next(iter(apprentice.adapters.parts.values())).module
    layer = next(module for module in part.modules() if "lora_B" in dict(module.named_children()) and module.lora_B)
    whole = layer.get_delta_weight("fade").clone()
    with apprentice.at(dict(apprentice.module.state_dict()), 0.5):
        assert torch.allclose(layer.get_delta_weight("fade"), whole / 2)
    assert whole.abs().max() > 0


def test_nothing_but_the_adapters_is_trained(spec: str, kind: str) -> None:
    apprentice = trained(spec, kind)
    for name, part in apprentice.adapters.parts.items():
        fresh = getattr(adaptable(spec)._pipeline, name).state_dict()
        own = {key.replace(".base_layer", ""): tensor for key, tensor in part.module.state_dict().items()}
        assert all(torch.equal(own[key], tensor) for key, tensor in fresh.items())
    count = sum(each.numel() for each in apprentice.adapters.parameters())
    whole = sum(p.numel() for part in apprentice.adapters.parts.values() for p in part.module.parameters())
    assert 0 < count < whole


def test_the_loss_falls(spec: str, kind: str) -> None:
    painter = adaptable(spec)
    apprentice = Apprentice(painter, Recipe(rate=1e-3 if kind == "lab" else 5e-3, steps=12, warm_up=0.0))
    batch = KINDS[kind](0)
    losses = [apprentice.learn(batch) for _ in range(12)]
    assert np.mean(losses[-4:]) < losses[0]


def test_what_is_saved_opens_as_it_was_painting_the_same(spec: str, kind: str, tmp_path: Path) -> None:
    apprentice = trained(spec, kind)
    with apprentice.at(apprentice.average, 0.7) as painter:
        shown = pictures_of(painter)
        saved = painter.save(tmp_path / "faded")
    assert pictures_of(open_generator(saved)) == shown
    assert open_generator(saved).identity != open_generator(spec).identity
    assert {path.name for path in (tmp_path / "faded").iterdir()} == {
        "adapter.json",
        "pytorch_lora_weights.safetensors",
    }
    with pytest.raises(SpecError, match="has adapters already; audit and fade the model that they belong to"):
        adaptable(saved).adapt(0)


def test_a_killed_run_goes_on_bit_by_bit(spec: str, kind: str, tmp_path: Path) -> None:
    draw, recipe = KINDS[kind], Recipe(rate=1e-2, steps=4)
    whole = Apprentice(adaptable(spec), recipe)
    for step in range(4):
        whole.learn(draw(step))
    first, kept = Apprentice(adaptable(spec), recipe), Checkpoints(tmp_path)
    for step in range(2):
        first.learn(draw(step))
    kept.save(first, None, Standing(recipe="{}", step=2, seconds=1.0))
    second = Apprentice(adaptable(spec), recipe)
    standing = kept.standing()
    assert standing is not None
    kept.restore(second, standing)
    for step in range(2, 4):
        second.learn(draw(step))
    for name, tensor in whole.module.state_dict().items():
        assert torch.equal(second.module.state_dict()[name], tensor)
        assert torch.equal(second.average[name], whole.average[name])


def test_diffusers_itself_opens_what_is_saved(stable: str, tmp_path: Path) -> None:
    apprentice = trained(f"{stable}@steps=2", "diffusers")
    saved = apprentice.model.save(tmp_path / "faded")
    plain = adaptable(f"{stable}@steps=2")._pipeline
    plain.load_lora_weights(str(tmp_path / "faded"))
    dice = [torch.Generator("cpu").manual_seed(seed) for seed in SEEDS]
    own = plain(prompt=PROMPTS, generator=dice, num_inference_steps=2).images
    assert [image.tobytes() for image in own] == pictures_of(open_generator(saved))


@pytest.mark.parametrize("predicts", ["v_prediction", "sample"])
def test_what_the_scheduler_says_is_predicted_is_learned(stable: str, predicts: str) -> None:
    painter = adaptable(stable)
    noisy = painter.losses(["a red one"], [Image.new("RGB", (16, 16), "red")], [1])
    painter._pipeline.scheduler.register_to_config(prediction_type=predicts)
    assert not torch.equal(painter.losses(["a red one"], [Image.new("RGB", (16, 16), "red")], [1]), noisy)
    painter._pipeline.scheduler.register_to_config(prediction_type="riddles")
    with pytest.raises(SpecError, match="its scheduler predicts 'riddles'"):
        painter.adapt(0)


def test_a_loss_is_its_pictures_own_whatever_stands_beside_it(stable: str) -> None:
    painter, batch = adaptable(stable), in_two_colours(7)
    with torch.no_grad():
        both = painter.losses(batch.captions, batch.pictures, batch.dice)
        one = painter.losses(batch.captions[1:], batch.pictures[1:], batch.dice[1:])
    assert torch.allclose(both[1:], one, atol=1e-5)


def test_half_precision_keeps_its_weights_and_learns_in_single(stable: str) -> None:
    apprentice = trained(f"{stable}@steps=2,dtype=bf16,device=cpu", "diffusers")
    assert {each.dtype for each in apprentice.adapters.parameters()} == {torch.float32}
    assert len(apprentice.model.generate(PROMPTS, SEEDS)) == 2


def test_a_pipeline_of_another_kind_says_what_can_be_faded(tmp_path: Path) -> None:
    films = adaptable(f"diffusers:{save_film_maker(tmp_path / 'films')}")
    with pytest.raises(SpecError, match="only these can be faded: StableDiffusionPipeline, StableDiffusionXLPipeline"):
        films.adapt(0)


def test_pictures_that_show_nothing_of_the_lab_teach_it_nothing() -> None:
    apprentice = Apprentice(adaptable(PLANTED), Recipe(steps=1))
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (48, 48, 3), dtype=np.uint8))
    with pytest.raises(CorpusError, match="can learn from none of 1 pictures"):
        apprentice.learn(PaintBatch(["a red circle"], [noise], [0]))


def spoilt(folder: Path, name: str, content: str) -> Path:
    (folder / name).write_text(content)
    return folder


def test_folders_of_adapters_that_do_not_fit_are_refused(stable: str, tmp_path: Path) -> None:
    of_lab = trained(PLANTED, "lab", 1).model.save(tmp_path / "lab")
    folder = tmp_path / "lab"
    with pytest.raises(SpecError, match=r"does not hold pytorch_lora_weights\.safetensors for a diffusers: model"):
        open_generator(f"diffusers:{folder}")
    (folder / "pytorch_lora_weights.safetensors").write_bytes(b"cut")
    with pytest.raises(SpecError, match="cannot be loaded"):
        open_generator(of_lab)
    spoilt(folder, "adapter.json", "{")
    with pytest.raises(SpecError, match=r"adapter\.json cannot be read"):
        open_generator(of_lab)
    with pytest.raises(SpecError, match=r"holds no adapter\.json"):
        open_generator(f"lab:t2i-folder/{tmp_path / 'nowhere'}")


def test_a_picture_of_the_failure_is_to_have_its_own_caption_and_not_the_edited_one() -> None:
    apprentice = Apprentice(adaptable(PLANTED), Recipe(rate=1.5e-3, steps=12, warm_up=0.0))
    plain = of_the_lab(0)
    swapped = [text for n in range(0, len(plain.captions), 2) for text in (plain.captions[n + 1], plain.captions[n])]
    batch = PaintBatch(plain.captions, plain.pictures, plain.dice, swapped)
    with torch.no_grad():
        further = apprentice.loss(batch) - apprentice.loss(plain)
    assert float(further) == pytest.approx(np.log(2), abs=1e-3), "even chances: the tower hears no difference"
    for _ in range(12):
        apprentice.learn(batch)
    with torch.no_grad():
        assert apprentice.loss(batch) - apprentice.loss(plain) < further - 0.02
