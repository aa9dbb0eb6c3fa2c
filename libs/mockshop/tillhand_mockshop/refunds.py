"""Money given back."""

from __future__ import annotations

from random import Random
from typing import Final

from tillhand_mockshop.clock import moment
from tillhand_mockshop.dice import between, pick
from tillhand_mockshop.model import OrderLine, Refund, RefundLine

_REASONS: Final = (
    "Arrived damaged",
    "Does not fit",
    "Changed mind",
    "Not as described",
    "Came too late",
    "Wrong item sent",
)
_GOODWILL: Final = 0.12
_GOODWILL_MINOR: Final = 500


def _worth(line: OrderLine, quantity: int) -> int:
    """What was paid for so many units of a line."""
    return (line.quantity * line.unit_price_minor - line.discount_minor) * quantity // line.quantity


def reason(random: Random) -> str:
    """Why somebody sends goods back."""
    return pick(random, _REASONS)


def in_full(identifier: int, lines: tuple[OrderLine, ...], total: int, stamp: int, note: str) -> Refund:
    """Everything that was paid, shipping as well."""
    back = tuple(RefundLine(line.id, line.quantity, _worth(line, line.quantity)) for line in lines)
    return Refund(identifier, moment(stamp), back, total, note)


def partial(random: Random, identifier: int, lines: tuple[OrderLine, ...], stamp: int) -> Refund:
    """One line or a part of it, or some money for good will."""
    line = pick(random, lines)
    worth = _worth(line, line.quantity)
    if random.random() < _GOODWILL and worth > _GOODWILL_MINOR:
        return Refund(identifier, moment(stamp), (), _GOODWILL_MINOR, "For the trouble")
    quantity = between(random, 1, line.quantity)
    amount = _worth(line, quantity)
    return Refund(identifier, moment(stamp), (RefundLine(line.id, quantity, amount),), amount, reason(random))
