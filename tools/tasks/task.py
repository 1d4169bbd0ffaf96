"""The port of a task: what is asked of a target under an action, and what its answer is worth.

An answer fails or passes; how badly it misses is a number from 0 to 1, so that an explorer can tell a barely sure
mistake from a sure one. Both are defined by the kind of task, each in its file, with their formula.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL.Image import Image

from faultfinder.memory.records import Outcome
from faultfinder.tools.actions.space import Action, ActionSpace
from faultfinder.tools.ports import FloatArray


@dataclass(frozen=True)
class Example:
    """An input whose truth is known.

    Attributes:
        key: Finds it again in another sitting: a file's name and number, a caption.
        truth: What is right: a label, a summary, or empty where nothing is known but the unchanged answer.
        topic: The group it is counted under: its class, or what it is about.
    """

    key: str
    truth: str
    topic: str


@dataclass(frozen=True)
class Query:
    """An input under an action, both by number."""

    example: int
    action: int


@dataclass(frozen=True)
class Reply:
    """What came of a query.

    Attributes:
        outcome: FAIL or PASS; INVALID where a person could no longer read the input (the target is then not asked).
        severity: From 0 to 1; None where nothing was scored.
        said: What the target answered, in a few words: a label with its probability, the beginning of a text.
        detail: Why it is invalid, an error or unscorable.
    """

    outcome: Outcome
    severity: float | None = None
    said: str = ""
    detail: str = ""


class Task(Protocol):
    """A target at work on changed inputs."""

    @property
    def name(self) -> str:
        """What it is, in words: 'lab:clip as a classifier of 48 labels'."""
        ...

    @property
    def noun(self) -> str:
        """What its inputs are, in one word: 'pictures'."""
        ...

    @property
    def space(self) -> ActionSpace:
        """What can be done to an input."""
        ...

    @property
    def examples(self) -> Sequence[Example]:
        """The inputs, in a fixed order."""
        ...

    @property
    def scoring(self) -> str:
        """When an answer fails and how its severity is computed, in a sentence with the formula."""
        ...

    def states(self, examples: Sequence[int]) -> FloatArray:
        """Return what an explorer may know of unchanged inputs, float32 (n, d), rows of unit length."""
        ...

    def refusals(self, queries: Sequence[Query]) -> list[str | None]:
        """Say of every query why it is no fair question, before the target is asked; None where it is one."""
        ...

    def ask(self, queries: Sequence[Query]) -> list[Reply]:
        """Return one reply per query, in order; the same query gives the same reply. Unfair ones are INVALID.

        Raises:
            TargetError: the target fails at everything.
        """
        ...

    def original(self, example: int) -> Image | str:
        """Return an input as it was."""
        ...

    def shown(self, query: Query) -> Image | str:
        """Return what the target is given: the changed picture or text."""
        ...


def dice_of(seed: int, key: str, action: Action) -> int:
    """Return what seeds the chance in one input under one action; the same in every process and every space."""
    said = "\n".join(sorted(f"{setting.factor}={setting.level}" for setting in action.settings))
    return int.from_bytes(hashlib.sha256(f"{seed}\n{key}\n{said}".encode()).digest()[:4], "big")
