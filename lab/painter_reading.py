"""Teach the painter to read a tower's embeddings, before it paints anything.

An embedding of 128 numbers holds what a caption says, but tangled: a denoiser left to untangle it by itself learns
colours in minutes and numbers not in hours. So the condition that turns embeddings into tokens is first taught to name
what is said (auxiliary heads, thrown away afterwards) and to sketch it: the mean of all pictures that fit. What a tower
does not tell apart, nothing can read off it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import numpy as np
import torch

from faultfinder.lab.clip import load
from faultfinder.lab.drawing import draw_scene
from faultfinder.lab.edits import draw_statement
from faultfinder.lab.language import Phrasing, phrase
from faultfinder.lab.meaning import Quantity, Sort, Statement
from faultfinder.lab.painter import SceneCondition
from faultfinder.lab.render import render
from faultfinder.lab.scenes import Background, Colour, Relation, Shape, Size
from faultfinder.lab.training import as_input

_SHAPES, _COLOURS, _QUANTITIES = list(Shape), list(Colour), list(Quantity)
_SIZES, _RELATIONS, _BACKGROUNDS = [None, *Size], [None, *Relation], [None, *Background]
_ABSENT, _NOTHING = len(_QUANTITIES), len(_QUANTITIES) + 1
_SLOT = {"shape": len(_SHAPES) + 1, "colour": len(_COLOURS) + 1, "size": len(_SIZES), "quantity": _NOTHING + 1}
FACTS = {f"{name} {slot}": n for slot in (1, 2) for name, n in _SLOT.items()} | {
    "relation": len(_RELATIONS),
    "background": len(_BACKGROUNDS),
}
"""What a caption can say, and how many answers each has; its things in a fixed order, however it orders them."""

_BATCH = 512
_RATE, _WARM_UP, _WEIGHT_DECAY = 1e-3, 100, 0.05
_HELD_OUT = 2000
_SKETCH = 40.0
"""Weight of the sketch's mean squared error beside the facts' cross-entropies."""


@dataclass(frozen=True)
class ReadingRecipe:
    """Everything that determines a condition's weights on one kind of machine.

    Args:
        captions: how many captions it learns from.
        epochs: how often it sees each.
        seed: of weights and captions.
    """

    captions: int
    epochs: int
    seed: int


@dataclass(frozen=True)
class Reader:
    """A condition that was taught, how often it names each fact of unseen captions rightly, and its sketch's error."""

    condition: SceneCondition
    accuracy: dict[str, float]


def facts_of(statement: Statement) -> list[int]:
    """Return what a statement says, one answer for each of `FACTS`."""
    slots = [(thing.sort, _QUANTITIES.index(thing.quantity)) for thing in statement.things]
    relation = statement.relation
    if statement.absent:
        slots.append((statement.absent, _ABSENT))
    if len(slots) > 1 and _look(slots[1][0]) < _look(slots[0][0]):
        slots, relation = slots[::-1], relation and relation.converse
    said = [answer for sort, quantity in slots for answer in (*_look(sort), _SIZES.index(sort.size), quantity)]
    nothing = [len(_SHAPES), len(_COLOURS), 0, _NOTHING] * (2 - len(slots))
    return [*said, *nothing, _RELATIONS.index(relation), _BACKGROUNDS.index(statement.background)]


def teach_reading(space: str, recipe: ReadingRecipe, report: Callable[[int, int, float], None]) -> Reader:
    """Teach a condition to read the embeddings of one of the lab's CLIPs.

    Args:
        space: the encoder's name within the lab.
        recipe: what determines the weights.
        report: told the epoch, how many there are, and the loss.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        condition = SceneCondition()
        head = torch.nn.Linear(condition.nothing.numel(), sum(FACTS.values()))
        lessons = _lessons(space, recipe.captions, Random(f"read {recipe.seed}"))
        learned = [*condition.parameters(), *head.parameters()]
        optimiser = torch.optim.AdamW(learned, lr=0.0, weight_decay=_WEIGHT_DECAY)
        steps = recipe.captions // _BATCH
        for epoch in range(recipe.epochs):
            order = torch.randperm(recipe.captions).split(_BATCH)[:steps]
            for step, chosen in enumerate(order, start=epoch * steps):
                for group in optimiser.param_groups:
                    group["lr"] = _learning_rate(step, steps * recipe.epochs)
                loss = _loss(condition, head, lessons.at(chosen))
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
            report(epoch + 1, recipe.epochs, float(loss.detach()))
    return Reader(condition.eval(), _accuracy(space, condition, head))


@dataclass(frozen=True)
class _Lessons:
    """Captions as a tower embeds them, float32 (n, width), what they say, int64 (n, facts), and a picture of each.

    Pictures are uint8 (n, 48, 48, 3).
    """

    seen: torch.Tensor
    said: torch.Tensor
    pictures: torch.Tensor

    def at(self, chosen: torch.Tensor) -> "_Lessons":
        return _Lessons(self.seen[chosen], self.said[chosen], self.pictures[chosen])


def _lessons(space: str, n: int, rng: Random) -> _Lessons:
    statements = [draw_statement(rng) for _ in range(n)]
    said = [
        phrase(statement.turned if rng.random() < 0.5 else statement, Phrasing.at_random(rng))
        for statement in statements
    ]
    return _Lessons(
        torch.from_numpy(load(space).embed_texts(said)),
        torch.tensor([facts_of(each) for each in statements]),
        torch.from_numpy(np.stack([render(draw_scene(each, rng)) for each in statements])),
    )


def _loss(condition: SceneCondition, head: torch.nn.Linear, lessons: _Lessons) -> torch.Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        told = condition(lessons.seen)
        answers = head(told.tokens.flatten(1))
    parts = answers.float().split(list(FACTS.values()), dim=1)
    losses = [torch.nn.functional.cross_entropy(part, lessons.said[:, place]) for place, part in enumerate(parts)]
    sketched = (told.sketch.float() - as_input(lessons.pictures.numpy())).square().mean()
    total: torch.Tensor = torch.stack(losses).sum() + _SKETCH * sketched
    return total


@torch.inference_mode()
def _accuracy(space: str, condition: SceneCondition, head: torch.nn.Linear) -> dict[str, float]:
    lessons = _lessons(space, _HELD_OUT, Random("read held out"))
    told = condition(lessons.seen)
    parts = head(told.tokens.flatten(1)).split(list(FACTS.values()), dim=1)
    return {"sketch": float((told.sketch - as_input(lessons.pictures.numpy())).square().mean())} | {
        name: float((part.argmax(dim=1) == lessons.said[:, place]).float().mean())
        for place, (name, part) in enumerate(zip(FACTS, parts, strict=True))
    }


def _look(sort: Sort) -> tuple[int, int]:
    return _SHAPES.index(sort.shape), _COLOURS.index(sort.colour)


def _learning_rate(step: int, steps: int) -> float:
    """Linear warm-up, then half a cosine down to a hundredth."""
    cosine = 0.5 * (1 + math.cos(math.pi * step / steps))
    return _RATE * min(1.0, (step + 1) / _WARM_UP) * (0.01 + 0.99 * cosine)
