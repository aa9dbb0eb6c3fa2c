"""Whether two pages take turns, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Bools, Floats, Ints
from tillhand_analytics.domain.seo.pairs import summed
from tillhand_analytics.domain.seo.persistence import persistence

_FEWEST_DAYS: Final = 10


@dataclass(frozen=True, slots=True)
class DayByDay:
    """Impressions and positions of two pages, in arrays of candidates by days by two; positions are relative logarithms
    (comparable between the pages of a candidate), NaN on days without impressions.
    """

    impressions: Floats
    position: Floats


@dataclass(frozen=True, slots=True)
class Alternation:
    """By candidate: days on which each page led (two columns), changes of the lead, correlation, and its chance."""

    lead_days: Ints
    turns: Ints
    association: Floats
    chance: Floats


def alternation(days: DayByDay) -> Alternation:
    """Who leads on each day, and whether one page falls as the other rises.

    The page with the better position leads, or the one that is shown at all. Opposition is tested one-sided, with
    errors for days that resemble the day before (`persistence`), on the positions of days with both, and on impressions
    (logarithms of one more) of days with any; the smaller chance counts twice (Bonferroni). Common demand makes
    impressions rise together, which hides opposition and never feigns it.
    """
    lead = _lead(days)
    shown = days.impressions > 0
    both, either = shown[:, :, 0] & shown[:, :, 1], shown[:, :, 0] | shown[:, :, 1]
    by_position, position_chance = _opposed(np.nan_to_num(days.position), both)
    by_views, views_chance = _opposed(np.log1p(days.impressions), either)
    chances = np.fmin(position_chance, views_chance)
    clearer = np.nan_to_num(position_chance, nan=1.0) <= np.nan_to_num(views_chance, nan=1.0)
    return Alternation(
        lead_days=np.stack([(lead == 1).sum(axis=1), (lead == -1).sum(axis=1)], axis=1),
        turns=_turns(lead),
        association=np.where(clearer, by_position, by_views),
        chance=np.minimum(2 * chances, 1.0),
    )


def _lead(days: DayByDay) -> Ints:
    """1 where the first page leads, -1 where the second does, 0 where none is shown."""
    position = np.where(days.impressions > 0, np.nan_to_num(days.position), np.inf)
    first, second = position[:, :, 0], position[:, :, 1]
    return np.where(first < second, 1, 0) - np.where(second < first, 1, 0)


def _turns(lead: Ints) -> Ints:
    """How often the lead changes, days without one left out."""
    candidate, day = np.nonzero(lead)
    led = lead[candidate, day]
    turned = (led[1:] != led[:-1]) & (candidate[1:] == candidate[:-1])
    return np.bincount(candidate[1:][turned], minlength=len(lead))


def _opposed(values: Floats, used: Bools) -> tuple[Floats, Floats]:
    """The correlation of the two pages over the used days, and the chance of one as low where there is none."""
    days = used.sum(axis=1)
    weight = used.astype(np.float64)
    means = ratio(np.einsum("ct,ctp->cp", weight, values), np.repeat(days[:, None], 2, axis=1))
    away = (values - np.nan_to_num(means)[:, None, :]) * weight[:, :, None]
    together = away[:, :, 0] * away[:, :, 1]
    squares = np.einsum("ctp,ctp->cp", away, away)
    spread = np.sqrt(squares[:, 0] * squares[:, 1])
    correlation = ratio(together.sum(axis=1), spread)
    slope = ratio(together.sum(axis=1), squares[:, 0])
    residual = away[:, :, 1] - np.nan_to_num(slope)[:, None] * away[:, :, 0]
    held = persistence(residual, away[:, :, 0], used)
    scores = (away[:, :, 0] * residual) ** 2
    t = ratio(slope, ratio(np.sqrt(scores.sum(axis=1) * held.inflation), squares[:, 0]))
    chances = np.where(days > _FEWEST_DAYS, special.stdtr(held.freedom, t), np.nan)
    return correlation, chances


def day_by_day(
    candidate: Ints, day: Ints, page: Ints, impressions: Ints, level: Floats, shape: tuple[int, int]
) -> DayByDay:
    """Rows of candidates as arrays; `level` is the logarithm of the position beside that of comparable rows."""
    size = shape[0] * shape[1] * 2
    place = (candidate * shape[1] + day) * 2 + page
    shown = summed(place, impressions, size)
    mean = ratio(summed(place, impressions * level, size), shown)
    return DayByDay(shown.reshape(*shape, 2), mean.reshape(*shape, 2))
