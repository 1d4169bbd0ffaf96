"""How much a failure matters to people, learnt from few ratings: a Gaussian process over changes and inputs.

A rating is 1 to 10, taken to 0..1. Before any rating importance is one half, give or take one half: nobody knows. How
much it varies with what is found from the ratings (`likeliest`), so that what does not matter to people is found to
have no effect. The mean is held to 0..1, the standard deviation to at most one half, which that of no number from 0 to
1 exceeds. Where raters disagree beyond their scales (`ratings`), it is noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faultfinder.tools.landscape.ground import Ground, Places, Scales
from faultfinder.tools.landscape.likeliest import SMALL, likeliest
from faultfinder.tools.landscape.ratings import Rating, on_one_scale

Floats = npt.NDArray[np.float64]

UNKNOWN = 0.5
"""Importance where nothing is known, and the most that it can be wrong by."""


@dataclass(frozen=True)
class Belief:
    """What is believed of n places: means from 0 to 1, and standard deviations of at most one half, float64 (n,)."""

    mean: Floats
    sd: Floats

    @property
    def upper(self) -> Floats:
        """Return one standard deviation above the mean, at most 1: what nobody has rated is not forgotten."""
        high: Floats = np.minimum(self.mean + self.sd, 1.0)
        return high


class Importance:
    """What is believed of importance after some ratings."""

    def __init__(self, ground: Ground, ratings: Sequence[Rating], scales: Scales | None = None) -> None:
        """Learn from ratings, in whatever order they are given.

        Args:
            ground: actions and topics.
            ratings: at most one of a rater for a question; none is fine.
            scales: how much importance varies; found from the ratings where not given.
        """
        self.ground = ground
        self.ratings = tuple(on_one_scale(sorted(ratings, key=lambda r: (r.question, r.rater, r.action))))
        values = np.array([rating.value for rating in self.ratings]) - UNKNOWN
        states = np.array([rating.state for rating in self.ratings], dtype=np.float64)
        self._places = ground.places(
            [rating.action for rating in self.ratings],
            [rating.topic for rating in self.ratings],
            states.reshape(len(self.ratings), -1 if self.ratings else 0),
        )
        self.scales = scales or likeliest(ground, self._places, values)
        if self.ratings:
            known = ground.covariance(self._places, self._places, self.scales)
            self._root = np.linalg.cholesky(known + (self.scales.noise + SMALL) * np.eye(len(values)))
            self._explained = np.linalg.solve(self._root, values)

    def at(self, places: Places) -> Belief:
        """Return what is believed of places."""
        mean, variance = np.full(len(places), UNKNOWN), self.ground.variance(places, self.scales)
        if self.ratings:
            told = self._told(places)
            mean = mean + told.T @ self._explained
            variance = variance - (told**2).sum(axis=0)
        return Belief(np.clip(mean, 0.0, 1.0), np.clip(np.sqrt(np.maximum(variance, 0.0)), 0.0, UNKNOWN))

    def covariance(self, places: Places) -> Floats:
        """Return the covariance of places after the ratings, float64 (n, n)."""
        prior = self.ground.covariance(places, places, self.scales)
        if not self.ratings:
            return prior
        told = self._told(places)
        found: Floats = prior - told.T @ told
        return found

    @property
    def noise(self) -> float:
        """Standard deviation of a rating around its place's importance."""
        return float(np.sqrt(self.scales.noise))

    def _told(self, places: Places) -> Floats:
        """Return what the ratings tell of places, float64 (ratings, n): its squares sum to the variance explained."""
        shared = self.ground.covariance(self._places, places, self.scales)
        return np.asarray(np.linalg.solve(self._root, shared), dtype=np.float64)
