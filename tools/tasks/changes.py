"""Whether an answer took a change of meaning up.

Three answers are compared: the old one, to the unchanged text; the wanted one, which is the old one with the same
change made in it; and the one that was given. With s the score of the given against the old, t of the given against
the wanted, and d what the old lacks of 1 against the wanted,

    severity = (1 + (s - t) / d) / 2, from 0 (the wanted answer) to 1 (the old one, word for word).

It fails above one half, provided that it still is the old answer: s at least the median of the model's scores under
harmless variations (the criterion of agreement: the model takes another meaning for a mere rewording). An answer
below that has changed in some way, if only by leaving the matter out; it passes, and its severity is one half at
most. So does one that took the change up in words of its own: for a negation, one that denies more than the old one
did.
"""

from dataclasses import dataclass

from faultfinder.memory.errors import FaultfinderError
from faultfinder.tools.actions.passages import Edited
from faultfinder.tools.tasks.metrics import TextMetric

_TOO_CLOSE = 1e-3
"""Difference of two answers' scores below which a metric cannot tell them apart."""

_ROUNDING = 1e-6
_HALF = 0.5


@dataclass(frozen=True)
class Compared:
    """An answer between the old one and the wanted one.

    Attributes:
        to_old: Its score against the old answer.
        to_wanted: Its score against the wanted answer.
        severity: From 0 to 1; None where the metric cannot tell old from wanted.
    """

    to_old: float
    to_wanted: float
    severity: float | None


def compared(said: str, old: str, edited: Edited, metric: TextMetric, typical: float) -> Compared:
    """Compare an answer to a text whose meaning was changed.

    Args:
        said: the answer.
        old: the answer to the unchanged text, which speaks of what was changed.
        edited: the edit.
        metric: scores answers.
        typical: median score of answers to harmless variations against the answers to the unchanged texts.

    Raises:
        FaultfinderError: the old answer does not speak of what was changed, so that there is nothing to compare with.
    """
    wanted = edited.carry(old) if edited.carry else None
    if wanted is None:
        raise FaultfinderError(f"the answer {old[:80]!r} does not speak of what was changed")
    to_old, to_wanted, between = map(float, metric.scores([said, said, old], [old, wanted, wanted]))
    if 1 - between < _TOO_CLOSE:
        return Compared(to_old, to_wanted, None)
    severity = min(1.0, max(0.0, (1 + (to_old - to_wanted) / (1 - between)) / 2))
    if to_old < typical - _ROUNDING or (edited.taken_up is not None and edited.taken_up(old, said)):
        severity = min(severity, _HALF)
    return Compared(to_old, to_wanted, severity)
