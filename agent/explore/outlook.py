"""Would another hour find anything? The chance, from what every pass over the map has found so far.

A failure that is there is taken to be found in each pass with the same chance q (the removal method of Zippin, 1956; in
software testing Jelinski & Moranda, 1972). From the passes in which failures were found, q = (found + 1) / (sum of
their passes + 2), a uniform prior's mean. After p passes the expected number still hidden is

    hidden = (found + 1/2) (1 - q)^p / (1 - (1 - q)^p)

and of m passes in an hour's time one finds something with chance 1 - exp(-hidden (1 - (1 - q)^m)). Before one pass is
complete nothing can be said. The audit ends when even endless passes would find something with less than `ENOUGH`: the
clock decides nothing, so the same inputs give the same findings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

ENOUGH = 0.1
"""Chance of finding anything further below which an audit that explores ends."""

_HALF = 0.5


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of going on.

    Attributes:
        passes: Passes over the whole map so far, fractions counted.
        found: New failures proven so far.
        hidden: Expected number of failures still hidden; None before one pass is complete.
        ever: Chance that going on however long would find one of them; None before one pass is complete.
        hour: Chance that another hour would; None where it is not known yet.
    """

    passes: float
    found: int
    hidden: float | None = None
    ever: float | None = None
    hour: float | None = None

    @property
    def enough(self) -> bool:
        """Tell whether going on would probably find nothing."""
        return self.ever is not None and self.ever < ENOUGH


def outlook(found_in: Sequence[int], passes: float, passes_an_hour: float | None = None) -> Outlook:
    """Estimate what is still hidden.

    Args:
        found_in: for each failure found, the pass it was found in, from 1.
        passes: passes so far, fractions counted.
        passes_an_hour: at the pace so far.

    Raises:
        ValueError: a pass is below 1.
    """
    if any(number < 1 for number in found_in):
        raise ValueError("passes are numbered from 1")
    found = len(found_in)
    if passes < 1:
        return Outlook(passes, found)
    missed = 1 - (found + 1) / (sum(found_in) + 2)
    left = missed**passes
    hidden = (found + _HALF) * left / (1 - left)
    hour = None if passes_an_hour is None else _chance(hidden * (1 - missed**passes_an_hour))
    return Outlook(passes, found, hidden, _chance(hidden), hour)


def say_outlook(outlook: Outlook) -> str:
    """Say an outlook in a sentence; of the clock it knows nothing."""
    if outlook.hidden is None or outlook.ever is None:
        return f"no pass over the map is complete yet ({outlook.passes:.0%} of the first), so what is left is unknown"
    times = f"{outlook.passes:.1f}".removesuffix(".0")
    passes = f"after {times} pass{'' if times == '1' else 'es'} over the map"
    return f"{passes}, going on would find something new with a chance of {outlook.ever:.0%}"


def _chance(expected: float) -> float:
    return 1 - exp(-expected)
