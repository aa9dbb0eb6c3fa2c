"""Demand over the lead time by split conformal prediction: what it was in the past, for goods of the same class.

At an origin the forecast of the demand over the lead time L is rate x L. What was wrong with past forecasts is
divided by sqrt(rate x L x size), the deviation that demand arriving in portions of a typical size has, and pooled
within classes: velocity decile at the origin, and length of the lead time. The quantile of rank ceil((m + 1) p) of the
m scores of its class covers the demand of a SKU with a probability of at least p, whatever the distribution, as far
as the future is exchangeable with the past (Vovk, Gammerman and Shafer 2005; by class: Vovk 2012). The spread of lead
times is in it, because past demand is summed over lead times that suppliers really took.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tillhand_analytics.domain.inventory.past import LONG_WEEKS, Outcomes, Past
from tillhand_analytics.domain.inventory.windows import DAYS_OF_A_WEEK
from tillhand_analytics.domain.records import Floats, Ints

BANDS: Final = 10
LEAD_LIMITS: Final = (7, 14, 28)
LEAST_SCORES: Final = 100
RECENT_DAYS: Final = 126
"""Only origins of so many days count, so that the classes keep up with the season."""
_SLOWEST: Final = 1 / (LONG_WEEKS * DAYS_OF_A_WEEK)
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Forecasts of demand over the lead time at each origin, n x origins: `centre`, and `scale` of what it misses.

    `band` is the velocity decile among the SKUs with demand at that origin, from 0; those without are in the slowest,
    for a class of their own would be few, and some of those come back in numbers. `lead_days` (n) is the mean lead
    time that the forecasts are for.
    """

    centre: Floats
    scale: Floats
    band: NDArray[np.int8]
    lead_days: Floats


@dataclass(frozen=True, slots=True)
class Segments:
    """For each SKU the scores of its class, ascending: `scores[start:stop]`, which is empty where too few are known.

    A class of too few scores gives way to that of its velocity alone, and then to all scores together.
    """

    scores: Floats
    start: Ints
    stop: Ints

    @property
    def count(self) -> Ints:
        """How many scores each SKU is judged by."""
        return self.stop - self.start

    def quantile(self, level: float) -> Floats:
        """The finite-sample quantile for each SKU; NaN where there are too few scores for this level."""
        rank = np.ceil((self.count + 1) * level - _ROUNDING).astype(np.int64)
        enough = (self.count > 0) & (rank <= self.count)
        return np.where(enough, self.scores[np.where(enough, self.start + rank - 1, 0)], np.nan)

    def exceeded(self, limit: Floats) -> tuple[Floats, Floats]:
        """The chance that a SKU's score is above its limit, and how far above it is in the mean.

        The chance is (scores above + 1) / (m + 1), which errs to the safe side; NaN without scores.
        """
        chance, excess = np.full(len(limit), np.nan), np.full(len(limit), np.nan)
        for start, stop in {(int(a), int(b)) for a, b in zip(self.start, self.stop, strict=True) if b > a}:
            rows = np.flatnonzero((self.start == start) & (self.stop == stop))
            scores = self.scores[start:stop]
            place = np.searchsorted(scores, limit[rows], side="right")
            above = len(scores) - place
            beyond = np.append(np.cumsum(scores[::-1])[::-1], 0.0)[place]
            chance[rows] = (above + 1) / (len(scores) + 1)
            excess[rows] = (beyond - above * limit[rows]) / len(scores)
        return chance, excess


def forecasts_of(past: Past, lead_days: Floats) -> Forecasts:
    """The forecasts for each SKU's own lead time."""
    expected = past.rate * lead_days[:, None]
    least = np.maximum(past.rate, _SLOWEST) * lead_days[:, None]
    return Forecasts(expected, np.sqrt(least * past.size), _bands(past.long_rate), lead_days)


class Calibration:
    """All past scores, sorted by class once, from which the classes of any origin are cut out."""

    def __init__(self, past: Past, outcomes: Outcomes, forecasts: Forecasts) -> None:
        scores = (outcomes.demand - forecasts.centre) / forecasts.scale
        rows, columns = np.nonzero(past.eligible & np.isfinite(scores))
        kept = scores[rows, columns]
        classes = _classes(forecasts.band[rows, columns], _lead_band(forecasts.lead_days)[rows])
        ends = ((columns - past.origins + 1) * DAYS_OF_A_WEEK + outcomes.end[rows, columns]).astype(np.int32)
        self._forecasts = forecasts
        self._scores: list[Floats] = []
        self._starts: list[Ints] = []
        self._ends: list[NDArray[np.int32]] = []
        ascending = np.argsort(kept)
        for level in classes:
            # Sorting small whole numbers stably takes a tenth of the time that sorting the scores again would.
            order = ascending[np.argsort(level[ascending], kind="stable")]
            self._scores.append(kept[order])
            self._starts.append(np.searchsorted(level[order], np.arange(_CLASSES + 1)))
            self._ends.append(ends[order])

    def at(self, weeks_ago: int, least: int = LEAST_SCORES) -> Segments:
        """The classes as they were known so many weeks before now, of at least so many scores."""
        band = self._forecasts.band
        wanted = _classes(band[:, band.shape[1] - 1 - weeks_ago], _lead_band(self._forecasts.lead_days))
        parts: list[Floats] = []
        start = np.zeros(len(self._forecasts.lead_days), np.int64)
        stop, offset = start.copy(), 0
        for scores, starts, ends, mine in zip(self._scores, self._starts, self._ends, wanted, strict=True):
            latest = -weeks_ago * DAYS_OF_A_WEEK
            known = (ends <= latest) & (ends > latest - RECENT_DAYS)
            first = np.append(0, np.cumsum(known))[starts] + offset
            free = (start == stop) & (np.diff(first)[mine] >= least)
            start, stop = np.where(free, first[mine], start), np.where(free, first[mine + 1], stop)
            parts.append(scores[known])
            offset += len(parts[-1])
            if (start < stop).all():
                break
        return Segments(np.append(np.concatenate(parts), np.nan), start, stop)


_CLASSES: Final = BANDS * (len(LEAD_LIMITS) + 1)


def _lead_band(lead_days: Floats) -> NDArray[np.int8]:
    return np.searchsorted(np.array(LEAD_LIMITS), lead_days, side="left").astype(np.int8)


def _classes(band: NDArray[np.int8], lead_band: NDArray[np.int8]) -> tuple[NDArray[np.int8], ...]:
    """The class of each score at every level, the finest first."""
    return band * np.int8(len(LEAD_LIMITS) + 1) + lead_band, band, np.zeros_like(band)


def _bands(rate: Floats) -> NDArray[np.int8]:
    """Deciles of the rates above 0 at each origin, from 0; the others are in the lowest."""
    number, origins = rate.shape
    order = np.argsort(np.ascontiguousarray(rate.T), axis=1, kind="stable").T
    still: Ints = (rate <= 0).sum(axis=0)
    place = np.arange(number)[:, None] - still[None, :]
    decile = place * BANDS // np.maximum(number - still, 1)[None, :]
    bands = np.zeros((number, origins), np.int8)
    np.put_along_axis(bands, order, np.maximum(decile, 0).astype(np.int8), axis=0)
    return bands
