"""What a score is, how two models are compared on the same cases, and when a guarded score counts as fallen.

A score is a mean over cases, each from 0 to 1. The change between two models is taken case by case, so that what both
find hard does not blur it. Its 95 % interval is Bonett and Price's for paired proportions (2012): as if one case more
had changed for the better and one for the worse, which keeps it honest where hardly any case changed. A case that both
of its pictures share in may be half right; the same formula then has the variance of halves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from faultfinder.agent.fading.records import About, Estimate, Keeping, Score
from faultfinder.agent.judge import CONFIDENCE
from faultfinder.tools.intervals import wilson

Values = npt.NDArray[np.float64]
_Z = 1.959963984540054

GUARD_RULE = (
    f"A guarded score has fallen when its mean over the same cases dropped by more than the guard and the whole "
    f"{CONFIDENCE:.0%} interval of the paired change (Bonett and Price, 2012) lies below zero, so that the drop is not "
    "chance; it is kept when the lower end of that interval is no lower than the guard allows; else it is not shown "
    "either way. Weights with a fallen score are not kept, two such measurements in a row stop training, and a model "
    "with one is never taken."
)


@dataclass(frozen=True)
class Scored:
    """The cases of one score, one value a case, from 0 (wrong) to 1 (right).

    Attributes:
        about: Which kind of score it is; see `Score.about`.
        values: One a case.
        said: What it is called in full; empty where its name says it.
        among: How many scores of the kind are looked at together; intervals of their change are widened for that.
    """

    about: About
    values: Values
    said: str = ""
    among: int = 1


def estimate(values: Values) -> Estimate:
    """Return the mean with its 95 % interval: Wilson's, with as many cases as there are."""
    mean = float(values.mean()) if len(values) else 0.0
    low, high = wilson(mean, len(values), _Z)
    return Estimate(value=mean, low=low, high=high)


def change(before: Values, after: Values, among: int = 1) -> Estimate:
    """Return the mean change with its 95 % interval, for the same cases in the same order.

    Args:
        before: one value a case.
        after: likewise.
        among: how many changes are looked at together; the intervals hold all of them at once (Bonferroni).
    """
    z = _Z if among == 1 else NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / (2 * among))
    n, steps = len(before), after - before
    if not n:
        return Estimate(value=0.0, low=-1.0, high=1.0)
    centre = float(steps.sum()) / (n + 2)
    variance = (float((steps**2).sum()) + 2) / (n + 2) - centre**2
    reach = z * sqrt(max(variance, 0.0) / (n + 2))
    return Estimate(value=float(steps.mean()), low=max(-1.0, centre - reach), high=min(1.0, centre + reach))


def keeping(changed: Estimate, guard: float) -> Keeping:
    """Return what became of a guarded score, by `GUARD_RULE`."""
    if changed.value < -guard and changed.high < 0:
        return Keeping.FELL
    return Keeping.KEPT if changed.low >= -guard else Keeping.OPEN


def compare(before: Mapping[str, Scored], after: Mapping[str, Scored], guard: float) -> list[Score]:
    """Compare two models score by score; the failure's own comes first and is not guarded."""
    return [_score(name, then, after[name], guard) for name, then in before.items()]


def fallen(scores: Sequence[Score]) -> list[Score]:
    """Return the guarded scores that fell, the deepest fall first."""
    guarded = [score for score in scores if score.about != "failure" and score.keeping is Keeping.FELL]
    return sorted(guarded, key=lambda score: score.change.value)


def _score(name: str, then: Scored, now: Scored, guard: float) -> Score:
    changed = change(then.values, now.values, then.among)
    return Score(
        name=name,
        about=then.about,
        said=then.said,
        cases=len(then.values),
        before=estimate(then.values),
        after=estimate(now.values),
        change=changed,
        keeping=keeping(changed, guard),
    )
