"""Drafts turned into orders: prices, discounts, shipping, tax, payment, cancellation and refunds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from tillhand_mockshop import identifiers
from tillhand_mockshop.baskets import Draft
from tillhand_mockshop.clock import HOUR_S, moment
from tillhand_mockshop.dice import between, dice, pick
from tillhand_mockshop.identifiers import Identifiers
from tillhand_mockshop.model import Customer, Financial, Fulfillment, Order, OrderLine, Refund
from tillhand_mockshop.refunds import in_full, partial, reason
from tillhand_mockshop.seasons import Calendar

SHIPPING_MINOR: Final = 490
FREE_FROM_MINOR: Final = 6000
_FIRST_NAME: Final = 1001
_DAY_S: Final = 24 * HOUR_S
_VOUCHERS: Final = (5, 10, 10, 15)
_WITH_VOUCHER: Final = 0.06
_REFUNDED: Final = 0.055
_IN_FULL: Final = 0.4
_UNPAID_DAYS: Final = 4
_UNPAID: Final = 0.08
_FORGOTTEN: Final = 0.0006
_PACKING_DAYS: Final = 2
_HALF_SENT: Final = 0.08
_HALF_SENT_DAYS: Final = 9
_CAPTURED: Final = 0.4


def tax_within(total_minor: int) -> int:
    """The 19 % that a gross amount holds, rounded half up."""
    return (total_minor * 38 + 119) // 238


@dataclass(slots=True)
class _Desk:
    """Everything that writing orders needs."""

    random: Random
    calendar: Calendar
    end: int
    lines: Identifiers
    refunds: Identifiers


@dataclass(slots=True)
class _State:
    """How an order stands on the last day."""

    financial: Financial
    fulfillment: Fulfillment
    cancelled: int | None = None
    refunds: tuple[Refund, ...] = ()


def _lines(desk: _Desk, draft: Draft) -> tuple[OrderLine, ...]:
    random = desk.random
    voucher = pick(random, _VOUCHERS) if random.random() < _WITH_VOUCHER else 0
    made = []
    for item in draft.items:
        percent = max(voucher, desk.calendar.percent(item.listing.kind.department, draft.day))
        price = item.variant.price_minor
        made.append(
            OrderLine(desk.lines.next(), item.variant.id, item.units, price, price * item.units * percent // 100)
        )
    return tuple(made)


def _cancelled(desk: _Desk, draft: Draft, lines: tuple[OrderLine, ...], total: int) -> _State:
    """Cancelled before or after the money came; a mistaken order within minutes."""
    random = desk.random
    delay = between(random, 180, 1500) if draft.fate == "mistaken" else between(random, 1200, 2 * _DAY_S)
    at = draft.stamp + max(min(delay, (desk.end - draft.stamp) // 2), 1)
    if draft.fate == "mistaken" or random.random() >= _CAPTURED:
        return _State("VOIDED", "UNFULFILLED", at)
    back = in_full(desk.refunds.next(), lines, total, at, "Order cancelled")
    return _State("REFUNDED", "UNFULFILLED", at, (back,))


def _fulfillment(desk: _Desk, draft: Draft) -> Fulfillment:
    age = desk.calendar.days - 1 - draft.day
    if draft.channel == "pos" or age > _HALF_SENT_DAYS:
        return "FULFILLED"
    if age < _PACKING_DAYS and desk.random.random() < 0.8 - 0.4 * age:
        return "UNFULFILLED"
    half = len(draft.items) > 1 and desk.random.random() < _HALF_SENT
    return "PARTIALLY_FULFILLED" if half else "FULFILLED"


def _unpaid(desk: _Desk, draft: Draft) -> bool:
    """Who pays by bank transfer takes some days, and now and then somebody forgets."""
    recent = desk.calendar.days - draft.day <= _UNPAID_DAYS
    return draft.channel == "web" and desk.random.random() < (_UNPAID if recent else _FORGOTTEN)


def _state(desk: _Desk, draft: Draft, lines: tuple[OrderLine, ...], total: int) -> _State:
    random = desk.random
    if draft.fate != "kept":
        return _cancelled(desk, draft, lines, total)
    if _unpaid(desk, draft):
        return _State("PENDING", "UNFULFILLED")
    state = _State("PAID", _fulfillment(desk, draft))
    at = draft.stamp + between(random, 3 * _DAY_S, 26 * _DAY_S)
    if random.random() >= _REFUNDED or at >= desk.end or state.fulfillment != "FULFILLED":
        return state
    if random.random() < _IN_FULL:
        state.financial, state.refunds = "REFUNDED", (in_full(desk.refunds.next(), lines, total, at, reason(random)),)
    else:
        state.refunds = (partial(random, desk.refunds.next(), lines, at),)
        state.financial = "REFUNDED" if state.refunds[0].amount_minor == total else "PARTIALLY_REFUNDED"
    return state


def _order(desk: _Desk, draft: Draft, identifier: int, name: int, customer: Customer) -> Order:
    lines = _lines(desk, draft)
    goods = sum(line.quantity * line.unit_price_minor - line.discount_minor for line in lines)
    shipping = 0 if draft.channel == "pos" or goods >= FREE_FROM_MINOR else SHIPPING_MINOR
    total = goods + shipping
    state = _state(desk, draft, lines, total)
    return Order(
        id=identifier,
        name=f"#{name}",
        customer_id=customer.id,
        created_at=moment(draft.stamp),
        lines=lines,
        shipping_minor=shipping,
        tax_minor=tax_within(total),
        total_minor=total,
        financial=state.financial,
        fulfillment=state.fulfillment,
        cancelled_at=None if state.cancelled is None else moment(state.cancelled),
        refunds=state.refunds,
        channel=draft.channel,
    )


def orders(
    seed: int, drafted: Sequence[Draft], people: Sequence[Customer], calendar: Calendar, end: int
) -> tuple[Order, ...]:
    """The orders of all drafts, in their order; `end` is the second of the epoch at which the last day is over."""
    random = dice(seed, "orders")
    desk = _Desk(
        *(random, calendar, end),
        *(Identifiers(identifiers.LINES, random), Identifiers(identifiers.REFUNDS, random)),
    )
    numbers = Identifiers(identifiers.ORDERS, random)
    return tuple(
        _order(desk, draft, numbers.next(), name, people[draft.buyer])
        for name, draft in enumerate(drafted, start=_FIRST_NAME)
    )
