"""The ordinary scores of a series, in order, and how likely one beyond them is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Floats, Ints

TAIL_SHARE: Final = 0.1
LEAST_TAIL: Final = 10
LIGHTEST: Final = 0.1
HEAVIEST: Final = 0.5
"""Shapes of tails: as light as that of Student's t with 10 degrees of freedom, and as heavy as with 2."""
_LEANS_ITS_SHAPE_ON: Final = 9
_LEANS_ITS_SCALE_ON: Final = 3
_EXPONENTIAL: Final = 0.25
_LEAST_SCALE: Final = 0.1
"""Robust deviations: a tail that is all but a point, as that of days without anything, says nothing of what is beyond.
"""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Scores of shape (series, scores) in rising order; of each row, those from `begin` up to before `end` count."""

    scores: Floats
    begin: Ints
    end: Ints

    @property
    def count(self) -> Ints:
        """How many scores count."""
        return self.end - self.begin

    def negated(self) -> Ordered:
        """The same scores with the other sign, again in rising order."""
        size = self.scores.shape[1]
        return Ordered(-self.scores[:, ::-1], size - self.end, size - self.begin)

    def at(self, rank: Ints) -> Floats:
        """The score of a rank, from 0, of each row; the nearest one where there is none."""
        place = np.clip(self.begin + rank, 0, self.scores.shape[1] - 1)
        return np.take_along_axis(self.scores, place[:, np.newaxis], axis=1)[:, 0]

    def at_least(self, today: Floats) -> Ints:
        """How many scores are at least today's."""
        places = np.arange(self.scores.shape[1])
        inside = (places >= self.begin[:, np.newaxis]) & (places < self.end[:, np.newaxis])
        counted: Ints = np.count_nonzero((self.scores >= today[:, np.newaxis]) & inside, axis=1)
        return counted


def tail_chance(ordered: Ordered, today: Floats) -> Floats:
    """The chance of a score at least as high as today's, by the tail of the largest tenth; 1 where there is none."""
    count = ordered.count
    size = np.maximum((count * TAIL_SHARE).astype(np.int64), LEAST_TAIL)
    fitted = count > size
    threshold = ordered.at(count - size - 1)
    back = np.arange(int(size.max(initial=0)))  # 0 is the largest score
    place = np.clip(ordered.end[:, np.newaxis] - 1 - back, 0, ordered.scores.shape[1] - 1)
    excess = np.take_along_axis(ordered.scores, place, axis=1) - threshold[:, np.newaxis]
    excess = np.where(back < size[:, np.newaxis], excess, 0.0)
    mean = excess.sum(axis=1) / size
    weighted = (excess * back).sum(axis=1) / (size * np.maximum(size - 1, 1))
    told = fitted & (mean > _LEAST_SCALE / 2)
    shape = _shapes(np.where(told, weighted / np.maximum(mean, _LEAST_SCALE / 2), np.nan))
    typical = _leaning(np.where(told, mean, np.nan), _LEANS_ITS_SCALE_ON, _LEAST_SCALE)
    scale = np.maximum(typical * (1 - shape), _LEAST_SCALE)
    over = np.maximum(today - threshold, 0.0) / scale
    beyond = (1 + shape * over) ** (-1 / shape)
    return np.where(fitted, size / np.maximum(count, 1) * beyond, 1.0)


def _shapes(ratio: Floats) -> Floats:
    """The shape of each tail by its E[X (1 - F(X))] / E[X], 1/4 for an exponential one, less for a heavier."""
    leaning = _leaning(ratio, _LEANS_ITS_SHAPE_ON, _EXPONENTIAL)
    shape: Floats = np.clip(2 - 1 / np.maximum(1 - 2 * leaning, 1e-9), LIGHTEST, HEAVIEST)
    return shape


def _leaning(own: Floats, most: int, otherwise: float) -> Floats:
    """Each value with the middle of all, which weighs as many as `most` of them: 30 values of a tail say little."""
    told = own[~np.isnan(own)]
    if not told.size:
        return np.full(len(own), otherwise)
    others = min(told.size - 1, most)
    middle = float(np.median(told))
    leaning: Floats = (np.where(np.isnan(own), middle, own) + others * middle) / (1 + others)
    return leaning
