"""Train the painter: seeded, resumable, one denoiser for the embedding spaces of both mini CLIPs.

Half of every batch is said to one tower, half to the other, each through a condition of its own that was taught to read
the tower's embeddings before (`painter_reading`) and no longer changes. What a tower does not tell apart cannot be read
off its embeddings, so it is painted at random; what it sees, the painter learns to follow.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import cast

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from faultfinder.lab.clip import load
from faultfinder.lab.drawing import draw_scene
from faultfinder.lab.edits import draw_statement
from faultfinder.lab.language import Phrasing, phrase
from faultfinder.lab.painter import SceneCondition, Told, build_denoiser
from faultfinder.lab.render import render
from faultfinder.lab.training import as_input

SPACES = ("clip", "clip-clear")
"""The encoders whose embeddings the painter understands."""

_BATCH = 128
_WARM_UP = 200
_WEIGHT_DECAY = 0.01
_FORGET = 0.1
"""How often the prompt is left out, so that guidance has something to push away from (Ho and Salimans 2022)."""
_KEEP = 0.999
"""Decay of the running average of the weights, which is what ships."""


_RATE = 8e-4
"""Peak learning rate: a short warm-up before it, half a cosine down to a hundredth after it."""
_SHIFTS = (1.0, 3.0)
"""Of the noise levels towards the noisy end, each for half of the pictures: the noisy end decides what is painted where
(Esser et al. 2024), the clear one what it looks like."""


@dataclass(frozen=True)
class PainterRecipe:
    """Everything that determines the painter's weights on one kind of machine."""

    samples: int
    seed: int


class Painter(torch.nn.Module):
    """The denoiser, which is trained, and the conditions, of which only the tokens of no prompt still are."""

    def __init__(self, conditions: Mapping[str, SceneCondition]) -> None:
        """Draw the denoiser's weights from torch's generator as it stands."""
        super().__init__()
        self.transformer = build_denoiser()
        self.conditions = torch.nn.ModuleDict(dict(conditions))
        for condition in conditions.values():
            condition.requires_grad_(False)
            condition.nothing.requires_grad_(True)


class Trainer:
    """A run that can be stopped after any step and taken up again from its file."""

    def __init__(self, recipe: PainterRecipe, conditions: Mapping[str, SceneCondition]) -> None:
        """Begin at the first step.

        Args:
            recipe: what determines the weights.
            conditions: per embedding space, what turns embeddings into tokens, ready taught.
        """
        self.recipe, self.step = recipe, 0
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self.painter = Painter(conditions)
        self.average = torch.optim.swa_utils.AveragedModel(
            self.painter, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(_KEEP)
        )
        learned = [parameter for parameter in self.painter.parameters() if parameter.requires_grad]
        self._optimiser = torch.optim.AdamW(learned, lr=0.0, weight_decay=_WEIGHT_DECAY)
        self._towers = {name: load(name) for name in SPACES}

    @property
    def steps(self) -> int:
        """How many steps the whole run has."""
        return self.recipe.samples // _BATCH

    def run(self, report: Callable[[int, float], None], save: Callable[["Trainer"], None], every: int = 500) -> None:
        """Take all steps that are left; `save` is called every so many steps and at the end."""
        while self.step < self.steps:
            loss = self._take_step()
            self.step += 1
            if self.step % 50 == 0 or self.step == self.steps:
                report(self.step, loss)
            if self.step % every == 0 or self.step == self.steps:
                save(self)

    def begin_with(self, weights: Path) -> None:
        """Take the denoiser of a finished run's weights, as far as it fits; what it lacks is learned anew."""
        known, tensors = self.painter.transformer.state_dict(), _under("transformer.", load_file(weights))
        for name, value in tensors.items():
            common = tuple(slice(0, min(sizes)) for sizes in zip(value.shape, known[name].shape, strict=True))
            known[name][common] = value[common].float()
        self.painter.transformer.load_state_dict(known)
        self.average.module.load_state_dict(self.painter.state_dict())

    def save(self, path: Path) -> None:
        """Write all that a later run needs to go on, as safetensors, whole or not at all."""
        draft = path.with_name(path.name + ".draft")
        moments = self._optimiser.state_dict()["state"]
        state = {f"moment.{index}.{name}": value for index, kept in moments.items() for name, value in kept.items()}
        state |= {f"painter.{name}": value for name, value in self.painter.state_dict().items()}
        state |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        tensors = {name: value.detach().clone().contiguous() for name, value in state.items()}
        save_file(tensors, draft, {"step": str(self.step), "seed": str(self.recipe.seed)})
        os.replace(draft, path)

    def resume(self, path: Path) -> None:
        """Go on from a file that `save` wrote.

        Raises:
            ValueError: the file is of a run with another seed.
        """
        from safetensors import safe_open

        with safe_open(path, framework="pt") as file:
            told = file.metadata()
        if int(told["seed"]) != self.recipe.seed:
            raise ValueError(f"{path} is of a run with seed {told['seed']}, not {self.recipe.seed}")
        tensors = load_file(path)
        self.painter.load_state_dict(_under("painter.", tensors))
        self.average.load_state_dict(_under("average.", tensors))
        kept: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in _under("moment.", tensors).items():
            index, field = name.split(".")
            kept.setdefault(int(index), {})[field] = value
        self._optimiser.load_state_dict(self._optimiser.state_dict() | {"state": kept})
        self.step = int(told["step"])

    def _take_step(self) -> float:
        for group in self._optimiser.param_groups:
            group["lr"] = _learning_rate(_RATE, self.step, self.steps)
        loss = self._loss()
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.painter.parameters(), 1.0)
        self._optimiser.step()
        self.average.update_parameters(self.painter)
        return float(loss.detach())

    def _loss(self) -> torch.Tensor:
        """Mean squared error of the clean picture that the painter predicts."""
        prompts, clean = _examples(self.recipe.seed, self.step)
        dice = torch.Generator().manual_seed(hash((self.recipe.seed, self.step)) % 2**63)
        uniform = torch.rand(_BATCH, generator=dice)
        shift = torch.tensor(_SHIFTS).repeat_interleave(_BATCH // len(_SHIFTS))[torch.randperm(_BATCH, generator=dice)]
        level = shift * uniform / (1 + (shift - 1) * uniform)
        noise = torch.randn(clean.shape, generator=dice)
        forgotten = torch.rand(_BATCH, generator=dice) < _FORGET
        noisy = torch.lerp(clean, noise, level[:, None, None, None])
        seen = self._see(prompts)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            told = self._tell(seen, forgotten)
            pictures = torch.cat([noisy, told.sketch.float()], dim=1)
            guess = self.painter.transformer(pictures, told.tokens, timestep=level * 1000).sample
        error: torch.Tensor = (guess.float() - clean).square().mean()
        return error

    def _see(self, prompts: list[str]) -> dict[str, torch.Tensor]:
        """Each tower's share of the prompts as it sees them, per space float32 (n, width)."""
        share = len(prompts) // len(SPACES)
        parts = {name: prompts[index * share : (index + 1) * share] for index, name in enumerate(SPACES)}
        return {name: torch.from_numpy(self._towers[name].embed_texts(part)) for name, part in parts.items()}

    def _tell(self, seen: dict[str, torch.Tensor], forgotten: torch.Tensor) -> Told:
        """Each prompt through its space's condition, or nothing where it is to be forgotten."""
        conditions = cast(dict[str, SceneCondition], self.painter.conditions)
        told = [conditions[name](part) for name, part in seen.items()]
        untold = [conditions[name].without_prompt(len(part)) for name, part in seen.items()]
        tokens, sketches = forgotten[:, None, None], forgotten[:, None, None, None]
        return Told(
            torch.where(tokens, torch.cat([one.tokens for one in untold]), torch.cat([one.tokens for one in told])),
            torch.where(sketches, torch.cat([one.sketch for one in untold]), torch.cat([one.sketch for one in told])),
        )


def _examples(seed: int, step: int) -> tuple[list[str], torch.Tensor]:
    """The prompts of a step and pictures of theirs, float32 (n, 3, 48, 48) in [-1, 1]."""
    rng = Random(f"paint {seed} {step}")
    prompts, pictures = [], []
    for _ in range(_BATCH):
        statement = draw_statement(rng)
        pictures.append(render(draw_scene(statement, rng)))
        said = statement.turned if rng.random() < 0.5 else statement
        prompts.append(phrase(said, Phrasing.at_random(rng)))
    return prompts, as_input(np.stack(pictures))


def _under(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _learning_rate(peak: float, step: int, steps: int) -> float:
    """Linear warm-up, then half a cosine down to a hundredth."""
    if step < _WARM_UP:
        return peak * (step + 1) / _WARM_UP
    left = 0.5 * (1 + np.cos(np.pi * (step - _WARM_UP) / max(1, steps - _WARM_UP)))
    return float(peak * (0.01 + 0.99 * left))
