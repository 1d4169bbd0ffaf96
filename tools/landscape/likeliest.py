"""How much each part of importance varies: the variances under which the ratings at hand are likeliest.

The marginal likelihood of a Gaussian process (Rasmussen and Williams 2006, equation 5.8) times a broad prior of the
logarithms of the variances is maximised along its slope (their equation 5.9), once for every reach.
"""

import numpy as np
import numpy.typing as npt

from faultfinder.tools.landscape.ground import REACHES, Ground, Places, Scales
from faultfinder.tools.landscape.ratings import ROUNDING

Floats = npt.NDArray[np.float64]

SMALL = 1e-6
"""Added to the diagonal of covariances that are decomposed."""

_BROAD = 1.5  # standard deviation of the logarithm of a variance, before any rating
_MOST_NOISE = 0.25


def likeliest(ground: Ground, places: Places, values: Floats) -> Scales:
    """Return the scales under which the ratings are likeliest, the broad prior of the scales counted in."""
    factors = len(ground.space.factors)
    if len(values) < 2:
        return Scales.usual(factors)
    found = [_fitted(ground.parts(places, places, reach), values, Scales.usual(factors, reach)) for reach in REACHES]
    return min(found, key=lambda each: each[0])[1]


def _fitted(parts: Floats, values: Floats, usual: Scales) -> tuple[float, Scales]:
    """Return the least cost over the variances for one reach, with the scales that have it."""
    from scipy.optimize import minimize

    middle = np.log([*usual.variances, usual.noise])
    every = np.concatenate([parts, np.eye(len(values))[None]])
    ends = [(low - 4 * _BROAD, low + 2 * _BROAD) for low in middle[:-1]]
    found = minimize(
        _cost,
        middle,
        args=(every, values, middle),
        jac=True,
        method="L-BFGS-B",
        bounds=[*ends, (np.log(ROUNDING), np.log(_MOST_NOISE))],
    )
    variances = [float(each) for each in np.exp(found.x)]
    return float(found.fun), Scales(tuple(variances[:-1]), variances[-1], usual.reach)


def _cost(logs: Floats, parts: Floats, values: Floats, middle: Floats) -> tuple[float, Floats]:
    """Return minus the log of likelihood times prior, but for constants, and its slope by the logs of variances."""
    variances = np.exp(logs)
    covariance = np.tensordot(variances, parts, axes=1) + SMALL * np.eye(len(values))
    inverse = np.linalg.inv(covariance)
    weighed = inverse @ values
    away = (logs - middle) / _BROAD
    cost = 0.5 * (values @ weighed + np.linalg.slogdet(covariance)[1] + away @ away)
    slack = np.outer(weighed, weighed) - inverse
    slope = -0.5 * variances * np.einsum("kij,ij->k", parts, slack) + away / _BROAD
    return float(cost), slope
