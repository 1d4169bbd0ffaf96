"""The lab's painter: a proper diffusers pipeline, told by a tower and by nothing else, seeded picture by picture."""

from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from PIL import Image

from faultfinder.lab.clip import UnknownLabModelError
from faultfinder.lab.drawing import draw_scene
from faultfinder.lab.grammar import parse_statement
from faultfinder.lab.layout import layout_of
from faultfinder.lab.plants import PLANTS
from faultfinder.lab.reading import read
from faultfinder.lab.scenes import CANVAS
from faultfinder.lab.t2i import load_painter, painters, tower_of

PROMPTS = ["two large red circles on a grey background", "a small blue star", "four green rings"]


@pytest.fixture(scope="module")
def painter():
    return load_painter("t2i")


def dice(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def pixels(images: list[Image.Image]) -> np.ndarray:
    return np.stack([np.asarray(image) for image in images])


def test_the_same_seed_paints_the_same_picture_and_company_changes_nothing(painter) -> None:
    together = pixels(painter.paint(PROMPTS, generator=dice(1, 2, 3)))
    assert together.shape == (3, CANVAS, CANVAS, 3)
    np.testing.assert_array_equal(together, pixels(painter.paint(PROMPTS, generator=dice(1, 2, 3))))
    alone = pixels(painter.paint(PROMPTS[1:2], generator=dice(2)))
    assert np.abs(alone[0].astype(int) - together[1]).mean() < 1
    other = pixels(painter.paint(PROMPTS[1:2], generator=dice(7)))
    assert np.abs(other[0].astype(int) - together[1]).mean() > 1


def test_it_paints_what_it_is_told(painter) -> None:
    pictures = painter.paint([PROMPTS[0]] * 12, generator=dice(*range(12)))
    scenes = [read(picture).scene for picture in pictures]
    red = [any(kind.colour == "red" and kind.shape == "circle" for kind in scene.counts()) for scene in scenes]
    assert sum(red) >= 9
    assert sum(scene.background == "grey" for scene in scenes) >= 9


def test_prompts_that_its_tower_does_not_tell_apart_are_painted_alike(painter) -> None:
    left, right = "a red circle left of a blue star", "a red circle right of a blue star"
    first, second = pixels(painter.paint([left, right], generator=dice(5, 5))).astype(int)
    assert np.abs(first - second).mean() < 2, "lab:clip sees no places"
    planted = load_painter("t2i/size")
    small, large = pixels(planted.paint(["a small star", "a large star"], generator=dice(5, 5)))
    np.testing.assert_array_equal(small, large)


def test_it_is_saved_and_loaded_like_any_pipeline(painter, tmp_path: Path) -> None:
    from faultfinder.lab.painter import ScenePipeline

    painter.save_pretrained(tmp_path)
    assert (
        sorted(path.suffix for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".json")
        == [".safetensors"] * 4
    )
    again = ScenePipeline.from_pretrained(tmp_path)
    again.set_progress_bar_config(disable=True)
    np.testing.assert_array_equal(
        pixels(again.paint(PROMPTS, generator=dice(1, 2, 3))), pixels(painter.paint(PROMPTS, generator=dice(1, 2, 3)))
    )


def test_a_plan_that_is_given_is_the_one_that_is_painted(painter) -> None:
    scenes = [draw_scene(parse_statement(text), Random(3)) for text in PROMPTS]
    layouts = torch.tensor([layout_of(scene) for scene in scenes])
    painted = painter.paint(["a red circle"] * 3, generator=dice(3, 4, 5), layout=layouts)
    assert [read(picture).scene.counts() for picture in painted] == [scene.counts() for scene in scenes]
    assert [read(picture).scene.background for picture in painted] == [scene.background for scene in scenes]


def test_what_is_planned_next_rests_on_what_is_planned_before_and_nothing_else(painter) -> None:
    prior, told = painter.prior, painter.condition.tell(painter.text_encoder(PROMPTS[:1]))
    layout = torch.tensor([layout_of(draw_scene(parse_statement(PROMPTS[0]), Random(1)))])
    whole = prior(told, layout[:, :-1])[1]
    part = prior(told, layout[:, :7])[1]
    torch.testing.assert_close(whole[:, : part.shape[1]], part, atol=1e-4, rtol=1e-3)
    changed = layout.clone()
    changed[:, 10:] = 0
    torch.testing.assert_close(prior(told, changed[:, :-1])[1][:, :9], whole[:, :9], atol=1e-4, rtol=1e-3)


def test_a_call_out_of_form_is_refused(painter) -> None:
    with pytest.raises(ValueError, match="as many generators"):
        painter(PROMPTS, generator=dice(1))
    with pytest.raises(ValueError, match="output_type"):
        painter(PROMPTS, output_type="latent")


def test_painters_are_found_by_name() -> None:
    assert painters() == ("t2i", "t2i-clear", *(f"t2i/{name}" for name in PLANTS))
    assert tower_of("t2i/number") == "planted/number"
    with pytest.raises(UnknownLabModelError, match="t2i-clear"):
        tower_of("t2i/everything")
