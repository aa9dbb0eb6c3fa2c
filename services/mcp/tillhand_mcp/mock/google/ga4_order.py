"""The order of a report's rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol, TypeVar

from tillhand_mcp.mock.content import Content
from tillhand_mcp.mock.google.calls import check_names, invalid


class Ordered(Protocol):
    """What can be brought into an order."""

    @property
    def keys(self) -> tuple[str, ...]:
        """What the row is about."""
        ...

    @property
    def values(self) -> tuple[Decimal, ...]:
        """What was measured."""
        ...


RowT = TypeVar("RowT", bound=Ordered)
LAST: Final = Decimal("Infinity")


def ordered(content: Content, dimensions: Sequence[str], metrics: Sequence[str], rows: Sequence[RowT]) -> list[RowT]:
    """Return rows as `orderBys` says; without it, the largest first by the first metric."""
    in_order = sorted(rows, key=lambda row: row.keys)
    if not content:
        return sorted(in_order, key=lambda row: -row.values[0]) if metrics else in_order
    if not isinstance(content, list):
        raise invalid("Invalid value at 'order_bys'")
    # Sorting is stable, so the least of the orders goes first.
    for order in reversed(content):
        key, descending = _key(order, dimensions, metrics)
        in_order.sort(key=key, reverse=descending)
    return in_order


def _key(order: Content, dimensions: Sequence[str], metrics: Sequence[str]) -> tuple[Callable[[Ordered], Any], bool]:
    check_names(order, {"metric", "dimension", "desc"}, "order_bys")
    descending = bool(order.get("desc"))
    if ("metric" in order) == ("dimension" in order):
        raise invalid("An orderBy must have exactly one of metric and dimension.")
    if "metric" in order:
        check_names(order["metric"], {"metricName"}, "order_bys.metric")
        place = _place(order["metric"].get("metricName", ""), metrics, "metric")
        return lambda row: row.values[place], descending
    named = order["dimension"]
    check_names(named, {"dimensionName", "orderType"}, "order_bys.dimension")
    place = _place(named.get("dimensionName", ""), dimensions, "dimension")
    convert = _converter(named.get("orderType", "ALPHANUMERIC"))
    return lambda row: convert(row.keys[place]), descending


def _place(name: str, names: Sequence[str], kind: str) -> int:
    if name not in names:
        raise invalid(f"Field {name} in the orderBys is not among the request's {kind}s.")
    return names.index(name)


def _converter(kind: str) -> Callable[[str], Any]:
    if kind in {"ALPHANUMERIC", "ORDER_TYPE_UNSPECIFIED"}:
        return str
    if kind == "CASE_INSENSITIVE_ALPHANUMERIC":
        return str.casefold
    if kind == "NUMERIC":
        return _number
    raise invalid(f"Invalid value at 'order_bys.dimension.order_type', \"{kind}\"")


def _number(value: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        return LAST
