"""Linear regression with a Gaussian belief about its weights, updated in blocks as observations come in."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_BLOCKS = 64
"""Updates after which the covariance is computed anew, so that rounding errors do not add up."""


class Posterior:
    """A belief over weights w of y = x'w + noise (Bishop 2006, section 3.3): Gaussian, as are prior and noise."""

    def __init__(self, prior: Floats, noise: float) -> None:
        """Start from the prior.

        Args:
            prior: variances of the weights, (d,); their mean is 0 and they are independent.
            noise: variance of the noise.
        """
        self.noise = noise
        self._precision = np.diag(1.0 / prior)
        self._moment = np.zeros(len(prior))
        self.covariance: Floats = np.diag(prior)
        self._blocks = 0

    @property
    def mean(self) -> Floats:
        """Mean of the weights, (d,)."""
        return self.covariance @ self._moment

    def update(self, rows: Floats, values: Floats) -> None:
        """Learn from observations: rows (n, d) and what was seen, (n,)."""
        self._moment += rows.T @ values / self.noise
        self.narrow(rows)

    def narrow(self, rows: Floats) -> None:
        """Grow surer as if rows (n, d) had been observed, by the identity of Woodbury; the mean needs `update`."""
        self._precision += rows.T @ rows / self.noise
        self._blocks += 1
        if self._blocks % _BLOCKS == 0:
            self.covariance = np.linalg.inv(self._precision)
        else:
            self.covariance = narrowed(self.covariance, rows, self.noise)

    def draws(self, count: int, dice: np.random.Generator) -> Floats:
        """Draw weights from the belief, (count, d)."""
        factor = np.linalg.cholesky(self._precision)
        normal = dice.standard_normal((len(self._moment), count))
        return self.mean + np.linalg.solve(factor.T, normal).T


def narrowed(covariance: Floats, rows: Floats, noise: float) -> Floats:
    """Return the covariance (d, d) of weights after rows (n, d) were observed with noise of that variance."""
    spread = covariance @ rows.T
    inner = rows @ spread
    inner[np.diag_indices_from(inner)] += noise
    found: Floats = covariance - spread @ np.linalg.solve(inner, spread.T)
    return (found + found.T) / 2
