"""Which model is taken: the one on the line from the original to the trained weights that fails least within the guard.

Source: weight-space ensembles for fine-tuning (WiSE-FT, Wortsman et al., 2022), there with one fixed place on the line;
here the place is chosen on the validation part.
"""

from collections.abc import Callable, Sequence

from faultfinder.agent.fading.records import Candidate

ALPHAS = (0.4, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Places that are tried; at 0 is the original."""


def candidates(measure: Callable[[float], Candidate], tell: Callable[[int, int], None]) -> list[Candidate]:
    """Measure every place on the line; `tell` hears how many are done."""
    found: list[Candidate] = []
    for done, alpha in enumerate(ALPHAS, start=1):
        found.append(measure(alpha))
        tell(done, len(ALPHAS))
    return found


def choose(found: Sequence[Candidate]) -> Candidate | None:
    """Return the candidate with the best failure accuracy among those within the guard, nearest to the original.

    None where every one of them has lost a guarded score.
    """
    good = [candidate for candidate in found if not candidate.fell]
    return max(good, key=lambda each: (round(each.failure, 3), -each.alpha), default=None)


def improves(candidate: Candidate) -> bool:
    """Tell whether a candidate is better on the failure than the original, beyond chance."""
    own = next(score for score in candidate.scores if score.about == "failure")
    return own.change.low > 0
