"""A shop as columns: what mock, recorded and live sources are all turned into.

Columns of one table are equally long. A row of another table is named by its place there, with -1 for none. Money is in
minor units of the shop's currency, days are those of the shop's time zone (`datetime64[D]`), moments are UTC
(`datetime64[s]`) with NaT for never.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Days: TypeAlias = NDArray[np.datetime64]
Moments: TypeAlias = NDArray[np.datetime64]
Texts: TypeAlias = tuple[str, ...]
Engine = Literal["google", "bing"]
UNKNOWN = -1
"""In columns of whole numbers that are never negative: a cost, a lead time or a stock that no source knows."""


@dataclass(frozen=True, slots=True)
class Variants:
    """What is sold, one row per SKU. `unit_cost_minor` and `lead_time_days` may be UNKNOWN; `on_sale_from` may be NaT.

    `for_sale` is whether the product is active today; `suppliers` who delivers it, empty where nobody knows.
    """

    ids: Texts
    skus: Texts
    titles: Texts
    product_ids: Texts
    categories: Texts
    suppliers: Texts
    price_minor: Ints
    unit_cost_minor: Ints
    lead_time_days: Ints
    on_sale_from: Days
    for_sale: Bools


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders as they were placed, cancelled ones too. `customer` is a place in `customers`, -1 for a guest.

    `total_minor` is what was asked at first: lines less discounts, and shipping; prices hold `tax_minor`.
    """

    ids: Texts
    names: Texts
    customers: Texts
    channels: Texts
    customer: Ints
    channel: Ints
    created_at: Moments
    day: Days
    cancelled_at: Moments
    shipping_minor: Ints
    tax_minor: Ints
    total_minor: Ints


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of orders. `amount_minor` is of the whole line, after `discount_minor`; `variant` -1 where it is gone."""

    ids: Texts
    order: Ints
    variant: Ints
    quantity: Ints
    amount_minor: Ints
    discount_minor: Ints


@dataclass(frozen=True, slots=True)
class Refunds:
    """What was given back, a row per line of a refund; `line` is -1 for money without goods (`quantity` is 0 then)."""

    order: Ints
    line: Ints
    at: Moments
    day: Days
    quantity: Ints
    amount_minor: Ints


@dataclass(frozen=True, slots=True)
class Stock:
    """What lies where at the end of the last day, one row per SKU and location."""

    locations: Texts
    variant: Ints
    location: Ints
    available: Ints
    on_hand: Ints
    committed: Ints
    incoming: Ints


@dataclass(frozen=True, slots=True)
class StockOuts:
    """Days at whose end nothing of a SKU was left, one row each; what would have been bought then is in no order.

    `known_from` is the first day for which stock was observed at all, NaT where it never was.
    """

    variant: Ints
    day: Days
    known_from: np.datetime64


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Purchase orders to suppliers, one row per SKU of an order. `received_on` is NaT for what is still to come.

    `promised_on` is the day that the supplier agreed to; `received` may be less than `ordered`.
    """

    ids: Texts
    suppliers: Texts
    purchase: Ints
    supplier: Ints
    variant: Ints
    ordered_on: Days
    promised_on: Days
    received_on: Days
    ordered: Ints
    received: Ints


@dataclass(frozen=True, slots=True)
class Searches:
    """What a query brought to a page on a day. `engine` 0 is google and 1 bing; `position` is the impression-weighted
    mean, from 1. `pages` are full addresses.
    """

    pages: Texts
    queries: Texts
    countries: Texts
    devices: Texts
    engine: Ints
    day: Days
    page: Ints
    query: Ints
    country: Ints
    device: Ints
    clicks: Ints
    impressions: Ints
    position: Floats


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits of a day by channel, landing page, device and country. `pages` are paths that start with a slash."""

    pages: Texts
    channels: Texts
    devices: Texts
    countries: Texts
    day: Days
    page: Ints
    channel: Ints
    device: Ints
    country: Ints
    sessions: Ints
    engaged: Ints
    users: Ints
    new_users: Ints
    item_views: Ints
    add_to_carts: Ints
    checkouts: Ints
    purchases: Ints
    revenue_minor: Ints


ENGINES: tuple[Engine, ...] = ("google", "bing")


@dataclass(frozen=True, slots=True)
class Shop:
    """A whole shop from `first_day` to `last_day`, both in it; `last_day` is the last complete one."""

    name: str
    domain: str
    currency: str
    time_zone: str
    first_day: np.datetime64
    last_day: np.datetime64
    variants: Variants
    orders: Orders
    lines: Lines
    refunds: Refunds
    stock: Stock
    stock_outs: StockOuts
    deliveries: Deliveries
    searches: Searches
    visits: Visits
