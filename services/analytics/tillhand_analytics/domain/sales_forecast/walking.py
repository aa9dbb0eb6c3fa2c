"""Forecasts of all levels, and what the same procedure would have forecast before.

The total, the categories and the SKUs are each forecast with one model: that of the least error in sums over the
horizon, pooled over the series of the level. What comes out is made to add up. At each point of the past models and
weights are chosen from what was known by then, so that the record is one of the whole procedure and no hindsight.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.forecasting import measures
from tillhand_analytics.domain.forecasting.backtest import LEAST_STEPS, Backtest, backtest, rolling
from tillhand_analytics.domain.forecasting.baseline import moving_average
from tillhand_analytics.domain.forecasting.choosing import Leader, Record, leader, record
from tillhand_analytics.domain.forecasting.models import NAIVE, SEASONAL_NAIVE, Menu, demand_menu, m4_menu, season_menu
from tillhand_analytics.domain.forecasting.panel import shortened
from tillhand_analytics.domain.forecasting.reconciliation import Levels, Variances, reconciled
from tillhand_analytics.domain.records import Floats
from tillhand_analytics.domain.sales_forecast.history import History
from tillhand_analytics.errors import BadFigure

WEEK: Final = 7
RECONCILED: Final = "reconciled"
LEAST_ORIGINS: Final = 3
MOST_ORIGINS: Final = 12
MOST_EARLIER: Final = 3
WINDOWS: Final = 6_000
"""Ten times as many take several times as long and forecast a shop no better."""
_TOTAL: Final = slice(0, 1)
_GROUPS: Final = slice(1, None)
Menus = Callable[[int], Menu]
"""The models to choose from for a season of so many days."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How the models did for the series of one level: day by day, and `sums` over the horizon."""

    days: Backtest
    sums: Backtest
    record: Record
    leader: Leader
    ahead: Floats
    """What the leader forecasts (n x h)."""

    def at(self, place: int) -> str:
        """The model that would have been chosen at an origin, from the origins before it."""
        if place + earlier_of(len(self.days.origins)) >= len(self.days.origins):
            return SEASONAL_NAIVE
        return leader(record(self.sums.since(place + 1))).model


_Levels = tuple[Tried, Tried, Tried]


@dataclass(frozen=True, slots=True)
class Walk:
    """What the procedure forecasts for each row of the history ((1 + g + n) x h), and what it would have before.

    `past` holds the forecasts of the procedure as RECONCILED, and those of both naive models.
    """

    history: History
    ahead: Floats
    past: Backtest
    total: Tried
    groups: Tried
    members: Tried

    def level(self, row: int) -> Tried:
        """What was tried for the level of a row."""
        if row < self.history.heads:
            return self.groups if row else self.total
        return self.members


def earlier_of(origins: int) -> int:
    """How many of so many origins have to lie before one for a choice at it."""
    return max(1, min(MOST_EARLIER, origins // LEAST_ORIGINS))


def own_sums_menu(season: int) -> Menu:
    """The models that the total and the categories are forecast with, where no library brings others."""
    return season_menu(season, WINDOWS)


def walked(history: History, horizon: int, sums_menu: Menus = own_sums_menu) -> Walk:
    """Forecast a shop for `horizon` days. Raises `BadFigure` naming the horizon that its past is too short for."""
    count = min(MOST_ORIGINS, (history.days - LEAST_STEPS) // horizon)
    if count < LEAST_ORIGINS:
        most = (history.days - LEAST_STEPS) // LEAST_ORIGINS
        known = f"The shop is known for {history.days} days"
        raise BadFigure(
            f"{known}: at most {most} days can be forecast." if most > 0 else f"{known}: too few for a forecast.",
            field="query.horizon_days",
        )
    origins = rolling(horizon, count)
    naive = m4_menu(WEEK).only([NAIVE, SEASONAL_NAIVE])
    sums_of, members_of = naive.beside(sums_menu(WEEK)), naive.beside(demand_menu(WEEK))
    sums = backtest(history.sums, sums_of, horizon, origins, period=WEEK)
    levels = (
        _tried(sums.of(_TOTAL), sums_of, horizon),
        _tried(sums.of(_GROUPS), sums_of, horizon),
        _tried(backtest(history.members, members_of, horizon, origins, period=WEEK), members_of, horizon),
    )
    came = np.concatenate([each.days.came for each in levels], axis=1)
    picks = np.array([_picked(history, levels, place) for place in range(count)])
    past = [
        _adding_up(history, picks[place], _variances(came[place + 1 :], picks[place + 1 :]))
        for place in range(count - earlier_of(count))
    ]
    variance = _variances(came, picks)
    variance[history.heads :][~history.for_sale] = 0.0  # surely nothing
    ahead = _adding_up(history, _ahead(history, levels), variance)
    return Walk(history, ahead, _past(history, levels, np.array(past)), *levels)


def _tried(days: Backtest, menu: Menu, horizon: int) -> Tried:
    """The record of a level; models that learn across series see those of the level alone when they forecast."""
    sums = days.summed()
    found = record(sums)
    led = leader(found)
    return Tried(days, sums, found, led, menu.only([led.model]).forecasts(days.panel, horizon)[led.model])


def _picked(history: History, levels: _Levels, place: int) -> Floats:
    """What the models chosen at an origin forecast, before that is made to add up."""
    found = [each.days.forecasts[each.at(place)][place] for each in levels]
    found[-1] = _whole(shortened(history.members, levels[-1].days.origins[place]), found[-1])
    return np.concatenate(found)


def _ahead(history: History, levels: _Levels) -> Floats:
    """What is forecast now, before it is made to add up: nothing of what is not for sale any more."""
    total, groups, members = (each.ahead for each in levels)
    return np.concatenate([total, groups, np.where(history.for_sale[:, None], _whole(history.members, members), 0.0)])


def _whole(members: Floats, found: Floats) -> Floats:
    """Forecasts of SKUs too young for a model are the mean of what is known, or zero."""
    if np.isfinite(found).all():
        return found
    means = np.nan_to_num(moving_average(members, found.shape[1]))
    return np.where(np.isfinite(found), found, means)


def _variances(came: Floats, forecast: Floats) -> Floats:
    """The mean squared error of each row over origins (o x m x h to m)."""
    missed = (came - forecast) ** 2
    return measures.mean_over(missed.transpose(1, 0, 2).reshape(missed.shape[1], -1))


def _adding_up(history: History, values: Floats, variance: Floats) -> Floats:
    heads = history.heads
    base = Levels(history.group, values[0], values[1:heads], values[heads:])
    found = reconciled(base, Variances(float(variance[0]), variance[1:heads], variance[heads:]))
    return _told(history, found.members)


def _told(history: History, members: Floats) -> Floats:
    """Rounded SKUs, and the categories and the total as their sums, so that what is told adds up too."""
    rounded = history.rounded(members)
    groups = np.zeros((history.heads - 1, rounded.shape[1]))
    np.add.at(groups, history.group, rounded)
    return np.concatenate([groups.sum(axis=0, keepdims=True), groups, rounded])


def _past(history: History, levels: _Levels, found: Floats) -> Backtest:
    """All levels as one backtest, without its earliest origins, before which too little was known for a choice."""
    days, count = [each.days for each in levels], len(found)
    naive = {
        name: np.concatenate([each.forecasts[name] for each in days], axis=1)[:count]
        for name in (NAIVE, SEASONAL_NAIVE)
    }
    return Backtest(
        panel=history.values,
        origins=days[0].origins[:count],
        period=days[0].period,
        came=np.concatenate([each.came for each in days], axis=1)[:count],
        scale=np.concatenate([each.scale for each in days], axis=1)[:count],
        forecasts={RECONCILED: found, **naive},
    )
