"""The ordinary scores of a series, in order, and how likely one beyond them is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Floats, Ints

TAIL_SHARE: Final = 0.1
LEAST_TAIL: Final = 10
LIGHTEST: Final = 0.2
HEAVIEST: Final = 0.5
"""Shapes of tails: as light as that of Student's t with 5 degrees of freedom, and as heavy as with 2."""
_LEANS_ON: Final = 9
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
    shape = _shapes(np.where(fitted & (mean > 0), weighted / np.maximum(mean, _LEAST_SCALE / 10), np.nan))
    scale = np.maximum(mean * (1 - shape), _LEAST_SCALE)
    over = np.maximum(today - threshold, 0.0) / scale
    beyond = (1 + shape * over) ** (-1 / shape)
    return np.where(fitted, size / np.maximum(count, 1) * beyond, 1.0)


def _shapes(ratio: Floats) -> Floats:
    """The shape of each tail by its E[X (1 - F(X))] / E[X], which is 1/4 for an exponential one and less for a heavier.

    What 30 values of a tail say of its end is little, so that each leans on the tails of the other series.
    """
    others = min(int(np.count_nonzero(~np.isnan(ratio))) - 1, _LEANS_ON)
    if others < 0:
        return np.full(len(ratio), LIGHTEST)
    leaning = (np.nan_to_num(ratio, nan=0.25) + others * float(np.nanmean(ratio))) / (1 + others)
    shape: Floats = np.clip(2 - 1 / np.maximum(1 - 2 * leaning, 1e-9), LIGHTEST, HEAVIEST)
    return shape
