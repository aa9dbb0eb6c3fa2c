"""Vectors in memory, searched exactly; a large collection is narrowed down first by a shorter form of each vector.

The shorter form is the projection on the leading principal axes of the collection itself. Scanning it reads a
fifth of the memory; the best few hundred of it are then scored with their whole vectors, so that every score
returned is exact. A filter costs a mask, or less: few passing chunks are gathered and scored directly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from tillhand_rag.ports.embedding import Vectors
from tillhand_rag.store.attributes import Mask

SCAN_ALL: Final = 8_192
"""Up to so many chunks every whole vector is scored: 0.3 ms for 8,192 of 384 dimensions."""
GATHER: Final = 4_096
"""Up to so many chunks that pass a filter are gathered and scored directly."""
AXES: Final = 96
"""Dimensions of the shorter form."""
RESCORED: Final = 1_024
"""At least so many chunks are scored with whole vectors; more when more are asked for."""
RESCORED_PER_RESULT: Final = 8

_GATHERED_SHARE: Final = 4
_GATHERED_TOGETHER: Final = 256
"""Rows copied before they are multiplied: so many are still in the core's own cache, which halves the time."""
_SAMPLE: Final = 16_384
_REFIT_GROWTH: Final = 4
_FREE: Final = -1

Rows = NDArray[np.int64]
Scalar = TypeVar("Scalar", bound=np.generic)


class ExactIndex:
    """Rows of unit vectors, each with a chunk id and the slot of its document. Not thread-safe."""

    def __init__(self, dimension: int) -> None:
        self.used = 0
        self._high = 0
        self._vectors: Vectors = np.zeros((0, dimension), dtype=np.float32)
        self._chunks: Rows = np.zeros(0, dtype=np.int64)
        self._slots: Rows = np.zeros(0, dtype=np.int64)
        self._free: list[int] = []
        self._axes: Vectors | None = None
        self._short: Vectors = np.zeros((0, 0), dtype=np.float32)
        self._fitted_at = 0

    def add(self, chunks: Sequence[int], slot: int, vectors: Vectors) -> Rows:
        """Give each chunk a row, and return the rows."""
        rows = self._claim(len(chunks))
        self._vectors[rows] = vectors
        self._chunks[rows] = chunks
        self._slots[rows] = slot
        self.used += len(chunks)
        if self.used > SCAN_ALL and self.used >= _REFIT_GROWTH * self._fitted_at:
            self._fit()
        elif self._axes is not None:
            self._short[rows] = vectors @ self._axes
        return rows

    def remove(self, rows: Rows) -> None:
        """Free these rows and overwrite their vectors."""
        self._vectors[rows] = 0.0
        self._chunks[rows] = _FREE
        if self._axes is not None:
            self._short[rows] = 0.0
        self._free.extend(rows.tolist())
        self.used -= len(rows)

    def search(self, vector: Vectors, passing: Mask | None, limit: int) -> tuple[Rows, Vectors]:
        """Chunk ids and cosines of the nearest chunks whose document passes, best first."""
        rows = self._rows(passing)
        if len(rows) > GATHER and self._axes is not None:
            rough = _products(self._short, vector @ self._axes, rows, self._high)
            rows = rows[_largest(rough, max(RESCORED, RESCORED_PER_RESULT * limit))]
        scores = _products(self._vectors, vector, rows, self._high)
        best = _largest(scores, limit)
        best = best[np.argsort(-scores[best], kind="stable")]
        return self._chunks[rows[best]], scores[best]

    def cosines(self, vector: Vectors, rows: Rows) -> Vectors:
        """The cosine of each of these rows."""
        return _gathered(self._vectors, vector, rows)

    def _rows(self, passing: Mask | None) -> Rows:
        """Rows in use whose document passes."""
        if passing is None and self.used == self._high:
            return np.arange(self._high)
        alive = self._chunks[: self._high] != _FREE
        if passing is not None:
            alive &= passing[self._slots[: self._high]]
        return np.flatnonzero(alive)

    def _claim(self, count: int) -> Rows:
        reused = [self._free.pop() for _ in range(min(count, len(self._free)))]
        fresh = count - len(reused)
        if self._high + fresh > len(self._chunks):
            self._grow(self._high + fresh)
        rows = np.array([*reused, *range(self._high, self._high + fresh)], dtype=np.int64)
        self._high += fresh
        return rows

    def _grow(self, needed: int) -> None:
        capacity = max(64, needed, 2 * len(self._chunks))
        self._vectors = _grown(self._vectors, capacity)
        self._chunks = _grown(self._chunks, capacity)
        self._slots = _grown(self._slots, capacity)
        self._chunks[self._high :] = _FREE
        if self._axes is not None:
            self._short = _grown(self._short, capacity)

    def _fit(self) -> None:
        """Find the axes along which the vectors differ most; uncentred, for it is products that they preserve."""
        rows = np.flatnonzero(self._chunks[: self._high] != _FREE)
        sample = self._vectors[rows[:: max(1, len(rows) // _SAMPLE)]]
        _, axes = np.linalg.eigh(sample.T @ sample)
        self._axes = np.ascontiguousarray(axes[:, -AXES:], dtype=np.float32)
        self._short = np.zeros((len(self._chunks), self._axes.shape[1]), dtype=np.float32)
        for start in range(0, self._high, _SAMPLE):
            part = slice(start, min(start + _SAMPLE, self._high))
            self._short[part] = self._vectors[part] @ self._axes
        self._fitted_at = self.used


def _products(matrix: Vectors, vector: Vectors, rows: Rows, high: int) -> Vectors:
    """The product of each of these rows with the vector; few rows are gathered, among many all are read in passing."""
    if _GATHERED_SHARE * len(rows) < high:
        return _gathered(matrix, vector, rows)
    products = matrix[:high] @ vector
    return products if len(rows) == high else products[rows]


def _gathered(matrix: Vectors, vector: Vectors, rows: Rows) -> Vectors:
    """The product of each of these rows with the vector, through a buffer that is used again and again."""
    products = np.empty(len(rows), dtype=np.float32)
    buffer = np.empty((min(len(rows), _GATHERED_TOGETHER), matrix.shape[1]), dtype=np.float32)
    for start in range(0, len(rows), _GATHERED_TOGETHER):
        some = rows[start : start + _GATHERED_TOGETHER]
        # Clipped, for checked indexes are copied by way of a second buffer; these are all in range.
        np.take(matrix, some, axis=0, out=buffer[: len(some)], mode="clip")
        np.dot(buffer[: len(some)], vector, out=products[start : start + len(some)])
    return products


def _largest(scores: Vectors, count: int) -> Rows:
    """Where the largest scores are, in no order."""
    if count >= len(scores):
        return np.arange(len(scores))
    return np.argpartition(scores, -count)[-count:]


def _grown(array: NDArray[Scalar], capacity: int) -> NDArray[Scalar]:
    grown = np.zeros((capacity, *array.shape[1:]), dtype=array.dtype)
    grown[: len(array)] = array
    return grown
