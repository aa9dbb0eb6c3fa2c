"""What Analytics can report on: its dimensions and metrics, and how they are read from the shop's visits."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from tillhand_mcp.mock.google import countries
from tillhand_mcp.mock.google.calls import Refusal, invalid
from tillhand_mcp.mock.pages import local
from tillhand_mockshop.model import SessionRow

MetricType = Literal["TYPE_INTEGER", "TYPE_FLOAT", "TYPE_CURRENCY"]
Sums = Mapping[str, int]
DATE_RANGE: Final = "dateRange"
MINOR: Final = 100
SUMMED: Final = (
    "sessions",
    "engaged_sessions",
    "users",
    "new_users",
    "item_views",
    "add_to_carts",
    "checkouts",
    "purchases",
    "revenue_minor",
)


@dataclass(frozen=True, slots=True)
class DimensionField:
    """A dimension: its names, and its value in a row."""

    ui_name: str
    category: str
    description: str
    read: Callable[[SessionRow], str]


@dataclass(frozen=True, slots=True)
class MetricField:
    """A metric: its names, and its value over the sums of a group."""

    ui_name: str
    category: str
    type: MetricType
    description: str
    value: Callable[[Sums], Decimal]
    old_name: str | None = None


def _landing(row: SessionRow) -> str:
    return local(row.landing_page).partition("?")[0]


def _ratio(part: str, whole: str) -> Callable[[Sums], Decimal]:
    def value(sums: Sums) -> Decimal:
        return Decimal(sums[part]) / sums[whole] if sums[whole] else Decimal(0)

    return value


def _sum(name: str) -> Callable[[Sums], Decimal]:
    return lambda sums: Decimal(sums[name])


def _money(sums: Sums) -> Decimal:
    return Decimal(sums["revenue_minor"]) / MINOR


def _bounced(sums: Sums) -> Decimal:
    sessions = sums["sessions"]
    return Decimal(sessions - sums["engaged_sessions"]) / sessions if sessions else Decimal(0)


def _average(sums: Sums) -> Decimal:
    return _money(sums) / sums["purchases"] if sums["purchases"] else Decimal(0)


TIME, SOURCE, PAGE, PLATFORM, PLACE = "Time", "Traffic source", "Page / screen", "Platform / device", "Geography"
SESSION, USER, ECOMMERCE, REVENUE = "Session", "User", "Ecommerce", "Revenue"

DIMENSIONS: Final[dict[str, DimensionField]] = {
    "date": DimensionField(
        "Date", TIME, "The day of the event, as YYYYMMDD.", lambda row: row.day.isoformat().replace("-", "")
    ),
    "yearMonth": DimensionField("Year month", TIME, "Year and month, as YYYYMM.", lambda row: f"{row.day:%Y%m}"),
    "dayOfWeek": DimensionField(
        "Day of week", TIME, "The day in its week, from 0 for Sunday.", lambda row: str(row.day.isoweekday() % 7)
    ),
    "sessionDefaultChannelGroup": DimensionField(
        "Session default channel group", SOURCE, "The channel that began the session.", lambda row: row.channel
    ),
    "sessionSource": DimensionField("Session source", SOURCE, "Where the session began.", lambda row: row.source),
    "sessionMedium": DimensionField("Session medium", SOURCE, "By what means it began.", lambda row: row.medium),
    "sessionSourceMedium": DimensionField(
        "Session source / medium", SOURCE, "Both together.", lambda row: f"{row.source} / {row.medium}"
    ),
    "landingPage": DimensionField("Landing page", PAGE, "The path of the session's first page.", _landing),
    "landingPagePlusQueryString": DimensionField(
        "Landing page + query string", PAGE, "The first page's path and query.", lambda row: local(row.landing_page)
    ),
    "deviceCategory": DimensionField("Device category", PLATFORM, "The type of device.", lambda row: row.device),
    "country": DimensionField("Country", PLACE, "The country's name.", lambda row: countries.name(row.country)),
    "countryId": DimensionField("Country ID", PLACE, "The country's ISO 3166 code.", lambda row: row.country.upper()),
}

METRICS: Final[dict[str, MetricField]] = {
    "sessions": MetricField("Sessions", SESSION, "TYPE_INTEGER", "Visits that began.", _sum("sessions")),
    "engagedSessions": MetricField(
        "Engaged sessions", SESSION, "TYPE_INTEGER", "Visits with some interest.", _sum("engaged_sessions")
    ),
    "engagementRate": MetricField(
        "Engagement rate", SESSION, "TYPE_FLOAT", "Engaged of all visits.", _ratio("engaged_sessions", "sessions")
    ),
    "bounceRate": MetricField("Bounce rate", SESSION, "TYPE_FLOAT", "Visits without interest, of all.", _bounced),
    "sessionKeyEventRate": MetricField(
        "Session key event rate",
        SESSION,
        "TYPE_FLOAT",
        "Visits with a key event, here a purchase, of all.",
        _ratio("purchases", "sessions"),
        "sessionConversionRate",
    ),
    "sessionsPerUser": MetricField(
        "Sessions per user", SESSION, "TYPE_FLOAT", "Visits by user.", _ratio("sessions", "users")
    ),
    "totalUsers": MetricField("Total users", USER, "TYPE_INTEGER", "Distinct visitors.", _sum("users")),
    "activeUsers": MetricField("Active users", USER, "TYPE_INTEGER", "Distinct active visitors.", _sum("users")),
    "newUsers": MetricField("New users", USER, "TYPE_INTEGER", "First-time visitors.", _sum("new_users")),
    "itemViewEvents": MetricField(
        "Item view events", ECOMMERCE, "TYPE_INTEGER", "Times that an item was looked at.", _sum("item_views")
    ),
    "itemsViewed": MetricField("Items viewed", ECOMMERCE, "TYPE_INTEGER", "Items looked at.", _sum("item_views")),
    "addToCarts": MetricField("Add to carts", ECOMMERCE, "TYPE_INTEGER", "Additions to a cart.", _sum("add_to_carts")),
    "checkouts": MetricField("Checkouts", ECOMMERCE, "TYPE_INTEGER", "Checkouts begun.", _sum("checkouts")),
    "ecommercePurchases": MetricField(
        "Ecommerce purchases", ECOMMERCE, "TYPE_INTEGER", "Purchases made.", _sum("purchases")
    ),
    "transactions": MetricField(
        "Transactions", ECOMMERCE, "TYPE_INTEGER", "Transactions with revenue.", _sum("purchases")
    ),
    "cartToViewRate": MetricField(
        "Cart-to-view rate", ECOMMERCE, "TYPE_FLOAT", "Added, of viewed.", _ratio("add_to_carts", "item_views")
    ),
    "purchaseToViewRate": MetricField(
        "Purchase-to-view rate", ECOMMERCE, "TYPE_FLOAT", "Bought, of viewed.", _ratio("purchases", "item_views")
    ),
    "purchaseRevenue": MetricField(
        "Purchase revenue", REVENUE, "TYPE_CURRENCY", "From purchases less refunds.", _money
    ),
    "totalRevenue": MetricField("Total revenue", REVENUE, "TYPE_CURRENCY", "From all sources.", _money),
    "averagePurchaseRevenue": MetricField(
        "Average purchase revenue", REVENUE, "TYPE_CURRENCY", "By transaction.", _average
    ),
}
OLD_NAMES: Final = {field.old_name: name for name, field in METRICS.items() if field.old_name}
REALTIME_DIMENSIONS: Final = ("country", "countryId", "deviceCategory")
REALTIME_METRICS: Final = ("activeUsers",)


def dimension(name: str, known: Collection[str] = tuple(DIMENSIONS)) -> DimensionField:
    """Return a dimension by its name, or refuse it as Google does."""
    if name not in known:
        raise _unknown(name, "dimension", known)
    return DIMENSIONS[name]


def metric(name: str, known: Collection[str] = tuple(METRICS)) -> MetricField:
    """Return a metric by its name, or refuse it as Google does."""
    found = OLD_NAMES.get(name, name)
    if found not in known:
        raise _unknown(name, "metric", known)
    return METRICS[found]


def _unknown(name: str, kind: str, known: Collection[str]) -> Refusal:
    near = difflib.get_close_matches(name, known, 1, 0.5)
    meant = f"Did you mean {near[0]}? " if near else ""
    return invalid(
        f"{meant}Field {name} is not a valid {kind}. For a list of valid dimensions and metrics, see "
        "https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema"
    )
