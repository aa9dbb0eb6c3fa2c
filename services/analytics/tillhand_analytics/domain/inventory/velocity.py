"""How fast goods sell, and how long what lies there lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.inventory.panel import Panel
from tillhand_analytics.domain.inventory.windows import recent, recent_days
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Bools, Floats, Ints, Texts

WINDOWS: Final = (7, 28, 90)
COVER_WINDOW: Final = 28
"""Days whose velocity days of cover are reckoned with, where there was demand in them; else the longest window's."""


@dataclass(frozen=True, slots=True)
class Velocity:
    """Units a day over each of `windows`, n x windows: demand of the window by its available days.

    NaN where the SKU could not be bought on any of them. `units` and `available_days` are what was divided.
    """

    windows: tuple[int, ...]
    units: Floats
    available_days: Floats
    per_day: Floats

    def over(self, window: int) -> Floats:
        """The velocity of one window. Raises ValueError for another one."""
        if window not in self.windows:
            raise ValueError(f"window: {window} is none of {self.windows}")
        return self.per_day[:, self.windows.index(window)]

    @property
    def current(self) -> Floats:
        """Units a day to plan with: of the last 28 days, or of the longest window where those had no demand."""
        short, long = self.over(COVER_WINDOW), self.per_day[:, -1]
        return np.nan_to_num(np.where(np.nan_to_num(short) > 0, short, long))


@dataclass(frozen=True, slots=True)
class Cover:
    """Days that the stock lasts; NaN where the stock is not known, or where nothing is asked for."""

    days: Floats
    stock_known: Bools

    @property
    def reasons(self) -> Texts:
        """Why there is no number: `stock_unknown` or `no_demand`, empty where there is one."""
        without = np.where(self.stock_known, "no_demand", "stock_unknown")
        return tuple(np.where(np.isnan(self.days), without, "").tolist())


def velocity_of(panel: Panel, windows: Sequence[int] = WINDOWS) -> Velocity:
    """The velocity of every SKU over windows of days, the longest last."""
    units = recent(panel.units, windows)
    available = recent_days(panel.available, windows)
    return Velocity(tuple(windows), units, available, ratio(units, available))


def cover_of(stock: Floats, per_day: Floats) -> Cover:
    """Stock by velocity. Stock that is oversold covers 0 days; what does not sell lasts for no number of days."""
    days = ratio(np.maximum(stock, 0.0), per_day)
    return Cover(days, ~np.isnan(stock))


def deciles_of(per_day: Floats) -> Ints:
    """Velocity deciles among SKUs with demand: 10 is the fastest tenth, 1 the slowest, 0 has no demand at all."""
    moving = np.flatnonzero(per_day > 0)
    deciles = np.zeros(len(per_day), np.int64)
    order = moving[np.argsort(per_day[moving], kind="stable")]
    deciles[order] = 1 + np.arange(len(order)) * 10 // max(len(order), 1)
    return deciles
