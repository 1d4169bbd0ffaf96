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
        self._precision += rows.T @ rows / self.noise
        self._blocks += 1
        if self._blocks % _BLOCKS == 0:
            self.covariance = np.asarray(np.linalg.inv(self._precision), dtype=np.float64)
        else:
            self.covariance = narrowed(self.covariance, rows, self.noise)

    def draws(self, count: int, dice: np.random.Generator, reach: float = 1.0) -> Floats:
        """Draw weights from the belief, (count, d), spread over a share of its standard deviation."""
        factor = np.linalg.cholesky(self._precision)
        normal = dice.standard_normal((len(self._moment), count))
        return self.mean + reach * np.linalg.solve(factor.T, normal).T


def narrowed(covariance: Floats, rows: Floats, noise: float) -> Floats:
    """Return the covariance (d, d) of weights after rows (n, d) were observed with noise of that variance."""
    spread = covariance @ rows.T
    inner = rows @ spread
    inner[np.diag_indices_from(inner)] += noise
    found: Floats = covariance - spread @ np.linalg.solve(inner, spread.T)
    return (found + found.T) / 2


class Narrowing:
    """A belief that grows surer with every observation that is going to be made, though its outcome is not known yet.

    The covariance is the posterior's less U U', where U gains a column (d,) for every observation assumed.
    """

    def __init__(self, posterior: Posterior) -> None:
        """Start from what is believed."""
        self._covariance, self._noise = posterior.covariance, posterior.noise
        self._known = np.zeros((len(posterior.covariance), 0))

    def assume(self, row: Floats) -> None:
        """Count on an observation, (d,)."""
        spread = self._covariance @ row - self._known @ (self._known.T @ row)
        column = spread / np.sqrt(self._noise + row @ spread)
        self._known = np.concatenate([self._known, column[:, None]], axis=1)

    def variances(self, actions: Floats, seen: Floats) -> Floats:
        """Return the variance of every action's value, (A,), for features of actions (A, k) and of an input (m,).

        Weights are (k, m), flattened.
        """
        count, size = actions.shape[1], len(seen)
        half = (self._covariance.reshape(-1, size) @ seen).reshape(count, size, count)
        narrow: Floats = np.tensordot(seen, half, axes=(0, 1))
        known = np.tensordot(seen, self._known.reshape(count, size, -1), axes=(0, 1))
        narrow -= known @ known.T
        return np.asarray(np.maximum(((actions @ narrow) * actions).sum(axis=1), 0.0), dtype=np.float64)
