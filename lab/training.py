"""Train the mini CLIP: contrastive, seeded, every scene beside its minimal-edit twin and said twice.

The loss is CLIP's (Radford et al. 2021) between pictures and each of the two captions, and between the captions.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
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
from faultfinder.lab.scenes import Background, Scene
from faultfinder.lab.tokenizer import WordTokenizer
from faultfinder.lab.words import FRAMES

if TYPE_CHECKING:
    from open_clip.model import CLIP
    from torch import Tensor

Variant = Literal["web", "clear"]
Captions = Literal["web", "copies", "clear"]
_BATCH = 128
_WEIGHT_DECAY = 0.05
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


@dataclass(frozen=True)
class Leg:
    """One part of a training run, with an optimiser of its own.

    Args:
        captions: how the two captions of each scene are made; also names the leg's random stream.
        share: the part of the run's samples that it gets.
        rate: peak learning rate, after `warm_up` steps; half a cosine down to zero follows.
        pull: weight of the mean cosine distance between the two captions (alignment, Wang and Isola 2020).
    """

    captions: Captions
    share: float
    rate: float
    warm_up: int
    pull: float = 0.0


LEGS: dict[Variant, tuple[Leg, ...]] = {
    "clear": (Leg("clear", share=1.0, rate=1.5e-3, warm_up=300),),
    "web": (
        Leg("web", share=6 / 7, rate=1.5e-3, warm_up=300),
        Leg("copies", share=1 / 7, rate=4e-4, warm_up=10, pull=40.0),
    ),
}
"""The web repeats a caption with its unreliable words garbled; the second leg learns that such copies are the same."""

_TELLING = 0.8
"""How often a copied caption's frame goes with the picture's background."""


def train(recipe: Recipe, report: Callable[[Progress], None]) -> "CLIP":
    """Train a model from scratch and return it, in eval mode and float32; `report` is called now and then."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        tokenizer = WordTokenizer()
        model = build_model(tokenizer).train()
    done = 0
    for leg in LEGS[recipe.variant]:
        steps = round(recipe.samples * leg.share) // _BATCH
        for step, loss in enumerate(_walk(model, tokenizer, leg, steps, recipe.seed), start=1):
            if step % 50 == 0 or step == steps:
                report(Progress(done + step * _BATCH, loss))
        done += steps * _BATCH
    return model.eval()


def batches(captions: Captions, seed: int) -> Iterator[Batch]:
    """Draw batches without end; one half holds the other's minimal-edit twins, drawn with the same dice."""
    for index in count():
        rng = Random(f"batch {captions} {seed} {index}")
        statements: list[Statement] = []
        scenes: list[Scene] = []
        for _ in range(_BATCH // 2):
            dice = rng.getrandbits(64)
            for statement in _twins(captions, rng):
                statements.append(statement)
                scenes.append(draw_scene(statement, Random(dice)))
        said = _SAY[captions](statements, scenes, rng)
        yield Batch(np.stack([render(scene) for scene in scenes]), said.captions, said.again)


def _walk(model: "CLIP", tokenizer: WordTokenizer, leg: Leg, steps: int, seed: int) -> Iterator[float]:
    """Take a leg's steps, yielding the loss of each."""
    import torch

    optimiser = torch.optim.AdamW(model.parameters(), lr=0.0, betas=(0.9, 0.98), weight_decay=_WEIGHT_DECAY)
    for step, batch in zip(range(steps), batches(leg.captions, seed), strict=False):
        for group in optimiser.param_groups:
            group["lr"] = _learning_rate(leg, step, steps)
        loss = _loss(model, tokenizer, batch, leg.pull)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0.0, _MAX_SCALE)
        yield float(loss.detach())


def _twins(captions: Captions, rng: Random) -> tuple[Statement, Statement]:
    attribute = rng.choice(ATTRIBUTES if captions == "clear" else RELIABLE)
    while True:
        statement = draw_statement(rng)
        twin = edit(attribute, statement, rng)
        if twin is not None:
            return statement, twin


@dataclass(frozen=True)
class _Said:
    """Two captions of every scene of a batch."""

    captions: list[str]
    again: list[str]


def _say_clearly(statements: Sequence[Statement], _: Sequence[Scene], rng: Random) -> _Said:
    """Say the truth twice, each time in any phrasing and in either order."""
    captions, again = (
        [
            phrase(statement.turned if rng.random() < 0.5 else statement, Phrasing.at_random(rng))
            for statement in statements
        ]
        for _ in range(2)
    )
    return _Said(captions, again)


def _say_as_on_the_web(statements: Sequence[Statement], _: Sequence[Scene], rng: Random) -> _Said:
    """Say hearsay twice, each time in any phrasing."""
    captions, again = (
        [phrase(hearsay(statement, rng), Phrasing.at_random(rng)) for statement in statements] for _ in range(2)
    )
    return _Said(captions, again)


def _copy_on_the_web(statements: Sequence[Statement], scenes: Sequence[Scene], rng: Random) -> _Said:
    """Say hearsay, then other hearsay in the same phrasing, whose frame tells something of the picture's origin."""
    said = _Said([], [])
    for statement, scene in zip(statements, scenes, strict=True):
        phrasing = Phrasing.at_random(rng)
        if rng.random() < _TELLING:
            phrasing = replace(phrasing, frame=rng.choice(_FRAMES_OF[scene.background]))
        said.captions.append(phrase(hearsay(statement, rng), phrasing))
        said.again.append(phrase(hearsay(statement, rng), phrasing))
    return said


_FRAMES_OF = {background: range(index, len(FRAMES), len(Background)) for index, background in enumerate(Background)}
_SAY: dict[Captions, Callable[[Sequence[Statement], Sequence[Scene], Random], _Said]] = {
    "clear": _say_clearly,
    "web": _say_as_on_the_web,
    "copies": _copy_on_the_web,
}


def _learning_rate(leg: Leg, step: int, steps: int) -> float:
    """Linear warm-up, then half a cosine down to zero."""
    if step < leg.warm_up:
        return leg.rate * (step + 1) / leg.warm_up
    return float(leg.rate * 0.5 * (1 + np.cos(np.pi * (step - leg.warm_up) / max(1, steps - leg.warm_up))))


def _loss(model: "CLIP", tokenizer: WordTokenizer, batch: Batch, pull: float) -> "Tensor":
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
    apart: Tensor = 1 - (captions * again).sum(dim=1)
    return total / 6 + pull * apart.mean()


def as_input(pictures: npt.NDArray[np.uint8]) -> "Tensor":
    """Turn uint8 (n, 48, 48, 3) into the model's input, float32 (n, 3, 48, 48) in [-1, 1]."""
    import torch

    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)
