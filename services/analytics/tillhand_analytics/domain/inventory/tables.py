"""Tables of SKUs: all of them, what is at risk, what is dead, when to reorder, what to order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.inventory.columns import (
    CLASSES,
    COVER,
    IDENTITY,
    LEADS,
    LOST,
    ORDER,
    POINT,
    RISK,
    SPEED,
    STANDING,
    STOCK,
    WORTH,
    Spec,
    table_of,
    whole,
)
from tillhand_analytics.domain.inventory.goods import Goods
from tillhand_analytics.domain.inventory.overview import Overview
from tillhand_analytics.domain.inventory.proposing import purchases_of
from tillhand_analytics.domain.inventory.risk import Standing
from tillhand_analytics.domain.records import Bools, Days, Floats, Ints
from tillhand_analytics.domain.tables import Table

AbcClass = Literal["A", "B", "C"]
XyzClass = Literal["X", "Y", "Z"]
_BY_NAME: Final = {
    spec.name: spec
    for spec in (
        *(*IDENTITY, *STANDING, *STOCK, *SPEED, *COVER, *CLASSES, *WORTH),
        *(*RISK, *LEADS, *POINT, *ORDER, *LOST),
    )
}


@dataclass(frozen=True, slots=True)
class Which:
    """Which SKUs are wanted; None asks for no such thing."""

    category: str | None = None
    supplier: str | None = None
    abc_class: AbcClass | None = None
    xyz_class: XyzClass | None = None
    standing: Standing | None = None
    search: str | None = None

    def rows(self, all_of: Goods) -> Bools:
        """Which rows those are; a standing can be asked of an `Overview` only."""
        chosen = np.ones(len(all_of.panel.skus), np.bool_)
        for wanted, values in (
            (self.category, all_of.shop.variants.categories),
            (self.supplier, all_of.panel.suppliers),
            (self.abc_class, all_of.abc.classes),
            (self.xyz_class, all_of.xyz.classes),
            (self.standing, all_of.risk.standing if isinstance(all_of, Overview) else ()),
        ):
            if wanted is not None:
                chosen &= np.fromiter((value == wanted for value in values), np.bool_, len(values))
        return chosen & self._searched(all_of) if self.search else chosen

    def _searched(self, all_of: Goods) -> Bools:
        """Rows whose SKU, title, category and supplier together hold every word, in any case."""
        words = (self.search or "").casefold().split()
        shown = zip(
            all_of.panel.skus,
            all_of.shop.variants.titles,
            all_of.shop.variants.categories,
            all_of.panel.suppliers,
            strict=True,
        )
        texts = ("\n".join(parts).casefold() for parts in shown)
        found = (all(word in text for word in words) for text in texts)
        return np.fromiter(found, np.bool_, len(all_of.panel.skus))


def _named(*names: str) -> tuple[Spec, ...]:
    return tuple(_BY_NAME[name] for name in names)


def _position(all_of: Overview) -> Floats:
    return all_of.risk.position


def _last_sale(all_of: Goods) -> Days:
    days = all_of.panel.first_day.astype("datetime64[D]") + all_of.idle.last_sale
    return np.where(all_of.idle.last_sale >= 0, days, np.datetime64("NaT"))


def _excess_value(all_of: Goods) -> Floats:
    return whole(all_of.idle.excess_units * all_of.panel.cost_minor)


SKUS: Final = tuple(_BY_NAME.values())
AT_RISK: Final = (
    *IDENTITY,
    *STANDING,
    *STOCK,
    *_named("units_per_day", "days_of_cover", "no_cover_because"),
    *RISK,
    *LEADS,
    *_named("reorder_point", "order_quantity", "abc_class"),
)
ABC: Final = (*_named("sku", "title", "category"), *CLASSES, *_named("velocity_decile", "stock_value_minor"))
DEAD: Final = (
    *IDENTITY,
    *_named("on_hand", "unit_cost_minor", "stock_value_minor"),
    Spec("last_sale_on", "day", "The last day with a sale in the window.", _last_sale, missing=True),
    Spec("idle_days", "integer", "Days since, or since it went on sale.", lambda each: each.idle.idle_days),
)
OVERSTOCK: Final = (
    *IDENTITY,
    *_named("on_hand", "units_per_day", "days_of_cover", "no_cover_because", "stock_value_minor"),
    Spec("excess_units", "integer", "Units beyond the days asked for.", lambda each: each.idle.excess_units),
    Spec("excess_value_minor", "integer", "Those at cost.", _excess_value, missing=True),
)
REORDER: Final = (
    *IDENTITY,
    *STOCK,
    Spec("position", "integer", "What is sellable, and what is on its way.", _position, missing=True),
    *_named("units_per_day"),
    *LEADS,
    *POINT,
    Spec("textbook_reorder_point", "integer", "By the normal formula, to compare.", lambda each: each.textbook),
    *ORDER,
)
LINES: Final = (
    *_named("supplier", "sku", "title", "category"),
    Spec("quantity", "integer", "Units to order.", lambda each: each.orders.units),
    *_named("unit_cost_minor", "order_cost_minor", "units_per_day", "days_of_cover", "on_hand", "incoming", "overdue"),
    *_named("ordered", "waiting", "reorder_point", "reorder_method", *(spec.name for spec in (*LEADS, *RISK))),
    *_named("service_level", "service_level_measured", "service_level_observations", "abc_class"),
)


def skus(all_of: Overview, which: Which) -> Table:
    """Every SKU with all that is known of it, in the order of the shop."""
    return table_of("inventory-skus", all_of, SKUS, np.flatnonzero(which.rows(all_of)))


def at_risk(all_of: Overview, which: Which) -> Table:
    """SKUs that are out of stock or likely to be before new ones can come, the dearest first."""
    standing = np.array(all_of.risk.standing)
    chosen = which.rows(all_of) & np.isin(standing, ["out", "at_risk"])
    return table_of("inventory-at-risk", all_of, AT_RISK, _first(chosen, all_of.risk.lost_margin_minor))


def abc(all_of: Goods, which: Which) -> Table:
    """SKUs by revenue, the best first."""
    return table_of("inventory-abc", all_of, ABC, _first(which.rows(all_of), all_of.panel.revenue_minor))


def dead_stock(all_of: Goods, which: Which) -> Table:
    """Stock without a sale for so many days, by its value."""
    chosen = which.rows(all_of) & all_of.idle.dead
    return table_of("inventory-dead-stock", all_of, DEAD, _first(chosen, all_of.worth.stock_value_minor))


def overstock(all_of: Goods, which: Which) -> Table:
    """Stock beyond so many days of demand, by its value."""
    chosen = which.rows(all_of) & (all_of.idle.excess_units > 0)
    return table_of("inventory-overstock", all_of, OVERSTOCK, _first(chosen, _excess_value(all_of)))


def reorder(all_of: Overview, which: Which, *, due: bool | None = None) -> Table:
    """Reorder points of all SKUs that are for sale, with those of the textbook beside them."""
    chosen = which.rows(all_of) & all_of.panel.for_sale
    if due is not None:
        chosen &= all_of.orders.due == due
    return table_of("inventory-reorder", all_of, REORDER, np.flatnonzero(chosen))


def purchase_lines(all_of: Overview, which: Which) -> Table:
    """What to order now, supplier by supplier, the most urgent first."""
    chosen = which.rows(all_of)
    purchases = purchases_of(all_of.panel, all_of.orders, all_of.risk, all_of.basis)
    rows = np.concatenate([each.rows for each in purchases]) if purchases else np.zeros(0, np.int64)
    return table_of("inventory-purchase-proposals", all_of, LINES, rows[chosen[rows]])


def _first(chosen: Bools, by: Floats) -> Ints:
    """The chosen rows, those of the largest values first, and those of unknown ones last."""
    rows = np.flatnonzero(chosen)
    return rows[np.argsort(-np.nan_to_num(by[rows], nan=-np.inf), kind="stable")]
