"""What the generator knows about its shop, and a shop's owner would have to find out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Pattern = Literal["smooth", "erratic", "intermittent", "lumpy", "dead"]
Closing = Literal["enough", "short", "none", "not_for_sale"]


@dataclass(frozen=True, slots=True)
class VariantTruth:
    """How a variant is asked for, whether or not it was in stock.

    `pattern` is the class of its daily demand without season, trend and promotions (Syntetos and Boylan: intervals of
    1.32 days, squared variation of 0.49), or `dead`. `mean_daily` is the mean units asked for a day from `on_sale_from`
    to `on_sale_to`, everything included; `mean_daily_next` is that of the lead time after the last day.
    `season_amplitude` is half of the way from the lowest to the highest day of a year, where the mean day is 1.
    `trend_per_year` is the change of the mean within a year, as a share. `closing` says how the stock of the last day
    stands to `mean_daily_next` over `lead_time_days`, whatever is on its way.
    """

    variant_id: int
    pattern: Pattern
    mean_daily: float
    mean_daily_next: float
    season: str
    season_amplitude: float
    trend_per_year: float
    lead_time_days: int
    on_sale_from: date
    on_sale_to: date
    closing: Closing


@dataclass(frozen=True, slots=True)
class Promotion:
    """A discount on one department, both days in it, and by how much it multiplied demand."""

    department: str
    first_day: date
    last_day: date
    percent: int
    uplift: float


@dataclass(frozen=True, slots=True)
class CustomerTruth:
    """A customer's own purchase rate and chance to leave after a repeat purchase; `active` is so on the last day."""

    customer_id: int
    purchases_per_day: float
    dropout: float
    active: bool


@dataclass(frozen=True, slots=True)
class Loyalty:
    """The population that customers are drawn from (BG/NBD of Fader, Hardie and Lee 2005): rates are gamma with shape
    `r` and rate `alpha` in days, dropouts are beta with `a` and `b`. The days are mean ones: customers live by a clock
    that runs as fast as the four weeks around it are busy. Customers from before the first day are drawn alike.
    """

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class PageQuery:
    """One query on one page."""

    page: str
    query: str


@dataclass(frozen=True, slots=True)
class Decay:
    """A page that sinks for a query from `first_day` on, by how many positions until the last day."""

    page: str
    query: str
    first_day: date
    positions_lost: float


@dataclass(frozen=True, slots=True)
class Cannibalised:
    """A query for which two pages take turns, and hold each other back."""

    query: str
    pages: tuple[str, str]


@dataclass(frozen=True, slots=True)
class SearchTruth:
    """What can be found in the search rows, of Google's desktop and mobile rows of the main country above all.

    `striking` are at positions 8 to 15 with many impressions, `ctr_gaps` are clicked far less than `ctr_curve` says for
    their position (by position from 1). `seasonal_only` are trap pairs: their impressions fell by a quarter or more
    from the four weeks before to the last four weeks, because of the season alone. A
    decaying pair may pass through the positions of `striking` on its way down.
    """

    decays: tuple[Decay, ...]
    cannibalised: tuple[Cannibalised, ...]
    ctr_gaps: tuple[PageQuery, ...]
    striking: tuple[PageQuery, ...]
    seasonal_only: tuple[PageQuery, ...]
    ctr_curve: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Truths:
    """Everything that the generator knows; variants and customers by their ids. `mistaken_orders` are the ids of orders
    that were far too large, and cancelled within minutes.
    """

    variants: Mapping[int, VariantTruth]
    customers: Mapping[int, CustomerTruth]
    loyalty: Loyalty
    promotions: tuple[Promotion, ...]
    mistaken_orders: tuple[int, ...]
    search: SearchTruth
