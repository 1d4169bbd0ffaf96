"""Ratings of how bad failures are, on one scale whoever gave them.

Raters use scales of their own. On questions that several answered, a rater's mean and spread are compared with the
others' and drawn to them, the more such questions there are; a rater who answers alone is taken at their word.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LEAST, MOST = 1, 10
"""The ends of the scale: does not matter, must not happen."""

ROUNDING = (0.5 / (MOST - LEAST)) ** 2 / 3
"""Variance of what is lost when a rating is rounded to a whole number."""

SHRINK = 8.0
"""Shared questions after which a rater's own scale is believed by half."""


@dataclass(frozen=True)
class Rating:
    """One person's word on one failure.

    Attributes:
        question: What was asked; the same for all who answered it.
        rater: Who answered.
        value: From 0, does not matter, to 1, must not happen.
        action: Index of the action.
        topic: The input's class or topic.
        state: What the input is like, a few numbers around 0; all of equal length.
    """

    question: str
    rater: str
    value: float
    action: int
    topic: str
    state: tuple[float, ...]


def on_one_scale(ratings: Sequence[Rating]) -> list[Rating]:
    """Take raters' own means and spreads out, as far as questions that several answered show them."""
    by_question: dict[str, list[Rating]] = defaultdict(list)
    for rating in ratings:
        by_question[rating.question].append(rating)
    own: dict[str, list[float]] = defaultdict(list)
    common: dict[str, list[float]] = defaultdict(list)
    for answers in by_question.values():
        for rating in answers if len({each.rater for each in answers}) > 1 else ():
            own[rating.rater].append(rating.value)
            common[rating.rater].append(float(np.mean([each.value for each in answers])))
    moved = {rater: _Scale.of(np.array(own[rater]), np.array(common[rater])) for rater in own}
    return [
        replace(rating, value=moved[rating.rater](rating.value)) if rating.rater in moved else rating
        for rating in ratings
    ]


@dataclass(frozen=True)
class _Scale:
    """How one rater's answers are taken to the scale of all."""

    middle: float
    shift: float
    stretch: float

    @classmethod
    def of(cls, own: Floats, common: Floats) -> "_Scale":
        believed = len(own) / (len(own) + SHRINK)
        spread, all_spread = own.std() + ROUNDING, common.std() + ROUNDING
        shift = believed * float(np.mean(common - own))
        return cls(float(own.mean()), shift, float((all_spread / spread) ** believed))

    def __call__(self, value: float) -> float:
        moved = self.middle + self.shift + self.stretch * (value - self.middle)
        return float(min(max(moved, 0.0), 1.0))
