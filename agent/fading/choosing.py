"""Which model is taken: on the line from the original to the trained weights, the best on the failure within the guard.

Source: weight-space ensembles for fine-tuning (WiSE-FT, Wortsman et al., 2022), there with one fixed place on the line;
here the place is chosen on the validation part. Choosing is stricter than refusing: what merely seems to have dropped
by more than the guard there may turn out to have, where more cases tell.
"""

from collections.abc import Callable, Sequence

from faultfinder.agent.fading.records import Candidate

ALPHAS = (0.4, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Places that are tried; at 0 is the original."""

AS_GOOD = 0.01
"""Difference in accuracy on the failure that counts as none: of two so near, the nearer to the original is taken."""

_CHANCE = 0.5


def candidates(measure: Callable[[float], Candidate], tell: Callable[[int, int], None]) -> list[Candidate]:
    """Measure every place on the line; `tell` hears how many are done."""
    found: list[Candidate] = []
    for done, alpha in enumerate(ALPHAS, start=1):
        found.append(measure(alpha))
        tell(done, len(ALPHAS))
    return found


def choose(found: Sequence[Candidate], guard: float) -> Candidate | None:
    """Return the best candidate on the failure, near to the original: of those that seem within the guard, if any.

    Args:
        found: places on the line, measured on the validation part.
        guard: how much a guarded score may drop.

    Returns:
        None where every one of them has lost a guarded score beyond chance.
    """
    good = [candidate for candidate in found if not candidate.fell]
    safe = [candidate for candidate in good if seems_safe(candidate, guard)] or good
    best = max((candidate.failure for candidate in safe), default=0.0)
    return min((each for each in safe if each.failure >= best - AS_GOOD), key=lambda each: each.alpha, default=None)


def seems_safe(candidate: Candidate, guard: float) -> bool:
    """Tell whether no mean dropped by more than the guard.

    Scores that were at chance before do not count; of single labels, with a handful of cases each, only those that
    dropped beyond chance.
    """
    guarded = [score for score in candidate.scores if score.about != "failure"]
    sure = [score for score in guarded if score.about != "label" or score.change.high < 0]
    known = [score for score in sure if score.about != "two-way" or score.before.low > _CHANCE]
    return all(score.change.value >= -guard for score in known)


def improves(candidate: Candidate) -> bool:
    """Tell whether a candidate is better on the failure than the original, beyond chance."""
    own = next(score for score in candidate.scores if score.about == "failure")
    return own.change.low > 0
