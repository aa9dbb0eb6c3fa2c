"""Sales as charts whose look is still open: they take `look` by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tillhand_analytics.domain.charts import (
    Chart,
    Line,
    Measure,
    funnel_chart,
    pareto_chart,
    series_chart,
    waterfall_chart,
)
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.sales.book import Basis, Book
from tillhand_analytics.domain.sales.breakdown import Dimension, breakdown, grouped
from tillhand_analytics.domain.sales.funnel import STAGES, flowed, segmented
from tillhand_analytics.domain.sales.reconciliation import reconciled
from tillhand_analytics.domain.sales.series import series
from tillhand_analytics.domain.sales.windows import Window, length
from tillhand_analytics.domain.tables import Table

Drawing = Callable[..., Chart]
Shown = Literal["net_sales", "gross_sales", "orders", "units", "sessions"]
SHOWN: Final[tuple[Shown, ...]] = get_args(Shown)
_COLUMNS: Final[Mapping[Shown, tuple[str, str]]] = {
    "net_sales": ("net_sales_minor", "Net sales"),
    "gross_sales": ("gross_minor", "Gross sales"),
    "orders": ("orders", "Orders"),
    "units": ("units", "Units"),
    "sessions": ("sessions", "Visits"),
}
_BY: Final[Mapping[Dimension, str]] = {
    "category": "category",
    "product": "product",
    "sku": "SKU",
    "supplier": "supplier",
    "channel": "channel",
}
_TAKEN: Final[Mapping[str, str]] = {
    "discounts": "Discounts",
    "cancellations": "Cancellations",
    "returns": "Returns",
    "allowances": "Allowances",
    "shipping_charged": "Shipping charged",
    "shipping_cancelled": "Shipping cancelled",
}


def series_drawing(shop: Shop, book: Book, asked: Window, basis: Basis, shown: Shown) -> Drawing:
    """A figure day by day, beside that of as many days before where all of them are known."""
    column, name = _COLUMNS[shown]
    now = series(shop, book, asked, "day", basis)
    lines = [Line(name, _numbers(now, column))]
    before = asked.before()
    if before.whole(length(shop)):
        lines.append(
            Line(f"{asked.days} days before", _numbers(series(shop, book, before, "day", basis), column), True)
        )
    days = shop.first_day.astype("datetime64[D]") + asked.first + np.arange(asked.days)
    measure = Measure(name, "money", shop.currency) if column.endswith("_minor") else Measure(name)
    return partial(series_chart, f"{name} a day", days, lines, measure)


def breakdown_drawing(shop: Shop, book: Book, asked: Window, basis: Basis, by: Dimension) -> Drawing:
    """Net sales of goods by what they are, or where they were sold, and what they add up to."""
    table = breakdown(shop, book, asked, basis, grouped(shop, by))
    keys, titles = (_texts(table, name) for name in ("key", "title"))
    names = [key if by == "sku" else title for key, title in zip(keys, titles, strict=True)]
    measure = Measure("Net sales", "money", shop.currency)
    named = [name or "No longer in the catalogue" for name in names]
    return partial(pareto_chart, f"Net sales by {_BY[by]}", named, _numbers(table, "net_minor"), measure)


def funnel_drawing(shop: Shop, asked: Window) -> Drawing:
    """Visits at each stage."""
    counts = flowed(shop, segmented(shop, "all"), asked).whole
    names = [stage.replace("_", " ").capitalize() for stage in STAGES]
    return partial(funnel_chart, "From visits to purchases", names, counts)


def statement_drawing(shop: Shop, book: Book, asked: Window, basis: Basis) -> Drawing:
    """From gross sales to the net total."""
    steps = reconciled(shop, book, asked, basis).steps
    taken = [(_TAKEN[step.entry], float(step.amount_minor)) for step in steps if step.entry in _TAKEN]
    start = ("Gross sales", float(steps[0].amount_minor))
    measure = Measure("Amount", "money", shop.currency)
    return partial(waterfall_chart, "From gross sales to the net total", start, taken, "Net total", measure)


def _numbers(table: Table, name: str) -> NDArray[Any]:
    return np.asarray(next(column.values for column in table.columns if column.name == name))


def _texts(table: Table, name: str) -> Sequence[str]:
    return [str(value) for column in table.columns if column.name == name for value in column.values]
