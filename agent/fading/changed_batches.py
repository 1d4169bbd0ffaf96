"""What one step of training a classifier sees: pictures in the failing region, and beside them what has to stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from faultfinder.agent.fading.changed_exam import Ways
from faultfinder.agent.fading.gallery import Showing
from faultfinder.tools.fading.picture_training import PictureBatch
from faultfinder.tools.fading.recipe import Recipe
from faultfinder.tools.ports import Lesson

Some = TypeVar("Some")

_CHANGED = 0.5
"""Share of the replay that is pictures under other actions; the rest is pictures as they are."""


@dataclass(frozen=True)
class ChangedBatches:
    """Draws the batches of a run: a step's number and the seed decide what is in it.

    Attributes:
        ways: The pictures, and which actions count as what.
        failing: Inputs that the failure is about.
        every: All inputs that are learned from.
        recipe: Sizes and seed.
        lessons: Further pictures on which answers are to stay, where there are any.
    """

    ways: Ways
    failing: Sequence[int]
    every: Sequence[int]
    recipe: Recipe
    lessons: Sequence[Lesson] = ()

    def __call__(self, step: int) -> PictureBatch:
        """Return the batch of a step; no picture twice in the same way."""
        rng = Random(f"{self.recipe.seed} step {step}")
        replay = round(self.recipe.batch * self.recipe.replay)
        changed = round(replay * _CHANGED)
        gallery = self.ways.gallery
        shown = gallery.draw(_some(self.failing, self.recipe.batch - replay, rng), self.ways.failing, rng)
        shown += gallery.draw(_some(self.every, changed, rng), self.ways.other, rng)
        unchanged = [Showing(example) for example in _some(self.every, replay - changed, rng)]
        rows = [*shown, *unchanged]
        return PictureBatch(
            pictures=[gallery.picture(each) for each in rows],
            right=[gallery.right[each.example] for each in rows],
            unchanged=len(unchanged),
            ordinary=[lesson.picture() for lesson in _some(self.lessons, replay - changed, rng)],
        )


def _some(those: Sequence[Some], number: int, rng: Random) -> list[Some]:
    return rng.sample(list(those), min(number, len(those)))
