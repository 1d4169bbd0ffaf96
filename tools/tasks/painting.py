"""Painting prompts whose slots are filled: does the picture show what was asked for?

A picture is shown to a judge once for every slot, beside a foil: the same prompt with something else in that slot. The
answer fails when the picture shows a foil, or neither; it passes when it shows the prompt beside every foil; it is
unscorable when the judge cannot tell or nothing was painted. Its severity is the share of the decided foils beside
which the picture does not show the prompt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PIL.Image import Image

from faultfinder.memory.picture_records import Seen
from faultfinder.memory.records import Outcome
from faultfinder.tools.actions.prompt_slots import PromptSlots
from faultfinder.tools.hashing import HashEncoder
from faultfinder.tools.ports import FloatArray, Look, PictureJudge
from faultfinder.tools.tasks.task import Example, Query, Reply, dice_of

SCORING = (
    "A picture is judged beside one foil for each slot, the prompt with something else in it. It fails when it shows a "
    "foil or neither. Severity: the share of foils beside which it does not show the prompt."
)

BATCH = 32
"""Prompts painted, and pictures held in memory, at a time."""


@dataclass(frozen=True)
class Painted:
    """What came of a prompt: a picture, or why there is none."""

    image: Image | None
    refused: str = ""
    failed: str = ""


class Painting(Protocol):
    """Has prompts painted."""

    @property
    def name(self) -> str:
        """Who paints."""
        ...

    def paint(self, prompts: Sequence[str], seeds: Sequence[int]) -> list[Painted]:
        """Return what came of every prompt, in order; the same prompt and seed give the same picture."""
        ...


class PaintingTask:
    """A generator at work on filled prompts."""

    noun = "prompts"
    scoring = SCORING

    def __init__(self, painting: Painting, slots: PromptSlots, eyes: PictureJudge, seed: int, takes: int) -> None:
        """Put a generator together with prompts and who looks at the pictures.

        Args:
            painting: the target.
            slots: templates, and what they are filled with.
            eyes: the judge.
            seed: seeds the pictures and the choice of foils.
            takes: inputs made of each template; each is painted with seeds of its own.
        """
        self.name = f"{painting.name} painting prompts of {slots.name}, looked at by {eyes.name}"
        self.space = slots.space
        self.examples: tuple[Example, ...] = tuple(
            Example(f"template {number + 1}, take {take + 1}", "", template)
            for take in range(takes)
            for number, template in enumerate(slots.templates)
        )
        self._painting, self._slots, self._eyes, self._seed = painting, slots, eyes, seed
        self._encoder = HashEncoder(str.lower, name="templates", dim=64)

    def states(self, examples: Sequence[int]) -> FloatArray:
        """Return what an explorer may know: the template's words, float32 (n, 64), rows of unit length."""
        if not examples:
            return np.zeros((0, 64), dtype=np.float32)
        return self._encoder.embed_texts([self._slots.templates[self._template(each)] for each in examples])

    def refusals(self, queries: Sequence[Query]) -> list[str | None]:
        """Find nothing unfair: a filled prompt is a prompt."""
        return [None] * len(queries)

    def ask(self, queries: Sequence[Query]) -> list[Reply]:
        """Return one reply per query, in order; the same query gives the same reply."""
        replies: list[Reply] = []
        for start in range(0, len(queries), BATCH):
            part = queries[start : start + BATCH]
            painted = self._painting.paint([self.shown(each) for each in part], [self._dice(each) for each in part])
            replies += [self._reply(query, found) for query, found in zip(part, painted, strict=True)]
        return replies

    def original(self, example: int) -> str:
        """Return a template."""
        return self._slots.templates[self._template(example)]

    def shown(self, query: Query) -> str:
        """Return the filled prompt."""
        return self._slots.prompt(self._template(query.example), self.space.actions[query.action])

    def painted(self, query: Query) -> Image | None:
        """Return the picture of a filled prompt; None where none was painted."""
        return self._painting.paint([self.shown(query)], [self._dice(query)])[0].image

    def _reply(self, query: Query, painted: Painted) -> Reply:
        if painted.image is None:
            outcome = Outcome.UNSCORABLE if painted.refused else Outcome.ERROR
            return Reply(outcome, detail=painted.refused or painted.failed or "no picture was painted")
        action, prompt = self.space.actions[query.action], self.shown(query)
        foils = self._slots.foils(self._template(query.example), action, self._dice(query))
        sights = self._eyes.which([Look(painted.image, prompt, foil) for foil in foils])
        wrong = [factor.name for factor, sight in zip(self.space.factors, sights, strict=True) if sight.seen in _WRONG]
        decided = sum(sight.seen is not Seen.CANNOT_TELL for sight in sights)
        if not wrong and decided < len(sights):
            return Reply(Outcome.UNSCORABLE, detail=f"{self._eyes.name} cannot tell: {sights[0].reason}"[:300])
        return Reply(
            Outcome.FAIL if wrong else Outcome.PASS,
            severity=len(wrong) / decided,
            said=f"not the {', '.join(wrong)} asked for" if wrong else "as asked",
        )

    def _template(self, example: int) -> int:
        return example % len(self._slots.templates)

    def _dice(self, query: Query) -> int:
        return dice_of(self._seed, self.examples[query.example].key, self.space.actions[query.action])


_WRONG = (Seen.SECOND, Seen.NEITHER)
