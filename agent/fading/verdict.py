"""FADED, NOT FADED or REFUSED: decided from what was measured, and said in a sentence or two.

REFUSED: training has cost a guarded score, and nothing within the guard is left that is better on the failure; or the
chosen model loses one on the test part. FADED: the failure is fixed by the rule of checks both in its suite and
in a fresh experiment, the fresh experiment does not confirm it, and the audit of the changed model does not either. NOT
FADED is everything else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from faultfinder.agent.fading.records import Candidate, Checked, Experiment, Reaudit, Score, Verdict
from faultfinder.agent.suites.fate import Fate
from faultfinder.memory.records import Counts, Decision


@dataclass(frozen=True)
class Conclusion:
    """A verdict and why."""

    verdict: Verdict
    reason: str


def nothing_left(found: Sequence[Candidate]) -> Conclusion:
    """Refuse a fade that went astray, and name what it would have cost."""
    fell = [score for each in found for score in each.scores if score.name in each.fell]
    deepest = min(fell, key=lambda score: score.change.value)
    better = [each.failure for each in found if not each.fell]
    left = (
        f"what was left within the guard is no better on the failure ({max(better):.0%} right)"
        if better
        else "nothing is left within the guard"
    )
    return Conclusion(Verdict.REFUSED, f"training cost {_fall(deepest)}; {left}")


def refused_on_test(fell: Sequence[Score]) -> Conclusion:
    """Refuse a model that loses a guarded score on the test part."""
    return Conclusion(Verdict.REFUSED, f"on the test part the changed model loses {'; '.join(map(_fall, fell))}")


def conclude(tested: Experiment, suite: Checked, again: Reaudit | None = None) -> Conclusion:
    """Decide whether a model within the guard has lost the failure; without an audit of it, by the other two."""
    against = [
        *([f"on fresh inputs {_rate(tested.probes)} ({tested.fate})"] if tested.fate is not Fate.FIXED else []),
        *(["a fresh experiment confirms the failure again"] if tested.confirmed is Decision.SUPPORTED else []),
        *([f"in its suite {_rate(suite.probes)} ({suite.fate})"] if suite.fate is not Fate.FIXED else []),
        *(
            [f"the audit of the changed model confirms it again: {'; '.join(again.again)}"]
            if again and again.again
            else []
        ),
    ]
    if against:
        return Conclusion(Verdict.NOT_FADED, "; ".join(against))
    return Conclusion(
        Verdict.FADED,
        f"on fresh inputs {_rate(tested.probes)}, {tested.probes_before.fail} of them on the original; in its suite "
        f"{_rate(suite.probes)}{_not_again(again) if again else ''}",
    )


def _not_again(again: Reaudit) -> str:
    new = f", and {len(again.new)} new failure{'s' * (len(again.new) > 1)} came with it" if again.new else ""
    return f"; the audit of the changed model does not confirm it{new}"


def _rate(counts: Counts) -> str:
    return f"{counts.fail} of {counts.fail + counts.passed} probes fail"


def _fall(score: Score) -> str:
    return f"{score.name} {-score.change.value:.3f} ({score.before.value:.3f} to {score.after.value:.3f})"
