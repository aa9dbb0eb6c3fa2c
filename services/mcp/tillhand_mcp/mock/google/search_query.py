"""What was searched for: rows by dimensions, filtered, with their weighted positions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from tillhand_mcp.mock.google import countries
from tillhand_mcp.mock.google.calls import invalid
from tillhand_mcp.mock.google.search_filters import filters, upper
from tillhand_mcp.mock.pages import absolute, local
from tillhand_mockshop.model import SearchRow, Shop

FIELDS: Final = frozenset({
    "startDate", "endDate", "dimensions", "dimensionFilterGroups", "type", "searchType", "aggregationType", "rowLimit",
    "startRow", "dataState",
})  # fmt: skip
DIMENSIONS: Final = ("DATE", "QUERY", "PAGE", "COUNTRY", "DEVICE", "SEARCH_APPEARANCE")
TYPES: Final = ("WEB", "IMAGE", "VIDEO", "NEWS", "DISCOVER", "GOOGLE_NEWS")
AGGREGATIONS: Final = ("AUTO", "BY_PROPERTY", "BY_PAGE")
STATES: Final = ("FINAL", "ALL")
DEFAULT_ROWS: Final = 1_000
MOST_ROWS: Final = 25_000
UNSETTLED_DAYS: Final = 2  # what is younger may still change


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is asked, its words in capitals as the discovery document has them."""

    first: date
    last: date
    dimensions: tuple[str, ...]
    filters: tuple[tuple[str, Callable[[str], bool]], ...]
    type: str
    aggregation: str
    state: str
    rows: int
    start: int

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> SearchQuery:
        """Return the query in a body, or refuse it."""
        first, last = _day(content, "startDate"), _day(content, "endDate")
        if first > last:
            raise invalid("startDate must be less than or equal to endDate.", "invalidParameter")
        listed = content.get("dimensions") or []
        if not isinstance(listed, list):
            raise invalid("Invalid value at 'dimensions'", "invalidParameter")
        dimensions = tuple(upper(name, DIMENSIONS, "dimensions") for name in listed)
        if len(set(dimensions)) < len(dimensions):
            raise invalid("Dimensions must not be repeated.", "invalidParameter")
        found = filters(content.get("dimensionFilterGroups", []))
        by_page = "PAGE" in dimensions or any(name == "PAGE" for name, _ in found)
        return cls(
            first,
            last,
            dimensions,
            found,
            upper(content.get("type") or content.get("searchType") or "WEB", TYPES, "type"),
            _aggregation(upper(content.get("aggregationType") or "AUTO", AGGREGATIONS, "aggregationType"), by_page),
            upper(content.get("dataState") or "FINAL", STATES, "dataState"),
            _number(content, "rowLimit", DEFAULT_ROWS, 1, MOST_ROWS),
            _number(content, "startRow", 0, 0, None),
        )


class Searches:
    """The searches on Google that led to the shop, by day."""

    def __init__(self, shop: Shop) -> None:
        self._days: defaultdict[date, list[SearchRow]] = defaultdict(list)
        for row in shop.search:
            if row.engine == "google":
                self._days[row.day].append(row)
        self.paths = {local(row.page).partition("?")[0] for rows in self._days.values() for row in rows}
        self._readers: dict[str, Callable[[SearchRow], str]] = {
            "DATE": lambda row: row.day.isoformat(),
            "QUERY": lambda row: row.query,
            "PAGE": lambda row: absolute(shop, row.page),
            "COUNTRY": lambda row: countries.alpha3(row.country),
            "DEVICE": lambda row: row.device.upper(),
            "SEARCH_APPEARANCE": lambda _: "",
        }

    def answer(self, query: SearchQuery, today: date) -> dict[str, Any]:
        """Return the rows of a query as they stand `today`."""
        incomplete = today - timedelta(days=UNSETTLED_DAYS)
        last = min(query.last, today) if query.state == "ALL" else min(query.last, incomplete - timedelta(days=1))
        rows = self._measured(query, last)
        page = rows[query.start : query.start + query.rows]
        answered: dict[str, Any] = {"responseAggregationType": query.aggregation}
        if page:
            answered["rows"] = page
        if query.state == "ALL" and "DATE" in query.dimensions and query.first <= last and last >= incomplete:
            answered["metadata"] = {"firstIncompleteDate": max(incomplete, query.first).isoformat()}
        return answered

    def _measured(self, query: SearchQuery, last: date) -> list[dict[str, Any]]:
        # Nothing of the shop is found as an image, and nothing in a special appearance.
        if query.type != "WEB" or "SEARCH_APPEARANCE" in query.dimensions:
            return []
        readers = [self._readers[name] for name in query.dimensions]
        groups: defaultdict[tuple[str, ...], list[SearchRow]] = defaultdict(list)
        for row in self._wanted(query, last):
            groups[tuple(read(row) for read in readers)].append(row)
        rows = [_measures(keys, group) for keys, group in sorted(groups.items())]
        rows.sort(key=lambda row: -row["clicks"])
        if "DATE" in query.dimensions:
            place = query.dimensions.index("DATE")
            rows.sort(key=lambda row: str(row["keys"][place]))
        return rows

    def _wanted(self, query: SearchQuery, last: date) -> Iterable[SearchRow]:
        tests = [(self._readers[name], holds) for name, holds in query.filters]
        for day, rows in self._days.items():
            if query.first <= day <= last:
                yield from (row for row in rows if all(holds(read(row)) for read, holds in tests))


def _measures(keys: tuple[str, ...], rows: list[SearchRow]) -> dict[str, Any]:
    clicks, impressions = sum(row.clicks for row in rows), sum(row.impressions for row in rows)
    weighted = sum(row.position * row.impressions for row in rows)
    named: dict[str, Any] = {"keys": list(keys)} if keys else {}
    return {
        **named,
        "clicks": clicks,
        "impressions": impressions,
        "ctr": clicks / impressions if impressions else 0.0,
        "position": weighted / impressions if impressions else 0.0,
    }


def _aggregation(wanted: str, by_page: bool) -> str:
    if wanted == "BY_PROPERTY" and by_page:
        raise invalid("Cannot aggregate by property when grouping or filtering by page.", "invalidParameter")
    if wanted == "AUTO":
        return "BY_PAGE" if by_page else "BY_PROPERTY"
    return wanted


def _day(content: Mapping[str, Any], name: str) -> date:
    value = content.get(name)
    if not value:
        raise invalid(f"Required parameter is missing: {name}", "required")
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise invalid(
            f"Invalid date format: {value}. Dates must be of the form YYYY-MM-DD.", "invalidParameter"
        ) from None


def _number(content: Mapping[str, Any], name: str, default: int, least: int, most: int | None) -> int:
    value = content.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < least or (most is not None and value > most):
        between = f"between {least} and {most:,}" if most is not None else f"at least {least}"
        raise invalid(f"{name} must be {between}.", "invalidParameter")
    return value
