"""Intervals of rates over counts that need not be whole, as weighted queries have."""

from math import sqrt


def wilson(rate: float, n: float, z: float) -> tuple[float, float]:
    """Return Wilson's interval (1927) of a rate, z standard errors wide; from 0 to 1 where nothing was counted.

    Args:
        rate: from 0 to 1.
        n: over how many; any number.
        z: how many standard errors.
    """
    if n <= 0:
        return 0.0, 1.0
    spread = z**2 / n
    centre = (rate + spread / 2) / (1 + spread)
    reach = z * sqrt(rate * (1 - rate) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, centre - reach), min(1.0, centre + reach)
