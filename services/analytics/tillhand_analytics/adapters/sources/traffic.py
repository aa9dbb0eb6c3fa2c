"""How Analytics and Search Console are asked for days. Google counts searches by days of California."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from tillhand_analytics.adapters.normalising.files import GOOGLE, VISITS, Window
from tillhand_analytics.adapters.normalising.traffic import SEARCH_DIMENSIONS, VISIT_DIMENSIONS, VISIT_METRICS
from tillhand_analytics.adapters.sources.connectors import Connectors
from tillhand_analytics.adapters.sources.daily import Form, Row
from tillhand_analytics.adapters.sources.scrubbing import scrubbed

A_PAGE: Final = 1_000
GA4_LAG: Final = timedelta(days=1)
"""A day of Analytics is whole only a day after it has ended."""
SEARCH_LAG: Final = timedelta(days=3)
PROBED: Final = timedelta(days=10)


def _visits(first: date, last: date) -> Mapping[str, Any]:
    return {
        "metrics": list(VISIT_METRICS),
        "dimensions": list(VISIT_DIMENSIONS),
        "start_date": first.isoformat(),
        "end_date": last.isoformat(),
        "order_by": {"field": "date", "descending": False},
        "limit": A_PAGE,
    }


def _visit_rows(found: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    for day, channel, page, device, country, *sums in found["rows"]:
        yield f"{day[:4]}-{day[4:6]}-{day[6:]}", [channel, scrubbed(page), device, country, *sums]


def _whole_visits(found: Mapping[str, Any]) -> bool:
    quality = found["quality"]
    return not (quality["sampled"] or quality["thresholded"] or quality["data_loss_from_other_row"])


async def _counted_visits(connectors: Connectors, window: Window) -> Window:
    """The days of a window that Analytics has counted; nothing has to be asked for that."""
    del connectors
    return Window(window.first_day, window.last_day - GA4_LAG)


VISIT_REPORTS: Final = Form(
    source="ga4",
    file=VISITS,
    tool="ga4_report",
    chunk_days=31,
    settles_days=3,
    final=_counted_visits,
    arguments=_visits,
    rows_of=_visit_rows,
    about=lambda found: {"currency": found["quality"]["currency"]},
    whole=_whole_visits,
)


def _searches(first: date, last: date) -> Mapping[str, Any]:
    return {
        "start_date": first.isoformat(),
        "end_date": last.isoformat(),
        "dimensions": list(SEARCH_DIMENSIONS),
        "limit": A_PAGE,
    }


def _search_rows(found: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    for each in found["rows"]:
        day, page, query, country, device = each["keys"]
        where = [scrubbed(page), scrubbed(query), country, device]
        yield day, [*where, each["clicks"], each["impressions"], each["position"]]


async def _counted_searches(connectors: Connectors, window: Window) -> Window:
    """The days of a window that Search Console has counted for good. Raises `SourceUnavailable`."""
    first = max(window.first_day, window.last_day - PROBED)
    arguments = {"start_date": first.isoformat(), "end_date": window.last_day.isoformat(), "dimensions": ["DATE"]}
    answered = await connectors.call("search_console", "search_console_analytics", arguments)
    told = [date.fromisoformat(each["keys"][0]) for each in answered.found["rows"]]
    return Window(window.first_day, max(told, default=window.last_day - SEARCH_LAG))


SEARCH_REPORTS: Final = Form(
    source="search_console",
    file=GOOGLE,
    tool="search_console_analytics",
    chunk_days=7,
    settles_days=-1,  # what is counted for good does not change
    final=_counted_searches,
    arguments=_searches,
    rows_of=_search_rows,
)
