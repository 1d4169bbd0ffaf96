"""A judge's errors, measured against people or the truth, and a failure rate corrected for them.

Positive is "the pair fails". Sensitivity is how often the judge says so of pairs that do, specificity how often it does
not of pairs that do not. What the judge or the truth leaves undecided counts in neither.
"""

from collections import Counter
from collections.abc import Sequence
from math import sqrt

from pydantic import Field

from faultfinder.agent.judge import wilson
from faultfinder.memory.records import Outcome, Record

_Z = 1.959963984540054
_SCORED = (Outcome.FAIL, Outcome.PASS)


class Share(Record):
    """A measured share with its interval."""

    value: float | None = Field(description="the share; null where nothing was counted")
    interval: tuple[float, float] = Field(description="95 % Wilson interval")
    n: int = Field(description="how many were counted")


class JudgeQuality(Record):
    """A judge compared with the truth, pair by pair."""

    sensitivity: Share = Field(description="of the pairs that fail, how many the judge says fail")
    specificity: Share = Field(description="of the pairs that do not fail, how many the judge says do not")
    agreement: Share = Field(description="of all pairs decided by both, how many they decide alike")
    undecided: int = Field(description="pairs that the judge or the truth could not decide")


class CorrectedRate(Record):
    """A failure rate corrected for the judge's errors."""

    rate: float | None = Field(description="the corrected rate; null where the judge is no better than chance")
    interval: tuple[float, float] | None = Field(description="95 % interval (Lang and Reiczigel 2014)")
    reason: str = Field(default="", description="why there is none")


def compare_with_truth(judged: Sequence[Outcome], truth: Sequence[Outcome]) -> JudgeQuality:
    """Compare a judge's outcomes with the true ones, pair by pair.

    Raises:
        ValueError: the two are not of one length.
    """
    both = list(zip(judged, truth, strict=True))
    counts = Counter((said, true) for said, true in both if said in _SCORED and true in _SCORED)
    fails, passes = (sum(n for (_, true), n in counts.items() if true is end) for end in _SCORED)
    alike = counts[Outcome.FAIL, Outcome.FAIL] + counts[Outcome.PASS, Outcome.PASS]
    return JudgeQuality(
        sensitivity=_share(counts[Outcome.FAIL, Outcome.FAIL], fails),
        specificity=_share(counts[Outcome.PASS, Outcome.PASS], passes),
        agreement=_share(alike, fails + passes),
        undecided=len(both) - fails - passes,
    )


def rogan_gladen(rate: float, n: int, quality: JudgeQuality) -> CorrectedRate:
    """Correct a failure rate for the judge's errors.

    The estimate is Rogan and Gladen's (1978), (p + Sp - 1) / (Se + Sp - 1), clipped to [0, 1]. The interval is Lang and
    Reiczigel's (2014), which takes in that sensitivity and specificity were measured on samples too: two
    pseudo-counts added to each, and a shift of the centre.

    Args:
        rate: the share of pairs that the judge says fail.
        n: how many pairs that rests on.
        quality: the judge's errors.
    """
    se, sp = quality.sensitivity, quality.specificity
    if se.value is None or sp.value is None or not n:
        return CorrectedRate(rate=None, interval=None, reason="people have seen no failing, or no passing, pair")
    if se.interval[0] + sp.interval[0] <= 1:
        return CorrectedRate(
            rate=None, interval=None, reason="on the pairs people have seen, the judge may be no better than chance"
        )
    estimate = (rate + sp.value - 1) / (se.value + sp.value - 1)
    low, high = _lang_reiczigel(rate, n, se, sp)
    corrected = _clip(estimate)
    return CorrectedRate(rate=corrected, interval=(min(low, corrected), max(high, corrected)))


def _lang_reiczigel(rate: float, n: int, se: Share, sp: Share) -> tuple[float, float]:
    """Return the 95 % interval of Lang and Reiczigel (2014), Prev. Vet. Med. 113, 13-22."""
    p = (n * rate + _Z**2 / 2) / (n + _Z**2)
    sens = (se.n * (se.value or 0.0) + 1) / (se.n + 2)
    spec = (sp.n * (sp.value or 0.0) + 1) / (sp.n + 2)
    gain = sens + spec - 1
    true = (p + spec - 1) / gain
    spread = sqrt(
        p * (1 - p) / (n + _Z**2)
        + true**2 * sens * (1 - sens) / (se.n + 2)
        + (1 - true) ** 2 * spec * (1 - spec) / (sp.n + 2)
    )
    shift = 2 * _Z**2 * (true * sens * (1 - sens) / (se.n + 2) - (1 - true) * spec * (1 - spec) / (sp.n + 2))
    centre, reach = true + shift, _Z * spread / gain
    return _clip(centre - reach), _clip(centre + reach)


def _share(hits: int, n: int) -> Share:
    return Share(value=hits / n if n else None, interval=wilson(hits, n), n=n)


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value))
