"""Train the painter's parts: seeded, resumable, one prior and one denoiser for the embedding spaces of both mini CLIPs.

Half of every batch is said to one tower, half to the other, each through a condition of its own that was taught to read
the tower's embeddings before (`painter_reading`) and no longer changes. What a tower does not tell apart cannot be read
off its embeddings, so it is planned at random; what it sees, the prior learns to follow.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from faultfinder.lab.drawing import draw_scene
from faultfinder.lab.edits import draw_statement
from faultfinder.lab.layout import layout_of
from faultfinder.lab.painter import SceneCondition, ScenePrior, build_denoiser, paint_clean
from faultfinder.lab.painter_lessons import SPACES, Lessons
from faultfinder.lab.render import render
from faultfinder.lab.training import as_input

PLANS, PICTURES = 512, 128
"""Layouts, and pictures, of one step."""

_WARM_UP = 200
_WEIGHT_DECAY = 0.01
_KEEP = 0.999
"""Decay of the running average of the weights, which is what ships."""
_SHIFTS = (1.0, 3.0)
"""Of the noise levels towards the noisy end, each for half of the pictures (Esser et al. 2024)."""

Conditions = Mapping[str, SceneCondition]


@dataclass(frozen=True)
class Recipe:
    """Everything that determines the weights of one part on one kind of machine, data aside.

    Args:
        steps: of the whole run.
        seed: of weights and dice.
        rate: peak learning rate: a short warm-up before it, half a cosine down to a hundredth after it.
    """

    steps: int
    seed: int
    rate: float


class Trainer:
    """A run that can be stopped after any step and taken up again from its file."""

    def __init__(
        self, recipe: Recipe, build: Callable[[], torch.nn.Module], loss: Callable[[torch.nn.Module, int], torch.Tensor]
    ) -> None:
        """Begin at the first step.

        Args:
            recipe: what determines the weights.
            build: makes what is trained, with weights drawn from torch's generator as it stands.
            loss: the loss of what is trained on the batch of a step.
        """
        self.recipe, self.step, self._loss = recipe, 0, loss
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self.module = build()
        self.average = torch.optim.swa_utils.AveragedModel(self.module, avg_fn=_average)
        self._optimiser = torch.optim.AdamW(self.module.parameters(), lr=0.0, weight_decay=_WEIGHT_DECAY)

    @property
    def trained(self) -> torch.nn.Module:
        """What ships: the running average of the weights."""
        return self.average.module

    def run(self, report: Callable[[int, float], None], save: Callable[["Trainer"], None], every: int = 500) -> None:
        """Take all steps that are left; `save` is called every so many steps and at the end."""
        while self.step < self.recipe.steps:
            loss = self._take_step()
            self.step += 1
            if self.step % 50 == 0 or self.step == self.recipe.steps:
                report(self.step, loss)
            if self.step % every == 0 or self.step == self.recipe.steps:
                save(self)

    def begin_with(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Take the weights of an earlier run instead of random ones."""
        self.module.load_state_dict({name: value.float() for name, value in weights.items()})
        self.average.module.load_state_dict(self.module.state_dict())

    def save(self, path: Path) -> None:
        """Write all that a later run needs to go on, as safetensors, whole or not at all."""
        draft = path.with_name(path.name + ".draft")
        moments = self._optimiser.state_dict()["state"]
        state = {f"moment.{index}.{name}": value for index, kept in moments.items() for name, value in kept.items()}
        state |= {f"module.{name}": value for name, value in self.module.state_dict().items()}
        state |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        tensors = {name: value.detach().clone().contiguous() for name, value in state.items()}
        save_file(tensors, draft, {"step": str(self.step), "seed": str(self.recipe.seed)})
        os.replace(draft, path)

    def resume(self, path: Path) -> None:
        """Go on from a file that `save` wrote.

        Raises:
            ValueError: the file is of a run with another seed.
        """
        with safe_open(path, framework="pt") as file:
            told = file.metadata()
        if int(told["seed"]) != self.recipe.seed:
            raise ValueError(f"{path} is of a run with seed {told['seed']}, not {self.recipe.seed}")
        tensors = load_file(path)
        self.module.load_state_dict(under("module.", tensors))
        self.average.load_state_dict(under("average.", tensors))
        kept: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in under("moment.", tensors).items():
            index, field = name.split(".")
            kept.setdefault(int(index), {})[field] = value
        self._optimiser.load_state_dict(self._optimiser.state_dict() | {"state": kept})
        self.step = int(told["step"])

    def _take_step(self) -> float:
        for group in self._optimiser.param_groups:
            group["lr"] = _learning_rate(self.recipe.rate, self.step, self.recipe.steps)
        loss = self._loss(self.module, self.step)
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.module.parameters(), 1.0)
        self._optimiser.step()
        self.average.update_parameters(self.module)
        return float(loss.detach())


def prior_trainer(recipe: Recipe, conditions: Conditions, lessons: Lessons) -> Trainer:
    """Return the run that teaches the prior to plan what captions say."""

    def loss(prior: torch.nn.Module, step: int) -> torch.Tensor:
        chosen = torch.randint(len(lessons), (PLANS,), generator=_dice(recipe.seed, step))
        layout = lessons.layouts[chosen]
        told = _told(conditions, {space: seen[chosen] for space, seen in lessons.seen.items()})
        with torch.autocast("cpu", dtype=torch.bfloat16):
            grounds, cells = prior(told, layout[:, :-1])
        ground = torch.nn.functional.cross_entropy(grounds.float(), layout[:, 0])
        return ground + torch.nn.functional.cross_entropy(cells.float().flatten(0, 1), layout[:, 1:].flatten())

    return Trainer(recipe, ScenePrior, loss)


def denoiser_trainer(recipe: Recipe, prior: ScenePrior) -> Trainer:
    """Return the run that teaches the denoiser to paint what is planned: mean squared error of the clean picture."""

    def loss(denoiser: torch.nn.Module, step: int) -> torch.Tensor:
        clean, layouts = _examples(recipe.seed, step)
        dice = _dice(recipe.seed, step)
        uniform = torch.rand(PICTURES, generator=dice)
        shift = torch.tensor(_SHIFTS).repeat_interleave(PICTURES // len(_SHIFTS))[
            torch.randperm(PICTURES, generator=dice)
        ]
        level = shift * uniform / (1 + (shift - 1) * uniform)
        noisy = torch.lerp(clean, torch.randn(clean.shape, generator=dice), level[:, None, None, None])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            guess = paint_clean(denoiser, noisy, prior.sketch(layouts), level * 1000)
        error: torch.Tensor = (guess.float() - clean).square().mean()
        return error

    return Trainer(recipe, build_denoiser, loss)


def under(prefix: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the tensors whose name begins with a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


@torch.no_grad()
def _told(conditions: Conditions, seen: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """What is read off embeddings, float32 (n, all answers): the first half in the first space, and so on."""
    n = len(next(iter(seen.values())))
    parts = [part.tolist() for part in torch.arange(n).chunk(len(SPACES))]
    return torch.cat([conditions[space].tell(seen[space][part]) for space, part in zip(SPACES, parts, strict=True)])


def _examples(seed: int, step: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The pictures of a step (n, 3, 48, 48) in [-1, 1], and their layouts, int64 (n, 17)."""
    rng = Random(f"paint {seed} {step}")
    scenes = [draw_scene(draw_statement(rng), rng) for _ in range(PICTURES)]
    layouts = torch.tensor([layout_of(scene) for scene in scenes])
    return as_input(np.stack([render(scene) for scene in scenes])), layouts


def _dice(seed: int, step: int) -> torch.Generator:
    return torch.Generator().manual_seed(hash((seed, step)) % 2**63)


def _average(kept: torch.Tensor, now: torch.Tensor, steps: torch.Tensor | int) -> torch.Tensor:
    """Follow the weights, at first closely, so that a short run does not ship what it began with."""
    n = float(steps)
    return torch.lerp(kept, now, 1 - min(_KEEP, (1 + n) / (10 + n)))


def _learning_rate(peak: float, step: int, steps: int) -> float:
    """Linear warm-up, then half a cosine down to a hundredth."""
    if step < _WARM_UP:
        return peak * (step + 1) / _WARM_UP
    left = 0.5 * (1 + np.cos(np.pi * (step - _WARM_UP) / max(1, steps - _WARM_UP)))
    return float(peak * (0.01 + 0.99 * left))
