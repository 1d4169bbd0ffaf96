"""What has become of a failure on another model or version: from counts alone, by the rule that proved it.

A failure was proven when the lower end of its probes' interval reached one half. It still fails when that holds again.
It is fixed when the upper end lies below one half, and fewer of the same probes fail than in the audit by more than
chance (McNemar's exact one-sided test). Everything between is unclear.

Probes that could not be scored count against whatever is to be shown: as failures where a fix is, as passes where a
failure is. So silence can make a result unclear, never better or worse than it is.

"All fixed" needs no correction for the number of failures: it is said only if each one passes its own test, so the
chance to say it wrongly is at most that of a single test (an intersection-union test; Berger, 1982).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from faultfinder.agent.judge import CONFIDENCE, HALF, count, wilson
from faultfinder.agent.suites.paired import fewer_p
from faultfinder.memory.records import Outcome

LEVEL = 0.05
"""Of the tests on the same cases."""

RULE = (
    f"Fixed: the upper end of the {CONFIDENCE:.0%} Wilson interval of the probes' failure rate lies below one half, "
    f"and fewer of the same probes fail than in the audit (McNemar's exact one-sided test, p below {LEVEL}). Still "
    "fails: the lower end of the interval is at or above one half. Unclear: neither. Probes that could not be scored "
    "count as failures for the first and as passes for the second."
)


class Fate(StrEnum):
    """What has become of a failure."""

    FIXED = "fixed"
    FAILS = "still fails"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Ruling:
    """The fate of a failure, and why."""

    fate: Fate
    reason: str
    p_fewer: float


def rule(before: Sequence[Outcome], now: Sequence[Outcome]) -> Ruling:
    """Decide about one failure.

    Args:
        before: how each probe came out in the audit.
        now: how the same probes come out, in the same order.
    """
    counts = count(now)
    scored = counts.fail + counts.passed
    p_fewer = _p_fewer(before, now)
    if not scored:
        return Ruling(Fate.UNCLEAR, f"none of its {counts.n} probes could be scored", p_fewer)
    said = f"{counts.fail} of {scored} probes fail"
    lost = f", {counts.n - scored} could not be scored" if counts.n > scored else ""
    if wilson(counts.fail, counts.n)[0] >= HALF:
        return Ruling(Fate.FAILS, f"{said}{lost}: at least every other one, down to the lower end", p_fewer)
    if wilson(counts.n - counts.passed, counts.n)[1] >= HALF:
        return Ruling(Fate.UNCLEAR, f"{said}{lost}: neither end of the interval settles it", p_fewer)
    if p_fewer >= LEVEL:
        return Ruling(Fate.UNCLEAR, f"{said}{lost}: too few probes to tell the change from chance", p_fewer)
    return Ruling(Fate.FIXED, f"{said}{lost}: less than every other one, up to the upper end", p_fewer)


def _p_fewer(before: Sequence[Outcome], now: Sequence[Outcome]) -> float:
    """Return the one-sided p of fewer failures; what could not be scored now counts as a failure."""
    pairs = [(was is Outcome.FAIL, is_now is not Outcome.PASS) for was, is_now in zip(before, now, strict=True)]
    return fewer_p(worse=pairs.count((False, True)), better=pairs.count((True, False)))
