"""Temperature: one number that turns a classifier's answers into probabilities that can be taken at their word.

p_T = softmax(log p / T), the published T the one that minimises the negative log-likelihood of the truth on pictures
that are not measured on (Guo et al., 2017, "On Calibration of Modern Neural Networks"). T above one makes answers less
sure; which label is the most probable never changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, logsumexp

from faultfinder.memory.errors import OptionError
from faultfinder.memory.records import Record

COLDEST, HOTTEST = 0.05, 20.0
"""Bounds of a temperature: where every answer is right, the likelihood alone would have it at zero."""

BINS = 15
"""Of equal width over the confidence from 0 to 1; as Guo et al. have it."""

_LEAST = float(np.finfo(np.float32).tiny)
_TRIED = 61  # temperatures on a grid; several labels being right, the likelihood may have more than one optimum

Floats = npt.NDArray[np.float64]


class Temperature(Record):
    """A classifier's temperature, and how far its answers could be trusted before and after."""

    value: float = Field(description="what logarithms of probabilities are divided by")
    inputs: int = Field(description="unchanged inputs it was fitted on")
    accuracy: float = Field(description="share of them that were classified rightly")
    nll_before: float = Field(description="mean negative log-likelihood of the truth, in nats, at temperature 1")
    nll_after: float = Field(description="the same at the temperature fitted")
    ece_before: float = Field(description=f"expected calibration error over {BINS} bins of confidence, at 1")
    ece_after: float = Field(description="the same at the temperature fitted")
    at_bound: bool = Field(description=f"whether it lies at {COLDEST} or {HOTTEST}: the inputs do not determine it")


@dataclass(frozen=True)
class Answers:
    """What a classifier answered, and what is right.

    Attributes:
        probabilities: (n, labels), rows that sum to one.
        right: For every row the columns that are right.
    """

    probabilities: npt.NDArray[np.floating]
    right: Sequence[frozenset[int]]

    def __post_init__(self) -> None:
        """Refuse rows without a truth, and truths without a row."""
        if len(self.probabilities) != len(self.right) or not len(self.right) or not all(self.right):
            raise OptionError(
                f"a temperature is fitted on answers with their truth; got {len(self.probabilities)} answers and "
                f"{sum(map(bool, self.right))} truths. Give more labelled inputs."
            )


def tempered(probabilities: npt.NDArray[np.floating], temperature: float) -> Floats:
    """Return softmax(log p / T), float64 of the same shape; a probability of zero counts as the smallest there is.

    Args:
        probabilities: (n, labels), rows that sum to one.
        temperature: above zero.
    """
    return np.asarray(np.exp(_log_tempered(_logs(probabilities), temperature)), dtype=np.float64)


def fit_temperature(answers: Answers) -> Temperature:
    """Find the temperature at which the truth is most likely; never worse than 1 on what it is fitted on."""
    logs, right = _logs(answers.probabilities), _mask(answers)

    def loss(log_temperature: float) -> float:
        return _nll(_log_tempered(logs, float(np.exp(log_temperature))), right)

    grid = np.linspace(np.log(COLDEST), np.log(HOTTEST), _TRIED)
    best = int(np.argmin([loss(point) for point in grid]))
    around = (grid[max(0, best - 1)], grid[min(_TRIED - 1, best + 1)])
    refined = minimize_scalar(loss, bounds=around, method="bounded", options={"xatol": 1e-5})
    chosen = min([float(refined.x), float(grid[best]), 0.0], key=loss)
    return _record(answers, float(np.exp(chosen)))


def calibration_error(answers: Answers, bins: int = BINS) -> float:
    """Return the expected calibration error: the mean over inputs of |accuracy - confidence| of their bin.

    The confidence is the largest probability; bins are of equal width and closed above.
    """
    confidence = np.asarray(answers.probabilities, np.float64).max(axis=1)
    bin_of = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gap = _correct(answers).astype(np.float64) - confidence
    return float(np.abs(np.bincount(bin_of, weights=gap, minlength=bins)).sum() / len(gap))


def _record(answers: Answers, value: float) -> Temperature:
    after = Answers(tempered(answers.probabilities, value), answers.right)
    right = _mask(answers)
    return Temperature(
        value=value,
        inputs=len(answers.right),
        accuracy=float(_correct(answers).mean()),
        nll_before=_nll(_log_tempered(_logs(answers.probabilities), 1.0), right),
        nll_after=_nll(_log_tempered(_logs(answers.probabilities), value), right),
        ece_before=calibration_error(answers),
        ece_after=calibration_error(after),
        at_bound=not COLDEST * 1.01 < value < HOTTEST / 1.01,
    )


def _logs(probabilities: npt.NDArray[np.floating]) -> Floats:
    return np.asarray(np.log(np.maximum(np.asarray(probabilities, np.float64), _LEAST)), dtype=np.float64)


def _log_tempered(logs: Floats, temperature: float) -> Floats:
    return np.asarray(log_softmax(logs / temperature, axis=1), dtype=np.float64)


def _nll(log_probabilities: Floats, right: npt.NDArray[np.bool_]) -> float:
    """Return the mean over rows of -log sum of p over the labels that are right."""
    return float(-logsumexp(np.where(right, log_probabilities, -np.inf), axis=1).mean())


def _mask(answers: Answers) -> npt.NDArray[np.bool_]:
    mask = np.zeros(answers.probabilities.shape, dtype=np.bool_)
    for row, columns in zip(mask, answers.right, strict=True):
        row[sorted(columns)] = True
    return mask


def _correct(answers: Answers) -> npt.NDArray[np.bool_]:
    best = np.asarray(answers.probabilities).argmax(axis=1)
    return np.array([column in right for column, right in zip(best, answers.right, strict=True)], dtype=np.bool_)
