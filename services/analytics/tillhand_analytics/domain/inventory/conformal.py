"""Demand over the lead time by split conformal prediction: what it was in the past, for goods of the same class.

At an origin the forecast of the demand over the lead time L is rate x L. What was wrong with past forecasts is
divided by sqrt(rate x L x size), the deviation that demand arriving in portions of a typical size has, and pooled
within classes: velocity decile at the origin, and length of the lead time. The quantile of rank ceil((m + 1) p) of the
m scores of its class covers the demand of a SKU with a probability of at least p, whatever the distribution, as far
as the future is exchangeable with the past (Vovk, Gammerman and Shafer 2005; by class: Vovk 2012). The spread of lead
times is in it, because past demand is summed over lead times that suppliers really took.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tillhand_analytics.domain.inventory.past import LONG_WEEKS, Outcomes, Past
from tillhand_analytics.domain.inventory.windows import DAYS_OF_A_WEEK
from tillhand_analytics.domain.records import Bools, Floats, Ints

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
        below = self.start.copy()
        order = np.argsort(self.start, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(self.start[order])) + 1):
            first = int(self.start[rows[0]]) if len(rows) else 0
            scores = self.scores[first : int(self.stop[rows].max(initial=first))]
            below[rows] = first + np.searchsorted(scores, limit[rows], side="right")
        above = self.stop - below
        up_to = np.append(0.0, np.cumsum(self.scores[:-1]))  # the last score is none
        missing = up_to[self.stop] - up_to[below] - above * np.where(above > 0, limit, 0.0)
        known = self.count > 0
        chance = np.where(known, (above + 1) / (self.count + 1), np.nan)
        excess = np.where(known, np.maximum(missing, 0.0) / np.maximum(self.count, 1), np.nan)
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
        usable = past.eligible & np.isfinite(scores)
        lead_band = _lead_band(forecasts.lead_days)
        kept = scores[usable]
        origin = (np.arange(past.origins) - past.origins + 1) * DAYS_OF_A_WEEK
        ends = (origin + outcomes.end).astype(np.int32)[usable]
        fine = _classes(forecasts.band, lead_band[:, None])
        wide = _classes(forecasts.band, None)
        ascending = np.argsort(kept)
        everything = np.zeros_like(wide)
        self._wanted = (fine, wide, everything)
        self._levels: list[_Level | Callable[[], _Level]] = [
            partial(_Level.of, kept, classes, usable, ends, ascending) for classes in self._wanted
        ]

    def _level(self, place: int) -> _Level:
        """One level of classes; the wider ones are rarely needed, and ordered only then."""
        level = self._levels[place]
        if not isinstance(level, _Level):
            level = self._levels[place] = level()
        return level

    def at(self, weeks_ago: int, least: int = LEAST_SCORES) -> Segments:
        """The classes as they were known so many weeks before now, of at least so many scores."""
        parts: list[Floats] = []
        start = np.zeros(self._wanted[0].shape[0], np.int64)
        stop, offset = start.copy(), 0
        for place, wanted in enumerate(self._wanted):
            level = self._level(place)
            mine = wanted[:, wanted.shape[1] - 1 - weeks_ago]
            known = level.known(weeks_ago)
            first = np.append(0, np.cumsum(known))[level.starts] + offset
            free = (start == stop) & (np.diff(first)[mine] >= least)
            start, stop = np.where(free, first[mine], start), np.where(free, first[mine + 1], stop)
            parts.append(level.scores[known])
            offset += len(parts[-1])
            if (start < stop).all():
                break
        return Segments(np.append(np.concatenate(parts), np.nan), start, stop)

    def quantile(self, weeks_ago: int, level: float, least: int = LEAST_SCORES) -> Floats:
        """What `at` would give as the quantile of each SKU, without cutting the classes out."""
        found = np.full(self._wanted[0].shape[0], np.nan)
        free = np.ones(len(found), np.bool_)
        for place, wanted in enumerate(self._wanted):
            each = self._level(place)
            mine = wanted[:, wanted.shape[1] - 1 - weeks_ago]
            quantiles, count = each.quantiles(weeks_ago, level)
            enough = free & (count[mine] >= least)
            found[enough] = quantiles[mine[enough]]
            free &= ~enough
            if not free.any():
                break
        return found


@dataclass(frozen=True, slots=True)
class _Level:
    """All scores in the order of their class and size: class c is `starts[c]` to `starts[c + 1]`.

    `ends` are the days from now, not above 0, on which the demand that a score is of was over.
    """

    scores: Floats
    ends: NDArray[np.int32]
    starts: Ints

    @classmethod
    def of(
        cls, scores: Floats, all_classes: NDArray[np.int8], usable: Bools, ends: NDArray[np.int32], ascending: Ints
    ) -> _Level:
        """A level of unordered scores, those of the usable classes, of which `ascending` is the order by size."""
        classes = all_classes[usable]
        # Sorting small whole numbers stably takes a tenth of the time that sorting the scores again would.
        order = ascending[np.argsort(classes[ascending], kind="stable")]
        starts = np.append(0, np.cumsum(np.bincount(classes, minlength=_CLASSES)))
        return cls(scores[order], ends[order], starts)

    def known(self, weeks_ago: int) -> Bools:
        """Which scores were known so many weeks before now, and recent then."""
        latest = -weeks_ago * DAYS_OF_A_WEEK
        return (self.ends <= latest) & (self.ends > latest - RECENT_DAYS)

    def quantiles(self, weeks_ago: int, level: float) -> tuple[Floats, Ints]:
        """The quantile of each class, NaN where it has too few scores for one, and how many it has."""
        up_to = np.append(0, np.cumsum(self.known(weeks_ago)))
        first = up_to[self.starts]
        count = np.diff(first)
        rank = np.ceil((count + 1) * level - _ROUNDING).astype(np.int64)
        enough = (count > 0) & (rank <= count)
        quantiles = np.full(len(count), np.nan)
        quantiles[enough] = self.scores[np.searchsorted(up_to, (first[:-1] + rank)[enough]) - 1]
        return quantiles, count


_CLASSES: Final = BANDS * (len(LEAD_LIMITS) + 1)


def _lead_band(lead_days: Floats) -> NDArray[np.int8]:
    return np.searchsorted(np.array(LEAD_LIMITS), lead_days, side="left").astype(np.int8)


def _classes(band: NDArray[np.int8], lead_band: NDArray[np.int8] | None) -> NDArray[np.int8]:
    """The class of each SKU at each origin, with or without its lead time."""
    return band if lead_band is None else band * np.int8(len(LEAD_LIMITS) + 1) + lead_band


def _bands(rate: Floats) -> NDArray[np.int8]:
    """Deciles of the rates above 0 at each origin, from 0; the others are in the lowest, and equal rates in one."""
    number = rate.shape[0]
    ordered = np.sort(rate, axis=0)
    still = number - np.count_nonzero(rate > 0, axis=0)
    bands = np.zeros(rate.shape, np.int8)
    for decile in range(1, BANDS if number else 0):
        place = still + (number - still) * decile // BANDS
        edge = np.take_along_axis(ordered, np.minimum(place, number - 1)[None, :], axis=0)
        bands += (rate >= edge) & (rate > 0)
    return bands
