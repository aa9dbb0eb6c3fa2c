"""Puts both kinds of reorder point to the test on a shop's own past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tillhand_analytics.domain.inventory.leads import fixed
from tillhand_analytics.domain.inventory.panel import Matrix, Panel
from tillhand_analytics.domain.inventory.reorder import Backtest, backtest_of, basis_of
from tillhand_analytics.domain.inventory.windows import DAYS_OF_A_WEEK
from tillhand_analytics.domain.records import Ints, Texts


@dataclass(frozen=True, slots=True)
class Trial:
    """One lead time's backtest: the share of lead times in which stock sufficed, and the mean stock that took.

    `stock_ratio` is all conformal points together by all textbook ones.
    """

    lead_time_days: int
    judged: int
    textbook_coverage: float
    conformal_coverage: float
    textbook_stock: float
    conformal_stock: float
    stock_ratio: float


def demand_panel(first_day: np.datetime64, skus: Texts, units: Matrix) -> Panel:
    """A panel of which nothing is known but demand."""
    number, days = units.shape
    unknown = np.full(number, np.nan)
    return Panel(
        first_day=first_day,
        last_day=first_day + np.timedelta64(days - 1, "D"),
        skus=skus,
        suppliers=("",) * number,
        units=units,
        available=np.ones((number, days), np.bool_),
        observed_from=days,
        on_sale=np.ones((number, days), np.bool_),
        revenue_minor=np.zeros(number),
        returned_units=np.zeros(number),
        price_minor=np.full(number, -1),
        unit_cost_minor=np.full(number, -1),
        on_hand=unknown,
        sellable=unknown,
        incoming=np.zeros(number),
        lead_time_days=np.full(number, -1),
        for_sale=np.ones(number, np.bool_),
    )


def chosen_beforehand(units: Matrix, training_days: int, least_sale_days: int) -> Ints:
    """Places of the SKUs that had demand on so many of the training days: a rule that knows nothing of the test."""
    return np.flatnonzero((units[:, :training_days] > 0).sum(axis=1) >= least_sale_days).astype(np.int64)


def tried(panel: Panel, lead_times: Sequence[int], level: float, training_days: int) -> tuple[Trial, ...]:
    """Both methods at weekly origins after the training days, each with what was known at its origin."""
    weeks = (panel.days - training_days) // DAYS_OF_A_WEEK
    number = len(panel.skus)
    return tuple(_judged(days, backtest_of(basis_of(panel, fixed(number, days)), level, weeks)) for days in lead_times)


def _judged(days: int, backtest: Backtest) -> Trial:
    textbook, conformal = backtest.stock("textbook"), backtest.stock("conformal")
    return Trial(
        lead_time_days=days,
        judged=int(backtest.counted.sum()),
        textbook_coverage=backtest.coverage("textbook"),
        conformal_coverage=backtest.coverage("conformal"),
        textbook_stock=textbook,
        conformal_stock=conformal,
        stock_ratio=conformal / textbook if textbook > 0 else float("nan"),
    )
