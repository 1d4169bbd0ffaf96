"""What one step of training sees: pairs of the failure's rule, and what is not to change beside them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from random import Random

from PIL.Image import Image

from faultfinder.agent.fading.material import Training
from faultfinder.memory.records import TextPair
from faultfinder.tools.fading.recipe import Recipe
from faultfinder.tools.fading.training import Batch
from faultfinder.tools.ports import Contrast, Lesson, Rewriter, Teacher

_KNOWN = 0.5
"""Share of the replay that is pairs of kinds the model tells apart; the rest is ordinary pictures and captions."""


@dataclass
class _Rows:
    """A batch while it is put together; no caption twice, no picture twice."""

    captions: list[str] = field(default_factory=list)
    pictures: list[Callable[[], Image]] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def takes(self, contrast: Contrast) -> bool:
        """Take a pair, if it is unlike all there is."""
        texts = {contrast.lesson.caption, contrast.edited}
        if contrast.lesson.key in self.keys or texts & {*self.captions, *self.edited}:
            return False
        self._add(contrast.lesson.caption, contrast.lesson.picture)
        if contrast.other is not None:
            self._add(contrast.edited, contrast.other)
        else:
            self.edited.append(contrast.edited)
        self.keys.add(contrast.lesson.key)
        return True

    def takes_lesson(self, lesson: Lesson) -> bool:
        """Take a picture with its caption, if it is unlike all there is."""
        if lesson.key in self.keys or lesson.caption in {*self.captions, *self.edited}:
            return False
        self._add(lesson.caption, lesson.picture)
        self.keys.add(lesson.key)
        return True

    def _add(self, caption: str, picture: Callable[[], Image]) -> None:
        self.captions.append(caption)
        self.pictures.append(picture)


class Batches:
    """Draws the batches of a run: a step's number and the seed decide what is in it, whatever came before."""

    def __init__(
        self, train: Training, known: Sequence[str], recipe: Recipe, rewriter: Rewriter, teacher: Teacher | None
    ) -> None:
        """Prepare to draw.

        Args:
            train: what is learned from.
            known: names of the kinds whose pairs are replayed: those that the model tells apart.
            recipe: sizes and seed.
            rewriter: says captions in other words.
            teacher: draws other pictures of the same captions every time, where there is one.
        """
        self._train, self._recipe, self._rewriter, self._teacher = train, recipe, rewriter, teacher
        self._known = list(chain.from_iterable(train.kinds.get(name, ()) for name in known))
        self._said: dict[str, list[str]] = {}

    def __call__(self, step: int) -> Batch:
        """Return the batch of a step."""
        rng, rows = Random(f"{self._recipe.seed} step {step}"), _Rows()
        replay = round(self._recipe.batch * self._recipe.replay)
        self._fill(rows, self._train.failure, self._recipe.batch - replay, rng, step)
        of_failure = len(rows.captions)
        self._fill(rows, self._known, of_failure + round(replay * _KNOWN), rng, step)
        self._fill_lessons(rows, of_failure + replay, rng)
        return Batch(
            captions=rows.captions,
            rewordings=[rng.choice(self._rewordings(caption)) for caption in rows.captions],
            pictures=[opened() for opened in rows.pictures],
            edited=rows.edited,
            ordinary=len(rows.captions) - of_failure,
        )

    def _fill(self, rows: _Rows, pairs: Sequence[Contrast], upto: int, rng: Random, step: int) -> None:
        for contrast in rng.sample(pairs, min(len(pairs), max(0, upto))):
            if len(rows.captions) >= upto:
                return
            rows.takes(self._again(contrast, step))

    def _fill_lessons(self, rows: _Rows, upto: int, rng: Random) -> None:
        lessons = self._train.lessons
        for lesson in rng.sample(lessons, min(len(lessons), max(0, upto))):
            if len(rows.captions) >= upto:
                return
            rows.takes_lesson(lesson)

    def _again(self, contrast: Contrast, step: int) -> Contrast:
        """Show a pair with other pictures than last time, where they can be drawn."""
        if self._teacher is None or contrast.other is None:
            return contrast
        pair = TextPair(a=contrast.lesson.caption, b=contrast.edited)
        return self._teacher.illustrated(pair, self._recipe.seed + step + 1) or contrast

    def _rewordings(self, caption: str) -> list[str]:
        if caption not in self._said:
            self._said[caption] = self._rewriter.rewordings(caption)
        return self._said[caption]
