"""Purchase orders: what the shelves' policy ordered, as the shop and its suppliers wrote it down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

from tillhand_mockshop.dice import dice, spread
from tillhand_mockshop.identifiers import PURCHASES, Identifiers
from tillhand_mockshop.model import Delivery
from tillhand_mockshop.stock import Bought, Kept
from tillhand_mockshop.words import SUPPLIERS

_UNRELIABLE: Final = 0.35
_LEAST_SHORT: Final = 0.1
_MOST_SHORT: Final = 0.3


def _short_shares(random: Random) -> dict[str, float]:
    """The share of its deliveries that each supplier sends incomplete: none for most."""
    shares = {}
    for supplier in SUPPLIERS:
        share = spread(random, _LEAST_SHORT, _MOST_SHORT)
        shares[supplier.name] = share if random.random() < _UNRELIABLE else 0.0
    return shares


def _ordered(random: Random, bought: Bought, short_share: float) -> int:
    """Units that were asked for: more than came where the supplier sent less, for what came is what was on sale."""
    fails, filled = random.random() < short_share, spread(random, 0.5, 0.9)
    return math.ceil(bought.came / filled) if fails and bought.came else bought.units


def deliveries(seed: int, kept: Sequence[Kept], first_day: date) -> tuple[Delivery, ...]:
    """All purchase orders, by day and supplier: what one supplier was asked for on one day is one order."""
    random = dice(seed, "deliveries")
    shares = _short_shares(random)
    numbers = Identifiers(PURCHASES, random)
    rows = sorted(
        (
            (bought.ordered_on, one.wanted.variant.supplier, place, bought)
            for place, one in enumerate(kept)
            for bought in one.bought
        ),
        key=lambda row: row[:3],
    )
    made: list[Delivery] = []
    last: tuple[int, str] | None = None
    number = 0
    for day, supplier, place, bought in rows:
        if (day, supplier) != last:
            last, number = (day, supplier), numbers.next()
        variant = kept[place].wanted.variant
        ordered_on = first_day + timedelta(days=day)
        made.append(
            Delivery(
                id=number,
                supplier=supplier,
                variant_id=variant.id,
                ordered_on=ordered_on,
                promised_on=ordered_on + timedelta(days=variant.lead_time_days),
                received_on=None if bought.came_on is None else first_day + timedelta(days=bought.came_on),
                ordered=max(_ordered(random, bought, shares[supplier]), bought.units),
                received=bought.came,
            )
        )
    return tuple(made)
