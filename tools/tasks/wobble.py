"""How much a text model's answers vary where nothing varies that matters, and what an answer's score is worth by that.

Two sets of scores are taken before anything is judged: *harmless* ones, of the model's answers to variations of its
inputs that nobody would answer differently; and *foreign* ones, of its answers to other inputs, which are wrong for
certain. Both are scored against the truth of the input.

- The **bar** is the 5th percentile of the harmless scores over all inputs (the lower of two neighbours). An answer
  fails when its score lies below: at most one in twenty answers to a harmless variation would.
- The **severity** is the probability, at even odds, that an answer with this score is a foreign one rather than a
  harmless one: 1 / (1 + exp(a * score + b)), with a and b fitted to the two sets by maximum likelihood, each set with
  the same weight and with its labels softened to (n + 1) / (n + 2) and 1 / (n + 2) (Platt, 1999). 1 - severity is the
  calibrated probability of the truth.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from faultfinder.memory.errors import OptionError

Floats = npt.NDArray[np.float64]

PERCENTILE = 5
FEWEST = 20
"""Harmless scores of which a 5th percentile can be taken."""

_ROUNDING = 1e-6
"""What the last bits of a score may move."""


@dataclass(frozen=True)
class Wobble:
    """The two sets of scores, made into a scale.

    Attributes:
        bar: Score below which an answer fails.
        slope: a of the formula, above 0.
        offset: b of the formula.
        harmless: Number of harmless scores.
        foreign: Number of foreign scores.
    """

    bar: float
    slope: float
    offset: float
    harmless: int
    foreign: int

    @staticmethod
    def measured(harmless: Floats, foreign: Floats, bar: float | None = None) -> "Wobble":
        """Make a scale of scores.

        Args:
            harmless: float64 (n,), from 0 to 1.
            foreign: float64 (m,), from 0 to 1.
            bar: a score to use as the bar instead, as published procedures do.

        Raises:
            OptionError: there are too few scores, or the harmless ones are no better than the foreign ones.
        """
        if len(harmless) < FEWEST or len(foreign) < FEWEST:
            raise OptionError(
                f"{len(harmless)} harmless variations and {len(foreign)} answers to other texts are too few to tell "
                f"how much answers vary by themselves; {FEWEST} of each are needed: give more texts"
            )
        if np.mean(harmless) <= np.mean(foreign) + _ROUNDING:
            raise OptionError(
                f"the model's answers to harmless variations score {np.mean(harmless):.2f} on average, its answers to "
                f"other texts {np.mean(foreign):.2f}: by this metric and these truths its answers cannot be judged"
            )
        lowest = float(np.percentile(harmless, PERCENTILE, method="lower")) if bar is None else bar
        slope, offset = _fitted(harmless, foreign)
        return Wobble(lowest, slope, offset, len(harmless), len(foreign))

    def fails(self, score: float) -> bool:
        """Tell whether a score lies below the bar, rounding aside."""
        return score < self.bar - _ROUNDING

    def severity(self, score: float) -> float:
        """Return the probability that an answer with this score is to another text."""
        return float(1 / (1 + np.exp(self.slope * score + self.offset)))


def _fitted(harmless: Floats, foreign: Floats) -> tuple[float, float]:
    """Fit a logistic curve by Newton's method as scipy has it; the softened labels keep a finite optimum."""
    from scipy.optimize import minimize

    scores = np.concatenate([harmless, foreign])
    n, m = len(harmless), len(foreign)
    labels = np.concatenate([np.full(n, 1 / (n + 2)), np.full(m, (m + 1) / (m + 2))])
    weights = np.concatenate([np.full(n, 0.5 / n), np.full(m, 0.5 / m)])

    def loss(curve: Floats) -> tuple[float, Floats]:
        lean = -(curve[0] * scores + curve[1])
        per_score = np.logaddexp(0, lean) - labels * lean
        slopes = weights * (labels - 1 / (1 + np.exp(-lean)))
        return float(weights @ per_score), np.array([slopes @ scores, slopes.sum()])

    best = cast(Floats, minimize(loss, np.array([1.0, 0.0]), jac=True, method="BFGS").x)
    return float(best[0]), float(best[1])
