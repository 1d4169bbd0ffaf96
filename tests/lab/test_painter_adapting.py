"""What a trained painter goes on learning from: the plan of a picture, and how likely it is under a caption."""

from random import Random

import numpy as np
import torch
from PIL import Image

from faultfinder.lab.drawing import draw_scene
from faultfinder.lab.edits import draw_statement
from faultfinder.lab.layout import layout_of
from faultfinder.lab.lessons import draw, pairs
from faultfinder.lab.painter_adapting import LAYERS, plan_losses, plan_of
from faultfinder.lab.render import render
from faultfinder.lab.t2i import load_painter


def test_a_plan_is_read_off_a_picture_exactly_and_off_noise_not_at_all() -> None:
    rng = Random(4)
    for _ in range(5):
        scene = draw_scene(draw_statement(rng), rng)
        assert plan_of(Image.fromarray(render(scene))) == tuple(layout_of(scene))
    noise = np.random.default_rng(0).integers(0, 255, (48, 48, 3), dtype=np.uint8)
    assert plan_of(Image.fromarray(noise)) is None


def test_a_plan_is_likelier_under_its_own_caption_unless_the_tower_hears_no_difference() -> None:
    drawn = [next(pairs("size", seed)) for seed in range(8)]
    plans = [plan_of(draw(pair.caption, "dice")) for pair in drawn]
    for name, sees in (("t2i-clear", True), ("t2i/size", False)):
        painter = load_painter(name)
        with torch.no_grad():
            own = plan_losses(painter, [pair.caption for pair in drawn], plans)
            other = plan_losses(painter, [pair.edited for pair in drawn], plans)
        assert own.shape == (8,)
        if sees:
            assert (own < other).float().mean() >= 0.75
        else:
            assert torch.allclose(own, other, atol=1e-4)


def test_the_loss_reaches_the_tower_and_nothing_is_no_error() -> None:
    painter = load_painter("t2i-clear")
    assert plan_losses(painter, [], []).shape == (0,)
    embedding = painter.text_encoder.clip.token_embedding.weight.requires_grad_(True)
    plan = plan_of(draw("a red circle", "dice"))
    plan_losses(painter, ["a red circle"], [plan]).sum().backward()
    assert embedding.grad is not None
    assert embedding.grad.abs().sum() > 0
    names = [name for name, _ in painter.text_encoder.named_modules()]
    assert all(any(name.endswith(layer) for name in names) for layer in LAYERS["text_encoder"])
