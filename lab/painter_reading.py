"""Teach the painter to read a tower's embeddings, before it plans or paints anything.

An embedding of 128 numbers holds what a caption says, but tangled: a painter left to untangle it by itself learns
colours in minutes and numbers not in hours. So a condition is first taught to name what is said. What a tower does not
tell apart, nothing can read off it: there the chances of the answers are even.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from faultfinder.lab.facts import FACTS
from faultfinder.lab.painter import SceneCondition
from faultfinder.lab.painter_lessons import Lessons, draw_lessons

_BATCH = 512
_RATE, _WARM_UP, _WEIGHT_DECAY = 1e-3, 100, 0.05
_HELD_OUT = 2000


@dataclass(frozen=True)
class ReadingRecipe:
    """Everything that determines a condition's weights on one kind of machine, lessons aside."""

    epochs: int
    seed: int


@dataclass(frozen=True)
class Reader:
    """A condition that was taught, and how often it names each fact of unseen captions rightly."""

    condition: SceneCondition
    accuracy: dict[str, float]


def teach_reading(
    space: str, lessons: Lessons, recipe: ReadingRecipe, report: Callable[[int, int, float], None]
) -> Reader:
    """Teach a condition to read the embeddings of one of the lab's CLIPs.

    Args:
        space: the encoder's name within the lab.
        lessons: what to learn from.
        recipe: what determines the weights.
        report: told the epoch, how many there are, and the loss.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        condition = SceneCondition()
        optimiser = torch.optim.AdamW(condition.parameters(), lr=0.0, weight_decay=_WEIGHT_DECAY)
        steps = max(1, len(lessons) // _BATCH)
        for epoch in range(recipe.epochs):
            order = torch.randperm(len(lessons)).split(_BATCH)[:steps]
            for step, chosen in enumerate(order, start=epoch * steps):
                for group in optimiser.param_groups:
                    group["lr"] = _learning_rate(step, steps * recipe.epochs)
                loss = _loss(condition, lessons.seen[space][chosen], lessons.said[chosen])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
            report(epoch + 1, recipe.epochs, float(loss.detach()))
    return Reader(condition.eval(), _accuracy(space, condition))


def _loss(condition: SceneCondition, seen: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        parts = condition(seen)
    losses = [torch.nn.functional.cross_entropy(part.float(), said[:, place]) for place, part in enumerate(parts)]
    return torch.stack(losses).sum()


@torch.inference_mode()
def _accuracy(space: str, condition: SceneCondition) -> dict[str, float]:
    lessons = draw_lessons(_HELD_OUT, "read held out")
    parts = condition(lessons.seen[space])
    return {
        name: float((part.argmax(dim=1) == lessons.said[:, place]).float().mean())
        for place, (name, part) in enumerate(zip(FACTS, parts, strict=True))
    }


def _learning_rate(step: int, steps: int) -> float:
    """Linear warm-up, then half a cosine down to a hundredth."""
    cosine = 0.5 * (1 + math.cos(math.pi * step / steps))
    return _RATE * min(1.0, (step + 1) / _WARM_UP) * (0.01 + 0.99 * cosine)
