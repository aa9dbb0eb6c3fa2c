"""Orders, their lines and what was given back, from an export of orders and from refunds line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from tillhand_analytics.adapters.column_making import Places, ints, local_days, minor, moments
from tillhand_analytics.adapters.normalising.files import ORDERS, REFUNDS, Files, Window, rows
from tillhand_analytics.domain.records import UNKNOWN, Lines, Orders, Refunds

_PARENT: Final = "__parentId"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sales:
    """What was sold, and what came back of it."""

    orders: Orders
    lines: Lines
    refunds: Refunds


@dataclass(frozen=True, slots=True)
class _Taken:
    """What of an export is in the window: orders by time, their lines, and the place of each by its id."""

    orders: Sequence[Row]
    lines: Sequence[Row]
    order_at: Mapping[str, int]
    line_at: Mapping[str, int]


def sales(files: Files, currency: str, zone: ZoneInfo, window: Window, place: Mapping[str, int]) -> Sales:
    """Orders of the window, without those that were placed as a test, and refunds of the window for them.

    `place` is of variants by id. Raises `KeyError`, `TypeError` or `ValueError` where the files are no exports.
    """
    taken = _taken(files[ORDERS], zone, window)
    return Sales(
        _orders(taken.orders, currency, zone),
        _lines(taken, currency, place),
        _refunds(files[REFUNDS], taken, currency, zone, window),
    )


def _taken(content: bytes, zone: ZoneInfo, window: Window) -> _Taken:
    found: dict[str, Row] = {}
    lines: dict[str, list[Row]] = {}
    for row in rows(content):
        if _PARENT in row:
            lines.setdefault(row[_PARENT], []).append(row)
        elif not row["test"] and window.first_day <= _day(row["createdAt"], zone) <= window.last_day:
            found[row["id"]] = row
    orders = sorted(found.values(), key=lambda row: (row["createdAt"], row["id"]))
    ordered = [line for order in orders for line in lines.get(order["id"], ())]
    return _Taken(
        orders,
        ordered,
        {order["id"]: at for at, order in enumerate(orders)},
        {line["id"]: at for at, line in enumerate(ordered)},
    )


def _day(moment: str, zone: ZoneInfo) -> Any:  # noqa: ANN401  # a date
    return datetime.fromisoformat(moment).astimezone(zone).date()


def _money(row: Row, name: str) -> str:
    found = row[name]
    return str(found["shopMoney"]["amount"]) if found else "0"


def _orders(orders: Sequence[Row], currency: str, zone: ZoneInfo) -> Orders:
    customers, channels = Places(), Places()
    placed = [datetime.fromisoformat(each["createdAt"]) for each in orders]
    cancelled = [
        None if each["cancelledAt"] is None else datetime.fromisoformat(each["cancelledAt"]) for each in orders
    ]
    tax = minor((_money(each, "totalTaxSet") for each in orders), currency)
    total = minor((_money(each, "totalPriceSet") for each in orders), currency)
    known = ints(0 if each["customer"] is None else 1 for each in orders)
    ids = [each["customer"]["id"] if each["customer"] else "" for each in orders]
    customer = np.full(len(orders), UNKNOWN, dtype=np.int64)
    customer[known == 1] = customers.of(name for name in ids if name)
    return Orders(
        ids=tuple(each["id"] for each in orders),
        names=tuple(each["name"] for each in orders),
        channel=channels.of(each["sourceName"] or "unknown" for each in orders),
        customer=customer,
        customers=customers.texts,
        channels=channels.texts,
        created_at=moments(placed),
        day=local_days(placed, zone),
        cancelled_at=moments(cancelled),
        shipping_minor=minor((_money(each, "totalShippingPriceSet") for each in orders), currency),
        tax_minor=tax,
        # Where prices come without tax, it stands beside all amounts: what is left out of lines is left out of totals.
        total_minor=total - np.where([each["taxesIncluded"] for each in orders], 0, tax).astype(np.int64),
    )


def _lines(taken: _Taken, currency: str, place: Mapping[str, int]) -> Lines:
    lines, allotted = taken.lines, list(_allotted(taken.lines))
    gross = minor((_money(each, "originalTotalSet") for each in lines), currency)
    discount = np.zeros(len(lines), dtype=np.int64)
    np.add.at(discount, ints(at for at, _ in allotted), minor((amount for _, amount in allotted), currency))
    return Lines(
        ids=tuple(each["id"] for each in lines),
        order=ints(taken.order_at[each[_PARENT]] for each in lines),
        variant=ints(place.get(each["variant"]["id"], UNKNOWN) if each["variant"] else UNKNOWN for each in lines),
        quantity=ints(each["quantity"] for each in lines),
        amount_minor=gross - discount,
        discount_minor=discount,
    )


def _allotted(lines: Sequence[Row]) -> Iterator[tuple[int, str]]:
    """Each discount of each line: a discount of the whole order is allotted to lines, too."""
    for at, line in enumerate(lines):
        for each in line["discountAllocations"]:
            yield at, _money(each, "allocatedAmountSet")


def _refunds(content: bytes, taken: _Taken, currency: str, zone: ZoneInfo, window: Window) -> Refunds:
    """The lines of each refund, and what it gave back beyond them as a row of money alone."""
    found: list[tuple[int, int, datetime, int, int]] = []
    for refund in rows(content):
        order = taken.order_at.get(refund["order_id"])
        if order is None or refund["created_at"] is None:
            continue
        at = datetime.fromisoformat(refund["created_at"])
        if window.first_day <= at.astimezone(zone).date() <= window.last_day:
            found += _rows_of(refund, order, at, taken, currency)
    found.sort(key=lambda row: (row[0], row[2]))
    given = [row[2] for row in found]
    return Refunds(
        order=ints(row[0] for row in found),
        line=ints(row[1] for row in found),
        at=moments(given),
        day=local_days(given, zone),
        quantity=ints(row[3] for row in found),
        amount_minor=ints(row[4] for row in found),
    )


def _rows_of(
    refund: Row, order: int, at: datetime, taken: _Taken, currency: str
) -> Iterator[tuple[int, int, datetime, int, int]]:
    beside = 0 if taken.orders[order]["taxesIncluded"] else 1
    rest = _in(refund["amount"], currency)
    for line in refund["lines"]:
        amount = _in(line["subtotal"], currency)
        rest -= amount + beside * _in(line["tax"], currency)
        yield order, taken.line_at.get(line["line_id"], UNKNOWN), at, line["quantity"], amount
    if rest:
        yield order, UNKNOWN, at, 0, rest


def _in(money: Row, currency: str) -> int:
    """Minor units. Raises `ValueError` for money that is not the shop's."""
    if money["currency"] != currency:
        raise ValueError(f"a refund is in {money['currency']}, the shop in {currency}")
    return int(money["amount_minor"])
