"""The exact all-pairs threshold join: every pair of rows whose cosine reaches a threshold, without looking at most.

Rows are rotated to principal axes. The product over the first few axes, plus by Cauchy-Schwarz the product of the two
lengths that remain, bounds a cosine from above; one matrix product per tile therefore rules out nearly all pairs. What
is left is bounded again over more axes and then computed in double precision, so the pairs are those of brute force.
Knows nothing of texts.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from faultfinder.tools.ports import FloatArray

IndexArray = npt.NDArray[np.int32]
Keep = Callable[[IndexArray, IndexArray, FloatArray], npt.NDArray[np.bool_]]

MOST = 1_000_000
"""Pairs kept unless told otherwise: 12 MB of them."""

_TILE = (256, 2048)
_AXES = 128
_FIRST_AXES = (8, 16, 24, 32, 48, 64, 96, 128)
_SAMPLE = 4096
_CHECK_COST = 5000
"""Time to check one pair that the bound let through, in axes of one pair's product (measured: some 100 ns, 0.02 ns)."""
_DENSE = 1 / 64
"""Share of a tile let through from which one double-precision product is quicker than checking pair by pair."""

_one_join_at_a_time = threading.Lock()


@dataclass(frozen=True)
class JoinResult:
    """Pairs of rows, highest similarity first, of equal ones the lower row, then column, first.

    Attributes:
        rows: int32 (p,), the lower index of each pair.
        columns: int32 (p,), the higher index.
        similarities: float32 (p,), cosines.
        total: Pairs that reach the threshold, whether kept or not.
        checked: Pairs that the bound over the first axes did not rule out.
        axes: How many axes that were.
    """

    rows: IndexArray
    columns: IndexArray
    similarities: FloatArray
    total: int
    checked: int
    axes: int

    def __len__(self) -> int:
        """Count the pairs kept."""
        return len(self.rows)


def join(vectors: FloatArray, threshold: float, most: int = MOST, keep: Keep | None = None) -> JoinResult:
    """Return every pair of rows whose cosine is at least the threshold.

    A cosine is computed in double precision and rounded, as the threshold is, to single: equal rows have exactly 1.

    Args:
        vectors: float32 (n, d), finite. Rows need not be of unit length; a row of zeros has cosine 0 to all.
        threshold: Lowest cosine, from -1 to 1.
        most: Pairs kept. The highest stay; of equal ones at the end, those that come first in the order of the tiles.
        keep: Says which pairs may be kept, given rows, columns and similarities. `total` does not ask it.

    Raises:
        ValueError: The vectors are not a finite matrix, or the threshold or `most` is out of range.
    """
    if vectors.ndim != 2 or not np.isfinite(vectors).all():
        raise ValueError("vectors must be a matrix of finite numbers")
    if not -1 <= threshold <= 1 or most < 0:
        raise ValueError(f"threshold {threshold} must lie within -1 and 1, most {most} must not be negative")
    best = _Best(most, keep)
    # Each worker multiplies its own tiles on one core: no waiting for one another within a product.
    with _one_join_at_a_time, threadpool_limits(1, user_api="blas"):
        rotated = _Rotated(vectors, threshold)
        for tile in _in_order(rotated.agreeing, _tiles(len(vectors))):
            best.take(tile)
    return best.result(rotated.axes)


@dataclass(frozen=True, slots=True)
class _Pairs:
    rows: IndexArray
    columns: IndexArray
    similarities: FloatArray
    checked: int = 0


@dataclass(frozen=True, slots=True)
class _Tile:
    rows: slice
    columns: slice

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start


class _Scratch(threading.local):
    """Each worker's memory for one tile, kept from tile to tile."""

    def __init__(self) -> None:
        size = _TILE[0] * _TILE[1]
        self._product = np.empty(size, np.float32)
        self._mask = np.empty(size, np.bool_)

    def at_least(self, left: FloatArray, right: FloatArray, bar: np.float32) -> npt.NDArray[np.intp]:
        """Return where, in the flattened product of left and right transposed, the bar is reached."""
        shape = len(left), len(right)
        size = shape[0] * shape[1]
        np.matmul(left, right.T, out=self._product[:size].reshape(shape))
        return np.flatnonzero(np.greater_equal(self._product[:size], bar, out=self._mask[:size]))


class _Rotated:
    """The rows on their principal axes, and the bounds that follow."""

    def __init__(self, vectors: FloatArray, threshold: float) -> None:
        self._vectors = vectors
        self._lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64))
        self._lengths[self._lengths == 0] = np.inf
        self._threshold = np.float32(threshold)
        # Four times the textbook bound on the rounding of a float32 product of d terms: two projections, product, rest.
        self._slack = 2 * vectors.shape[1] * float(np.finfo(np.float32).eps)
        self._bar = np.float32(threshold - self._slack)
        coordinates = self._coordinates()
        self._more = self._with_rest(coordinates)
        self.axes = self._cheapest(coordinates)
        self._few = self._with_rest(coordinates[:, : self.axes])
        self._scratch = _Scratch()

    def agreeing(self, tile: _Tile) -> _Pairs:
        """Return the pairs of a tile that reach the threshold."""
        left, right = self._few[tile.rows], self._few[tile.columns]
        found = self._scratch.at_least(left, right, self._bar)
        if len(found) > _DENSE * len(left) * len(right):
            return self._whole(tile)
        rows, columns = _above_diagonal(found, tile)
        checked = len(rows)
        near = _products(self._more, rows, columns) >= self._bar
        return self._exact(rows[near], columns[near], checked)

    def _exact(self, rows: IndexArray, columns: IndexArray, checked: int) -> _Pairs:
        products = _products(self._vectors, rows, columns, np.float64)
        cosines = (products / (self._lengths[rows] * self._lengths[columns])).astype(np.float32)
        reached = cosines >= self._threshold
        return _Pairs(rows[reached], columns[reached], cosines[reached], checked)

    def _whole(self, tile: _Tile) -> _Pairs:
        left, right = (self._vectors[part].astype(np.float64) for part in (tile.rows, tile.columns))
        lengths = self._lengths[tile.rows, None] * self._lengths[tile.columns]
        cosines = ((left @ right.T) / lengths).astype(np.float32).ravel()
        found = np.flatnonzero(cosines >= self._threshold)
        rows, columns = _above_diagonal(found, tile)
        similarities = cosines[(rows - tile.rows.start) * len(right) + columns - tile.columns.start]
        return _Pairs(rows, columns, similarities, len(left) * len(right))

    def _coordinates(self) -> FloatArray:
        """Rotate unit rows to the principal axes of a sample. Any rotation is exact; this one prunes well."""
        every = max(1, len(self._vectors) // _SAMPLE)
        sample = self._vectors[::every] / self._lengths[::every, None]  # float64, against overflow
        _, axes = np.linalg.eigh(sample.T @ sample)
        principal = axes[:, ::-1][:, :_AXES].astype(np.float32)
        return np.asarray((self._vectors @ principal) / self._lengths[:, None], np.float32)

    def _with_rest(self, coordinates: FloatArray) -> FloatArray:
        """Append to each row the length that its coordinates leave, so that one product is the bound."""
        rest = 1 - np.einsum("nk,nk->n", coordinates, coordinates)
        rest = np.sqrt(np.maximum(rest, 0) + self._slack)
        return np.concatenate([coordinates, rest[:, None].astype(np.float32)], axis=1)

    def _cheapest(self, coordinates: FloatArray) -> int:
        """Return the number of axes that a sample of pairs says is quickest."""
        choices = [axes for axes in _FIRST_AXES if axes < coordinates.shape[1]] or [coordinates.shape[1]]
        few = coordinates[:: max(1, len(coordinates) // 256)]
        many = coordinates[:: max(1, len(coordinates) // 2048)]

        def cost(axes: int) -> float:
            bounds = self._with_rest(few[:, :axes]) @ self._with_rest(many[:, :axes]).T
            return axes + _CHECK_COST * float(np.mean(bounds >= self._bar)) if bounds.size else axes

        return min(choices, key=cost)


class _Best:
    """The highest pairs so far, never more than twice as many as wanted plus one tile, and a count of all."""

    def __init__(self, most: int, keep: Keep | None) -> None:
        self._most, self._keep = most, keep
        self._floor = np.float32(-2)
        self._kept: list[_Pairs] = []
        self._held = self._total = self._checked = 0

    def take(self, pairs: _Pairs) -> None:
        """Count a tile's pairs and keep those that may be among the highest."""
        self._total += len(pairs.rows)
        self._checked += pairs.checked
        pairs = _select(pairs, pairs.similarities > self._floor)
        if self._keep and len(pairs.rows):
            pairs = _select(pairs, self._keep(pairs.rows, pairs.columns, pairs.similarities))
        self._kept.append(pairs)
        self._held += len(pairs.rows)
        if self._held > 2 * self._most:
            self._shrink()

    def result(self, axes: int) -> JoinResult:
        """Return what was kept, in order."""
        self._shrink()
        pairs = self._kept[0]
        order = np.lexsort((pairs.columns, pairs.rows, -pairs.similarities))
        pairs = _select(pairs, order)
        return JoinResult(pairs.rows, pairs.columns, pairs.similarities, self._total, self._checked, axes)

    def _shrink(self) -> None:
        joined = _Pairs(
            np.concatenate([np.empty(0, np.int32), *(pairs.rows for pairs in self._kept)]),
            np.concatenate([np.empty(0, np.int32), *(pairs.columns for pairs in self._kept)]),
            np.concatenate([np.empty(0, np.float32), *(pairs.similarities for pairs in self._kept)]),
        )
        if len(joined.rows) > self._most:
            order = np.argsort(-joined.similarities, kind="stable")[: self._most]
            joined = _select(joined, np.sort(order))
        if len(joined.rows) == self._most:
            self._floor = joined.similarities.min(initial=np.float32(2))
        self._kept, self._held = [joined], len(joined.rows)


def _select(pairs: _Pairs, which: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> _Pairs:
    return _Pairs(pairs.rows[which], pairs.columns[which], pairs.similarities[which])


def _tiles(n: int) -> Iterator[_Tile]:
    """Yield the tiles on and above the diagonal."""
    for row in range(0, n, _TILE[0]):
        for column in range(row, n, _TILE[1]):
            yield _Tile(slice(row, min(row + _TILE[0], n)), slice(column, min(column + _TILE[1], n)))


def _above_diagonal(found: npt.NDArray[np.intp], tile: _Tile) -> tuple[IndexArray, IndexArray]:
    rows, columns = np.divmod(found.astype(np.int32), np.int32(tile.shape[1]))
    rows, columns = rows + np.int32(tile.rows.start), columns + np.int32(tile.columns.start)
    above = rows < columns
    return rows[above], columns[above]


def _products(
    vectors: FloatArray, rows: IndexArray, columns: IndexArray, dtype: type[np.floating] = np.float32
) -> npt.NDArray[np.floating]:
    """Return the product of each pair of rows, float (p,), few enough at a time for the cache."""
    products = np.empty(len(rows), dtype)
    for start in range(0, len(rows), 1024):
        part = slice(start, start + 1024)
        left, right = vectors[rows[part]].astype(dtype), vectors[columns[part]].astype(dtype)
        np.einsum("nd,nd->n", left, right, out=products[part])
    return products


def _in_order(work: Callable[[_Tile], _Pairs], tiles: Iterator[_Tile]) -> Iterator[_Pairs]:
    """Yield the results of a few workers in the order of the tiles, none far ahead of what is taken."""
    workers = min(8, os.cpu_count() or 1)
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[_Pairs]] = deque()
        for tile in tiles:
            waiting.append(pool.submit(work, tile))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
