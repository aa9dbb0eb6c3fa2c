"""Visits and searches, from reports by day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from tillhand_analytics.adapters.column_making import Places, floats, ints, minor
from tillhand_analytics.adapters.normalising.countries import two_letters
from tillhand_analytics.adapters.normalising.files import Window, rows
from tillhand_analytics.domain.records import Days, Ints, Searches, Visits

VISIT_DIMENSIONS: Final = ("date", "sessionDefaultChannelGroup", "landingPage", "deviceCategory", "countryId")
VISIT_METRICS: Final = (
    "sessions",
    "engagedSessions",
    "totalUsers",
    "newUsers",
    "itemViewEvents",
    "addToCarts",
    "checkouts",
    "ecommercePurchases",
    "purchaseRevenue",
)
SEARCH_DIMENSIONS: Final = ("DATE", "PAGE", "QUERY", "COUNTRY", "DEVICE")
_SUMS: Final = (
    "sessions",
    "engaged",
    "users",
    "new_users",
    "item_views",
    "add_to_carts",
    "checkouts",
    "purchases",
)
_NOT_SET: Final = "(not set)"
Found = tuple[str, Sequence[Any]]
"""A day, and a row of it."""


def visits(content: bytes, currency: str, window: Window) -> Visits:
    """Visits by day, channel, landing page, device and country. Revenue in other money than the shop's counts as 0."""
    pages, channels, devices, countries = Places(), Places(), Places(), Places()
    found = list(_in_window(content, window))
    foreign = foreign_days(content, currency)
    sums = [ints(int(row[4 + at]) for _, row in found) for at in range(len(VISIT_METRICS) - 1)]
    revenue = minor((0 if day in foreign else row[12] for day, row in found), currency)
    return Visits(
        channel=channels.of(row[0] for _, row in found),
        page=pages.of(_path(row[1]) for _, row in found),
        device=devices.of(row[2] for _, row in found),
        country=countries.of("" if row[3] == _NOT_SET else row[3] for _, row in found),
        pages=pages.texts,
        channels=channels.texts,
        devices=devices.texts,
        countries=countries.texts,
        day=_days(found),
        **dict(zip(_SUMS, sums, strict=True)),
        revenue_minor=revenue,
    )


def foreign_days(content: bytes, currency: str) -> frozenset[str]:
    """The days of a report whose money is not the shop's."""
    return frozenset(each["day"] for each in rows(content) if each.get("currency") not in {None, currency})


def searches(google: bytes, bing: bytes, window: Window) -> Searches:
    """Searches on Google by day, page, query, country and device, and on Bing by week and query.

    A week of Bing's stands on its last day; its rows have no page, country or device, whose texts are empty.
    """
    on_google = list(_in_window(google, window))
    on_bing = [(day, ("", row[0], "", "", *row[1:])) for day, row in _in_window(bing, window)]
    found = [*on_google, *on_bing]
    pages, queries, countries, devices = Places(), Places(), Places(), Places()
    known: dict[str, str] = {"": ""}
    return Searches(
        page=pages.of(row[0] for _, row in found),
        query=queries.of(row[1] for _, row in found),
        country=countries.of(known.setdefault(row[2], two_letters(row[2])) for _, row in found),
        device=devices.of(row[3].lower() for _, row in found),
        pages=pages.texts,
        queries=queries.texts,
        countries=countries.texts,
        devices=devices.texts,
        engine=_engines(len(on_google), len(on_bing)),
        day=_days(found),
        clicks=ints(int(row[4]) for _, row in found),
        impressions=ints(int(row[5]) for _, row in found),
        position=floats(row[6] for _, row in found),
    )


def _engines(google: int, bing: int) -> Ints:
    return np.repeat(np.arange(2, dtype=np.int64), [google, bing])


def _in_window(content: bytes, window: Window) -> Iterator[Found]:
    first, last = window.first_day.isoformat(), window.last_day.isoformat()
    for each in sorted(rows(content), key=_day):
        if first <= each["day"] <= last:
            yield from ((each["day"], row) for row in each["rows"])


def _day(each: Mapping[str, Any]) -> str:
    return str(each["day"])


def _days(found: Sequence[Found]) -> Days:
    return np.array([day for day, _ in found], dtype="datetime64[D]")


def _path(page: str) -> str:
    """A landing page as a path; what is none, such as `(not set)`, is the empty page of its kind."""
    return page if page.startswith("/") else f"/{page}" if page and page != _NOT_SET else "/"
