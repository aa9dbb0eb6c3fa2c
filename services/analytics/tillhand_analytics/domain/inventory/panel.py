"""The demand of each SKU by day, with what is known of it today: what all inventory figures are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tillhand_analytics.domain.records import UNKNOWN, Bools, Floats, Ints, Shop, Texts

Matrix: TypeAlias = NDArray[np.float32]
"""SKUs by days or weeks. Whole numbers up to 16 million are exact in it."""


@dataclass(frozen=True, slots=True)
class Panel:
    """`n` SKUs over `d` days, the last of which is the last complete one.

    `units` (n x d) is demand: what was ordered on a day, without cancelled orders. What is returned later was wanted
    all the same, and is told apart as `returned_units`; `revenue_minor` is after discounts and less what was refunded
    of the SKU's lines. `available` (n x d) is False on days when a SKU could not be bought: before it was on sale, and
    when nothing was left and nothing sold. A day on which the last unit went counts as available, for goods that are
    kept one at a time would otherwise never have sold. Stock-outs are observed from day index `observed_from` on, `d`
    where they never were; days before that count as available.

    `on_hand` is what lies there, `sellable` what of it no customer has ordered yet, and `incoming` what is on its way;
    NaN where no source knows. `price_minor`, `unit_cost_minor` and `lead_time_days` are -1 where nobody knows them.
    """

    first_day: np.datetime64
    last_day: np.datetime64
    skus: Texts
    suppliers: Texts
    units: Matrix
    available: Bools
    observed_from: int
    on_sale: Bools
    revenue_minor: Floats
    returned_units: Floats
    price_minor: Ints
    unit_cost_minor: Ints
    on_hand: Floats
    sellable: Floats
    incoming: Floats
    lead_time_days: Ints
    for_sale: Bools

    @property
    def days(self) -> int:
        """How many days there are."""
        return int(self.units.shape[1])

    @property
    def margin_minor(self) -> Floats:
        """What a unit earns: its price less its cost, NaN where either is not known."""
        return np.where(
            (self.price_minor == UNKNOWN) | (self.unit_cost_minor == UNKNOWN),
            np.nan,
            (self.price_minor - self.unit_cost_minor).astype(np.float64),
        )

    @property
    def cost_minor(self) -> Floats:
        """What a unit costs, NaN where nobody knows."""
        return np.where(self.unit_cost_minor == UNKNOWN, np.nan, self.unit_cost_minor.astype(np.float64))


def demand(rows: Ints, columns: Ints, quantity: Ints, shape: tuple[int, int]) -> Matrix:
    """Sum quantities into a matrix of a shape; rows and columns say where each goes."""
    flat = np.zeros(shape[0] * shape[1], np.float32)
    np.add.at(flat, rows * shape[1] + columns, quantity.astype(np.float32))
    return flat.reshape(shape)


def panel_of(shop: Shop) -> Panel:
    """The panel of a shop: `shop.first_day` to `shop.last_day`, a row per variant in their order."""
    variants, lines, orders = shop.variants, shop.lines, shop.orders
    shape = (len(variants.ids), int((shop.last_day - shop.first_day).astype(np.int64)) + 1)
    day = _index(orders.day, shop)[lines.order]
    valid = np.isnat(orders.cancelled_at)[lines.order] & (lines.variant >= 0) & (day >= 0) & (day < shape[1])
    units = demand(lines.variant[valid], day[valid], lines.quantity[valid], shape)
    returned, refunded = _given_back(shop, valid)
    on_sale, observed_from = _on_sale(shop, shape), _observed_from(shop, shape[1])
    return Panel(
        first_day=shop.first_day,
        last_day=shop.last_day,
        skus=variants.skus,
        suppliers=variants.suppliers,
        units=units,
        available=on_sale & ~(_out(shop, shape) & (units == 0)),
        observed_from=observed_from,
        on_sale=on_sale,
        revenue_minor=_summed(lines.variant[valid], lines.amount_minor[valid], shape[0]) - refunded,
        returned_units=returned,
        price_minor=variants.price_minor,
        unit_cost_minor=variants.unit_cost_minor,
        on_hand=_level(shop, shop.stock.on_hand),
        sellable=_level(shop, shop.stock.available),
        incoming=_incoming(shop),
        lead_time_days=variants.lead_time_days,
        for_sale=variants.for_sale,
    )


def _index(days: NDArray[np.datetime64], shop: Shop) -> Ints:
    """Days as indexes from the first one; NaT becomes a large negative number."""
    since: Ints = (days.astype("datetime64[D]") - shop.first_day.astype("datetime64[D]")).astype(np.int64)
    return since


def _summed(places: Ints, amounts: Ints, number: int) -> Floats:
    total: Floats = np.bincount(places, weights=amounts, minlength=number).astype(np.float64, copy=False)
    return total


def _given_back(shop: Shop, valid: Bools) -> tuple[Floats, Floats]:
    """Units and money that were given back for the lines that count, by SKU."""
    refunds, number = shop.refunds, len(shop.variants.ids)
    rows = np.flatnonzero(refunds.line >= 0)
    rows = rows[valid[refunds.line[rows]]]
    variant = shop.lines.variant[refunds.line[rows]]
    return _summed(variant, refunds.quantity[rows], number), _summed(variant, refunds.amount_minor[rows], number)


def _on_sale(shop: Shop, shape: tuple[int, int]) -> Bools:
    since = shop.variants.on_sale_from
    first = np.where(np.isnat(since), 0, _index(since, shop))
    return np.arange(shape[1])[None, :] >= first[:, None]


def _out(shop: Shop, shape: tuple[int, int]) -> Bools:
    out = np.zeros(shape, np.bool_)
    day = _index(shop.stock_outs.day, shop)
    seen = (day >= 0) & (day < shape[1])
    out[shop.stock_outs.variant[seen], day[seen]] = True
    return out


def _observed_from(shop: Shop, days: int) -> int:
    known = shop.stock_outs.known_from
    return days if np.isnat(known) else int(np.clip(_index(np.array([known]), shop)[0], 0, days))


def _level(shop: Shop, column: Ints) -> Floats:
    """A level of stock, all locations together; NaN where no location knows one."""
    number = len(shop.variants.ids)
    known = shop.stock.on_hand != UNKNOWN
    total = _summed(shop.stock.variant[known], column[known], number)
    seen = np.bincount(shop.stock.variant[known], minlength=number)
    return np.where(seen > 0, total, np.nan)


def _incoming(shop: Shop) -> Floats:
    """What is on its way: by the purchase orders where there are any, else as the stock's source says."""
    if len(shop.deliveries.ordered) == 0:
        return np.maximum(np.nan_to_num(_level(shop, shop.stock.incoming)), 0)
    awaited = np.isnat(shop.deliveries.received_on) & (shop.deliveries.variant >= 0)
    return _summed(shop.deliveries.variant[awaited], shop.deliveries.ordered[awaited], len(shop.variants.ids))
