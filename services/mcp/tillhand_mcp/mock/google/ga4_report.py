"""A report of Analytics: the shop's visits, filtered, grouped, summed up, ordered, and cut to a page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import add, attrgetter
from typing import Any, Final

from tillhand_mcp.mock.content import Content
from tillhand_mcp.mock.google.calls import check_names, invalid, without_defaults
from tillhand_mcp.mock.google.ga4_dates import DateRange
from tillhand_mcp.mock.google.ga4_fields import DATE_RANGE, DIMENSIONS, METRICS, SUMMED, MetricField, dimension, metric
from tillhand_mcp.mock.google.ga4_filters import predicate
from tillhand_mcp.mock.google.ga4_order import ordered
from tillhand_mockshop.model import SessionRow

MOST_DIMENSIONS: Final = 9
MOST_METRICS: Final = 10
DEFAULT_LIMIT: Final = 10_000
HIGHEST_LIMIT: Final = 250_000
MEASURED: Final = attrgetter(*SUMMED)
PLACES: Final = Decimal("1E-12")
AGGREGATIONS: Final[dict[str, tuple[str, Callable[[Iterable[Decimal]], Decimal]]]] = {
    "MINIMUM": ("minimums", lambda values: min(values, default=Decimal(0))),
    "MAXIMUM": ("maximums", lambda values: max(values, default=Decimal(0))),
}
Rows = Callable[[DateRange], Iterable[SessionRow]]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a report: what it is about, and what was measured, in the order of the request."""

    keys: tuple[str, ...]
    values: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What a report is asked for; the names are known to be good."""

    dimensions: tuple[str, ...]
    metrics: tuple[str, ...]
    ranges: tuple[DateRange, ...]
    content: Mapping[str, Any]

    @classmethod
    def read(
        cls,
        content: Mapping[str, Any],
        ranges: Sequence[DateRange],
        *,
        dimensions: Collection[str] = tuple(DIMENSIONS),
        metrics: Collection[str] = tuple(METRICS),
    ) -> Query:
        """Return the query in a body, or refuse it."""
        names = _names(content, "dimensions", {"name"}, MOST_DIMENSIONS)
        measured = _names(content, "metrics", {"name", "invisible"}, MOST_METRICS)
        for name in names:
            if name != DATE_RANGE:
                dimension(name, dimensions)
        for name in measured:
            metric(name, metrics)
        if not names and not measured:
            raise invalid("At least one dimension or metric is required. Please add a dimension or metric.")
        if len(ranges) > 1 and DATE_RANGE not in names:
            names = (*names, DATE_RANGE)
        return cls(names, measured, tuple(ranges), content)

    def fields(self) -> list[MetricField]:
        """Return what is measured."""
        return [metric(name) for name in self.metrics]


def report(query: Query, rows: Rows) -> dict[str, Any]:
    """Return a report without what surrounds it: headers, a page of rows, their number, and aggregations."""
    groups = {each.name: _groups(query, each, rows(each)) for each in query.ranges}
    kept = [row for each in query.ranges for row in _measured(query, groups[each.name])]
    kept = ordered(query.content.get("orderBys"), query.dimensions, query.metrics, kept)
    offset, limit = _number(query.content, "offset", 0), _number(query.content, "limit", DEFAULT_LIMIT)
    page = kept[offset : offset + min(limit or DEFAULT_LIMIT, HIGHEST_LIMIT)]
    answered = {
        "dimensionHeaders": [{"name": name} for name in query.dimensions],
        "metricHeaders": [
            {"name": name, "type": field.type} for name, field in zip(query.metrics, query.fields(), strict=True)
        ],
        "rows": [_shown(row.keys, row.values) for row in page],
        **_aggregations(query, groups, kept),
        "rowCount": len(kept),
    }
    return without_defaults(answered)


def _names(content: Mapping[str, Any], field: str, known: set[str], most: int) -> tuple[str, ...]:
    listed = content.get(field) or []
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise invalid(f"Invalid value at '{field}'")
    for place, each in enumerate(listed):
        check_names(each, known, f"{field}[{place}]")
    if len(listed) > most:
        raise invalid(f"Requests are limited to {most} {field}. This request is for {len(listed)} {field}.")
    names = tuple(str(each.get("name", "")) for each in listed)
    for name in names:
        if names.count(name) > 1:
            raise invalid(f"Duplicate {field.rstrip('s')} {name} in the request.")
    return names


def _groups(query: Query, each: DateRange, rows: Iterable[SessionRow]) -> dict[tuple[str, ...], dict[str, int]]:
    wanted = predicate(query.content.get("dimensionFilter"), lambda name: dimension(name).read)
    readers = [(lambda _: each.name) if name == DATE_RANGE else dimension(name).read for name in query.dimensions]
    groups: dict[tuple[str, ...], tuple[int, ...]] = {}
    for row in rows:
        if wanted(row):
            keys, measured = tuple(read(row) for read in readers), MEASURED(row)
            so_far = groups.get(keys)
            groups[keys] = measured if so_far is None else tuple(map(add, so_far, measured))
    return {keys: dict(zip(SUMMED, sums, strict=True)) for keys, sums in groups.items()}


def _measured(query: Query, groups: Mapping[tuple[str, ...], Mapping[str, int]]) -> list[Row]:
    fields = query.fields()
    rows = [Row(keys, tuple(field.value(sums) for field in fields)) for keys, sums in groups.items()]

    def read(name: str) -> Callable[[Row], Decimal]:
        if name not in query.metrics:
            raise invalid(f"Field {name} in the metricFilter is not among the request's metrics.")
        place = query.metrics.index(name)
        return lambda row: row.values[place]

    wanted = predicate(query.content.get("metricFilter"), read)
    empty = query.content.get("keepEmptyRows") or not fields
    return [row for row in rows if wanted(row) and (empty or any(row.values))]


def _aggregations(
    query: Query, groups: Mapping[str, Mapping[tuple[str, ...], Mapping[str, int]]], kept: Sequence[Row]
) -> dict[str, Any]:
    asked = _asked(query.content.get("metricAggregations", []))
    place = query.dimensions.index(DATE_RANGE) if DATE_RANGE in query.dimensions else None
    shown: dict[str, Any] = {}
    for each in query.ranges if kept else ():
        rows = [row for row in kept if place is None or row.keys[place] == each.name]
        if "TOTAL" in asked:
            shown.setdefault("totals", []).append(
                _reserved(query, "TOTAL", each, _total(query, groups[each.name], rows))
            )
        for name, (field, together) in AGGREGATIONS.items():
            if name in asked:
                values = [together(row.values[column] for row in rows) for column in range(len(query.metrics))]
                shown.setdefault(field, []).append(_reserved(query, name, each, values))
    return shown


def _asked(listed: Content) -> list[Any]:
    known = ["METRIC_AGGREGATION_UNSPECIFIED", "TOTAL", "COUNT", *AGGREGATIONS]
    for name in listed if isinstance(listed, list) else [listed]:
        if name not in known:
            raise invalid(f"Invalid value at 'metric_aggregations', \"{name}\"")
    return [listed] if isinstance(listed, str) else list(listed)


def _total(query: Query, groups: Mapping[tuple[str, ...], Mapping[str, int]], rows: Sequence[Row]) -> list[Decimal]:
    # Of the sums and not of the rows' values: rates do not add up.
    sums = dict.fromkeys(SUMMED, 0)
    for row in rows:
        for name, value in groups[row.keys].items():
            sums[name] += value
    return [field.value(sums) for field in query.fields()]


def _reserved(query: Query, name: str, each: DateRange, values: Sequence[Decimal]) -> dict[str, Any]:
    keys = [each.name if dimension_name == DATE_RANGE else f"RESERVED_{name}" for dimension_name in query.dimensions]
    return _shown(keys, values)


def _shown(keys: Sequence[str], values: Sequence[Decimal]) -> dict[str, Any]:
    shown = {
        "dimensionValues": [{"value": key} for key in keys],
        "metricValues": [{"value": _plain(value)} for value in values],
    }
    return without_defaults(shown)


def _plain(value: Decimal) -> str:
    text = f"{value.quantize(PLACES):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(content: Mapping[str, Any], name: str, default: int) -> int:
    value = content.get(name, default)
    try:
        number = int(value) if isinstance(value, int | str) and not isinstance(value, bool) else -1
    except ValueError:
        raise invalid(f"Invalid value at '{name}' (TYPE_INT64), \"{value}\"") from None
    if number < 0:
        raise invalid(f"The {name} must not be negative.")
    return number
