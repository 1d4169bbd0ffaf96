"""What the painter learns from: captions as the towers embed them, what they say, and a scene that each describes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from safetensors.torch import load_file, save_file

from faultfinder.lab.clip import load
from faultfinder.lab.drawing import draw_scene
from faultfinder.lab.edits import draw_statement
from faultfinder.lab.facts import facts_of
from faultfinder.lab.language import Phrasing, phrase
from faultfinder.lab.layout import layout_of
from faultfinder.lab.meaning import Statement

SPACES = ("clip", "clip-clear")
"""The encoders whose embeddings the painter understands."""

_AT_ONCE = 10_000


@dataclass(frozen=True)
class Lessons:
    """Captions in every space, what they say, and a scene of each.

    Args:
        seen: per embedding space, float32 (n, width).
        said: one answer for each of `facts.FACTS`, int64 (n, facts).
        layouts: of the scenes, int64 (n, 17).
    """

    seen: dict[str, torch.Tensor]
    said: torch.Tensor
    layouts: torch.Tensor

    def __len__(self) -> int:
        """How many captions there are."""
        return len(self.said)


def draw_lessons(n: int, purpose: str, report: Callable[[int, int], None] = lambda done, of: None) -> Lessons:
    """Draw n captions with their scenes; the same for the same purpose.

    Args:
        n: how many.
        purpose: fixes the dice.
        report: told how many are drawn, and how many there will be.
    """
    rng, drawn = Random(purpose), []
    for start in range(0, n, _AT_ONCE):
        drawn.append(_draw(min(_AT_ONCE, n - start), rng))
        report(start + len(drawn[-1]), n)
    return Lessons(
        {space: torch.cat([part.seen[space] for part in drawn]) for space in SPACES},
        torch.cat([part.said for part in drawn]),
        torch.cat([part.layouts for part in drawn]),
    )


def kept_lessons(path: Path, n: int, purpose: str, report: Callable[[int, int], None]) -> Lessons:
    """Return the lessons of a file, drawn and written there where it is not."""
    if not path.is_file():
        lessons = draw_lessons(n, purpose, report)
        seen = {f"seen.{space}": vectors for space, vectors in lessons.seen.items()}
        save_file({"said": lessons.said, "layouts": lessons.layouts, **seen}, path)
        return lessons
    tensors = load_file(path)
    return Lessons({space: tensors[f"seen.{space}"] for space in SPACES}, tensors["said"], tensors["layouts"])


def say_at_random(statement: Statement, rng: Random) -> str:
    """Put a statement into one of the captions that mean it."""
    return phrase(statement.turned if rng.random() < 0.5 else statement, Phrasing.at_random(rng))


def _draw(n: int, rng: Random) -> Lessons:
    statements = [draw_statement(rng) for _ in range(n)]
    captions = [say_at_random(statement, rng) for statement in statements]
    return Lessons(
        {space: torch.from_numpy(load(space).embed_texts(captions)) for space in SPACES},
        torch.tensor([facts_of(statement) for statement in statements]),
        torch.tensor([layout_of(draw_scene(statement, rng)) for statement in statements]),
    )
