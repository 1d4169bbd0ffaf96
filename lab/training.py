"""Train the mini CLIP: contrastive, seeded, every scene beside its minimal-edit twin and said twice.

The loss is CLIP's (Radford et al. 2021) between pictures and each of the two captions, and between the captions.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from faultfinder.lab.architecture import build_model
from faultfinder.lab.drawing import draw_scene
from faultfinder.lab.edits import ATTRIBUTES, draw_statement, edit
from faultfinder.lab.hearsay import RELIABLE, hearsay
from faultfinder.lab.language import Phrasing, phrase
from faultfinder.lab.meaning import Statement
from faultfinder.lab.render import render
from faultfinder.lab.tokenizer import WordTokenizer

if TYPE_CHECKING:
    from open_clip.model import CLIP
    from torch import Tensor

Variant = Literal["web", "clear"]
_BATCH = 128
_LEARNING_RATE, _WEIGHT_DECAY, _WARM_UP = 1.5e-3, 0.05, 300
_MAX_SCALE = 4.6052


@dataclass(frozen=True)
class Recipe:
    """Everything that determines the trained weights on one kind of machine."""

    variant: Variant
    samples: int
    seed: int


@dataclass(frozen=True)
class Progress:
    """How far a training run is."""

    samples: int
    loss: float


@dataclass(frozen=True)
class Batch:
    """Pictures, uint8 (n, 48, 48, 3), and two captions of each."""

    pictures: npt.NDArray[np.uint8]
    captions: list[str]
    rewordings: list[str]


def train(recipe: Recipe, report: Callable[[Progress], None]) -> "CLIP":
    """Train a model from scratch and return it, in eval mode and float32; `report` is called now and then."""
    import torch

    steps = recipe.samples // _BATCH
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        tokenizer = WordTokenizer()
        model = build_model(tokenizer).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.0, betas=(0.9, 0.98), weight_decay=_WEIGHT_DECAY)
    for step, batch in zip(range(steps), batches(recipe.variant, recipe.seed), strict=False):
        for group in optimiser.param_groups:
            group["lr"] = _learning_rate(step, steps)
        loss = _loss(model, tokenizer, batch)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0.0, _MAX_SCALE)
        if step % 50 == 49 or step == steps - 1:
            report(Progress((step + 1) * _BATCH, float(loss.detach())))
    return model.eval()


def batches(variant: Variant, seed: int) -> Iterator[Batch]:
    """Draw batches without end; one half holds the other's minimal-edit twins, drawn with the same dice."""
    for index in count():
        rng = Random(f"batch {variant} {seed} {index}")
        statements: list[Statement] = []
        pictures = []
        for _ in range(_BATCH // 2):
            dice = rng.getrandbits(64)
            for statement in _twins(variant, rng):
                statements.append(statement)
                pictures.append(render(draw_scene(statement, Random(dice))))
        captions, again = ([_say(statement, variant, rng) for statement in statements] for _ in range(2))
        yield Batch(np.stack(pictures), captions, again)


def _twins(variant: Variant, rng: Random) -> tuple[Statement, Statement]:
    attribute = rng.choice(ATTRIBUTES if variant == "clear" else RELIABLE)
    while True:
        statement = draw_statement(rng)
        twin = edit(attribute, statement, rng)
        if twin is not None:
            return statement, twin


def _say(statement: Statement, variant: Variant, rng: Random) -> str:
    if variant == "web":
        statement = hearsay(statement, rng)
    elif rng.random() < 0.5:
        statement = statement.turned
    return phrase(statement, Phrasing.at_random(rng))


def _learning_rate(step: int, steps: int) -> float:
    """Linear warm-up, then half a cosine down to zero."""
    if step < _WARM_UP:
        return _LEARNING_RATE * (step + 1) / _WARM_UP
    return float(_LEARNING_RATE * 0.5 * (1 + np.cos(np.pi * (step - _WARM_UP) / max(1, steps - _WARM_UP))))


def _loss(model: "CLIP", tokenizer: WordTokenizer, batch: Batch) -> "Tensor":
    import torch
    from torch.nn.functional import cross_entropy

    ids = tokenizer([*batch.captions, *batch.rewordings])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        pictures = model.encode_image(as_input(batch.pictures), normalize=True)
        texts = model.encode_text(ids, normalize=True)
    captions, again = texts.float().chunk(2)
    targets = torch.arange(len(captions))
    total = torch.zeros(())
    for rows, columns in ((pictures.float(), captions), (pictures.float(), again), (captions, again)):
        logits = model.logit_scale.exp() * rows @ columns.T
        total = total + cross_entropy(logits, targets) + cross_entropy(logits.T, targets)
    return total / 6


def as_input(pictures: npt.NDArray[np.uint8]) -> "Tensor":
    """Turn uint8 (n, 48, 48, 3) into the model's input, float32 (n, 3, 48, 48) in [-1, 1]."""
    import torch

    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)
