"""What a learner sees of actions and inputs: few numbers, in which neighbouring levels and similar inputs lie close.

Both are weight-space views of a Gaussian process (Rasmussen and Williams 2006, section 2.1): the squared length of an
action's or an input's row is its prior variance, the product of two rows their covariance.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faultfinder.tools.actions.space import ActionSpace, Factor
from faultfinder.tools.ports import FloatArray

Floats = npt.NDArray[np.float64]

LENGTH = 0.4
"""Distance, in a factor's whole extent, over which what is learned at one level speaks for another."""

SHARED = 0.5
"""Share of a factor's variance that all its levels have in common."""

MOST_ACTION_FEATURES = 48
STATE_FEATURES = 12
"""Directions in which inputs vary most that are looked at; a learner of few queries cannot use more."""


def action_features(space: ActionSpace, most: int = MOST_ACTION_FEATURES) -> Floats:
    """Return features of all actions, float64 (actions, k), k at most `most`; rows have about unit length.

    The covariance of two actions is a product over factors of a shared part and a squared-exponential one in their
    distance; so it holds a constant, every factor's own effect and all interactions, the later ones with less weight.
    Of a product, eigenvectors are products too, and the features are those of the largest eigenvalues.
    """
    parts = [_eigen(factor) for factor in space.factors]
    values = np.array([1.0])
    for value, _ in parts:
        values = np.outer(values, value).ravel()
    chosen = np.argsort(-values, kind="stable")[:most]
    chosen = chosen[values[chosen] > 1e-9 * values[chosen[0]]]
    features = np.tile(np.sqrt(values[chosen]), (1, 1))
    numbers = np.unravel_index(chosen, tuple(len(value) for value, _ in parts))
    for (_, vectors), number in zip(parts, numbers, strict=True):
        features = (features[:, None, :] * vectors[None, :, number]).reshape(-1, len(chosen))
    return features


def _eigen(factor: Factor) -> tuple[Floats, Floats]:
    """Return the eigenvalues, largest first, and the eigenvectors, in columns, of a factor's covariance."""
    count = len(factor.levels)
    places = np.linspace(0.0, 1.0, count) if factor.ordered else np.arange(count) * 1e6
    near = np.exp(-((places[:, None] - places[None, :]) ** 2) / (2 * LENGTH**2))
    values, vectors = np.linalg.eigh(SHARED + (1 - SHARED) * near)
    return np.maximum(values[::-1], 0.0), _oriented(vectors[:, ::-1])


@dataclass(frozen=True)
class StateFeatures:
    """A constant, then the main directions in which inputs vary, scaled to unit variance in all.

    Attributes:
        middle: Mean embedding, (d,).
        directions: (d, m).
    """

    middle: Floats
    directions: Floats

    @classmethod
    def of(cls, states: FloatArray, most: int = STATE_FEATURES) -> "StateFeatures":
        """Find the directions from embeddings of inputs, float32 (n, d): principal components, never their answers."""
        wide = states.astype(np.float64)
        middle = wide.mean(axis=0)
        _, sizes, rows = np.linalg.svd(wide - middle, full_matrices=False)
        kept = min(most, int((sizes > 1e-6 * max(1.0, sizes[0])).sum())) if len(sizes) else 0
        total = np.sqrt((sizes[:kept] ** 2).sum() / len(states)) if kept else 1.0
        return cls(middle, _oriented(rows[:kept].T) / total)

    def __call__(self, states: FloatArray) -> Floats:
        """Return the features of inputs, float64 (n, 1 + m), given embeddings float32 (n, d)."""
        varied = (states.astype(np.float64) - self.middle) @ self.directions
        return np.concatenate([np.ones((len(states), 1)), varied], axis=1)


def _oriented(columns: Floats) -> Floats:
    """Turn columns so that the largest entry of each is positive: decompositions leave the sign open."""
    if columns.size == 0:
        return columns
    largest = columns[np.abs(columns).argmax(axis=0), np.arange(columns.shape[1])]
    return columns * np.where(largest < 0, -1.0, 1.0)
