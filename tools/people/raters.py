"""How well raters agree, and what they say together."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from faultfinder.memory.people_records import RATINGS, Answer, Ask, Label, Question
from faultfinder.memory.records import Record

RESAMPLES = 1000
"""Bootstrap samples behind the interval of alpha."""

Level = Literal["nominal", "interval"]

_SEED = 0
_Codes = npt.NDArray[np.float64]


class RaterAgreement(Record):
    """How well raters agree beyond chance."""

    level: Level = Field(
        default="nominal", description="how answers are compared: as names, or for ratings alone as numbers (interval)"
    )
    alpha: float | None = Field(description="Krippendorff's alpha; 1 is perfect, 0 is chance; null if undefined")
    interval: tuple[float, float] | None = Field(description="95 % bootstrap interval over items; null if undefined")
    raters: tuple[str, ...] = Field(description="who answered, in alphabetical order")
    items: int = Field(description="items that two or more raters answered")
    labels: int = Field(description="answers that stand, whoever gave them")
    reason: str = Field(default="", description="why there is no alpha")


def raters_agreement(labels: Sequence[Label], questions: Sequence[Question]) -> RaterAgreement:
    """Measure agreement over the items that two or more raters answered.

    Alpha is Krippendorff's (2011) for nominal data; where there is nothing but ratings, for interval data, "cannot
    tell" left out. Where there are both, it is told of the others alone: the two have no scale in common. Its interval
    comes from resampling items (a seeded percentile bootstrap), leaving out samples in which alpha is undefined.

    Args:
        labels: the labels that stand, at most one for each question and rater.
        questions: what was asked; labels of other questions are left out.
    """
    kinds = {question.id: question.kind for question in questions}
    level: Level = "interval" if kinds and set(kinds.values()) == {Ask.RATING} else "nominal"
    given = [label for label in labels if _counts(label, kinds, level)]
    raters = tuple(sorted({label.rater for label in given}))
    codes = _codes(given, raters)
    shared = codes[:, (~np.isnan(codes)).sum(axis=0) >= 2] if codes.size else codes
    alpha = _alpha(shared, level)
    return RaterAgreement(
        level=level,
        alpha=alpha,
        interval=_interval(shared, level) if alpha is not None else None,
        raters=raters,
        items=shared.shape[1],
        labels=len(given),
        reason="" if alpha is not None else _why_not(raters, shared),
    )


def majority(labels: Sequence[Label]) -> Answer:
    """Return what most raters of one question say; "cannot tell" where they are evenly split."""
    votes = Counter(label.answer for label in labels if label.answer is not None).most_common(2)
    if not votes or (len(votes) == 2 and votes[0][1] == votes[1][1]):
        return Answer.CANNOT_TELL
    return votes[0][0]


def _codes(labels: Sequence[Label], raters: Sequence[str]) -> _Codes:
    """Number the answers, float64 (raters, items); NaN where a rater gave none."""
    by_item: dict[str, dict[str, Answer]] = defaultdict(dict)
    for label in labels:
        if label.answer is not None:
            by_item[label.question][label.rater] = label.answer
    order = {
        answer: float(number)
        for number, answer in enumerate([*RATINGS, *(each for each in Answer if each not in RATINGS)])
    }
    rows = [[order[by_item[item][r]] if r in by_item[item] else np.nan for item in sorted(by_item)] for r in raters]
    return np.array(rows, dtype=np.float64).reshape(len(raters), len(by_item))


def _counts(label: Label, kinds: Mapping[str, Ask], level: Level) -> bool:
    if label.question not in kinds or label.answer is None:
        return False
    if level == "interval":
        return label.answer in RATINGS
    return kinds[label.question] is not Ask.RATING


def _alpha(codes: _Codes, level: Level) -> float | None:
    """Return alpha; None where there is nothing to compare, or one answer only."""
    values = np.unique(codes[~np.isnan(codes)]) if codes.size else codes
    if codes.shape[0] < 2 or codes.shape[1] < 1 or len(values) < 2:
        return None
    from krippendorff import alpha

    return float(alpha(reliability_data=codes, level_of_measurement=level))


def _interval(codes: _Codes, level: Level) -> tuple[float, float] | None:
    dice = np.random.default_rng(_SEED)
    samples = (codes[:, dice.integers(codes.shape[1], size=codes.shape[1])] for _ in range(RESAMPLES))
    found = [value for sample in samples if (value := _alpha(sample, level)) is not None]
    if not found:
        return None
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def _why_not(raters: Sequence[str], shared: _Codes) -> str:
    if len(raters) < 2:
        return "it takes two raters" if raters else "nobody has answered"
    return "all answers are the same" if shared.shape[1] else "no item was answered by two raters"
