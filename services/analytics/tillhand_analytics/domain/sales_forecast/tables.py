"""A forecast as tables: one row a series, one row a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.forecasting.measures import least
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Bools, Floats, Ints, Texts
from tillhand_analytics.domain.sales_forecast.expected import Ends, Expected
from tillhand_analytics.domain.sales_forecast.history import History, Level
from tillhand_analytics.domain.sales_forecast.walking import RECONCILED
from tillhand_analytics.domain.tables import Column, Table
from tillhand_analytics.errors import BadFigure, UnknownRow

TOTAL: Final = ""
"""The key of the whole shop."""
_TOTALS: Final[tuple[Level, ...]] = ("total",)
_CATEGORIES: Final[tuple[Level, ...]] = ("category",)
_SKUS: Final[tuple[Level, ...]] = ("sku",)


@dataclass(frozen=True, slots=True)
class Which:
    """Which series are told: of one level, of one category with its SKUs, or all of what is for sale."""

    level: Level | None = None
    category: str | None = None

    def rows(self, history: History) -> Ints:
        """Their rows. Raises `BadFigure` where there is no such category."""
        chosen = np.concatenate([_named(("all", *history.categories)), history.for_sale])
        chosen[1 : history.heads] &= _sold(history)
        if self.category is not None:
            if self.category not in history.categories:
                raise BadFigure("There is no such category.", field="query.category")
            place = history.categories.index(self.category)
            mine = np.zeros(len(chosen), np.bool_)
            mine[1 + place] = True
            mine[history.heads :] = history.group == place
            chosen &= mine
        if self.level is not None:
            chosen &= np.array(levels(history)) == self.level
        return np.flatnonzero(chosen)


def _named(names: Sequence[str]) -> Bools:
    return np.array([bool(name) for name in names])


def _sold(history: History) -> Bools:
    """Categories of which anything is for sale."""
    found = np.zeros(len(history.categories), np.bool_)
    found[history.group[history.for_sale]] = True
    return found


def levels(history: History) -> list[Level]:
    """The level of each row."""
    return [*_TOTALS, *_CATEGORIES * len(history.categories), *_SKUS * len(history.skus)]


def keys(history: History) -> Texts:
    """What each row is about: nothing for the total, the name of a category, a SKU."""
    return (TOTAL, *history.categories, *history.skus)


def row_of(history: History, level: Level, key: str) -> int:
    """The row of a series. Raises `UnknownRow`."""
    for row, (its_level, its_key) in enumerate(zip(levels(history), keys(history), strict=True)):
        if its_level == level and (its_key == key or level == "total"):
            return row
    raise UnknownRow(f"There is no such {'SKU' if level == 'sku' else level}.", field="query.key")


def forecast_table(found: Expected, ends: Ends, which: Which) -> Table:
    """What is expected of each series over the horizon, beside the days before, with its record."""
    history, rows = found.history, which.rows(found.history)
    ours = found.record.models.index(RECONCILED)
    wape, bias = found.record.wape[ours], found.record.bias[ours]
    naive = least(np.delete(found.record.wape, ours, axis=0))
    told = [_note(found, row, wape, naive) for row in rows.tolist()]
    expected, before = found.total[rows], found.before[rows]
    return Table(
        "sales-forecast",
        (
            *_about(found, rows),
            Column("title", "text", "Its name.", _at(titles(history), rows)),
            Column("unit", "text", "What is counted: `minor` units of the currency, or `units`.", _unit(found, rows)),
            Column("expected", "number", "In all days of the horizon together.", expected),
            _end("low", "Lower end of the interval of that.", ends.sum_low[rows]),
            _end("high", "Upper end; missing where too few errors are known for it.", ends.sum_high[rows]),
            Column("before", "number", "What came in as many days right before.", before),
            Column(
                "change_share",
                "number",
                "What is expected against that, as a share of it.",
                ratio(expected - before, before),
            ),
            Column("model", "text", "What it was forecast with, before all was made to add up.", _models(found, rows)),
            Column(
                "beats_naive",
                "boolean",
                "The record is better than that of both naive forecasts.",
                found.beats_naive[rows],
            ),
            Column(
                "wape",
                "number",
                "What sums over the horizon were off by at earlier points, as a share of what came.",
                wape[rows],
            ),
            Column("naive_wape", "number", "The same of the better naive forecast.", naive[rows]),
            Column("bias", "number", "Forecast less what came, as a share of that.", bias[rows]),
            Column(
                "coverage",
                "number",
                "The share of such sums within such intervals, of series alike.",
                ends.coverage[rows],
            ),
            Column(
                "origins", "integer", "Points of the past at which it was tried.", np.full(len(rows), found.origins)
            ),
            Column("note", "text", "Why this model, and how well it does here.", told),
        ),
    )


def days_table(found: Expected, ends: Ends, row: int) -> Table:
    """A series day by day."""
    days = found.history.last_day + np.arange(1, found.horizon + 1)
    rows = np.full(found.horizon, row)
    return Table(
        "sales-forecast-days",
        (
            *_about(found, rows),
            Column("day", "day", "A day ahead.", days),
            Column("unit", "text", "What is counted: `minor` units of the currency, or `units`.", _unit(found, rows)),
            Column("expected", "number", "Expected on that day.", found.days[row]),
            _end("low", "Lower end of the interval of that.", ends.low[row]),
            _end("high", "Upper end; missing where too few errors are known for it.", ends.high[row]),
        ),
    )


def titles(history: History) -> Texts:
    """The name of each row."""
    return ("All goods", *history.categories, *history.titles)


def _about(found: Expected, rows: Ints) -> tuple[Column, Column]:
    history = found.history
    return (
        Column(
            "level", "text", "Whether the row is about the whole shop, a category or a SKU.", _at(levels(history), rows)
        ),
        Column(
            "key",
            "text",
            "Which one: the name of a category or a SKU, nothing for the whole shop.",
            _at(keys(history), rows),
        ),
    )


def _unit(found: Expected, rows: Ints) -> list[str | None]:
    return ["units" if found.history.measure == "units" else "minor"] * len(rows)


def _models(found: Expected, rows: Ints) -> list[str | None]:
    return [found.walk.level(row).leader.model for row in rows.tolist()]


def _note(found: Expected, row: int, ours: Floats, naive: Floats) -> str:
    led = found.walk.level(row).leader
    if not np.isfinite(ours[row]):
        return f"{led.reason} This series is too young, or sells too little, for a record of its own."
    if found.beats_naive[row]:
        return led.reason
    return (
        f"{led.reason} For this series alone a naive forecast was not worse ({naive[row]:.0%} off against "
        f"{ours[row]:.0%}); it adds up with the others all the same."
    )


def _end(name: str, about: str, values: Floats) -> Column:
    known = np.isfinite(values)
    return Column(name, "number", about, np.where(known, values, 0.0), known)


def _at(texts: Sequence[str], rows: Ints) -> list[str | None]:
    return [texts[row] for row in rows.tolist()]
