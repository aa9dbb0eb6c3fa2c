"""Sold lines put into baskets, and baskets into drafts of orders with a buyer, a channel and a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from tillhand_mockshop.catalogue import Listing
from tillhand_mockshop.clock import Clock, second_of_day
from tillhand_mockshop.dice import Wheel, dice, pick, shuffled
from tillhand_mockshop.loyalty import Custom
from tillhand_mockshop.model import Variant
from tillhand_mockshop.seasons import Calendar
from tillhand_mockshop.stock import Kept

Fate = Literal["kept", "cancelled", "mistaken"]
_LINES: Final = Wheel({1: 0.29, 2: 0.27, 3: 0.20, 4: 0.14, 5: 0.10})
_CHANNELS: Final = Wheel({"web": 0.76, "pos": 0.14, "marketplace": 0.10})
_SUNDAY: Final = 6
_FAITHFUL: Final = 0.88
_CANCELLED: Final = 0.0155
_MISTAKEN: Final = 0.12
_HUGE: Final = (60, 80, 100, 120, 144, 200, 250, 500)


@dataclass(frozen=True, slots=True)
class Item:
    """So many units of a variant."""

    variant: Variant
    listing: Listing
    units: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An order to be: `day` is a day index, `stamp` a second of the epoch, `buyer` a place among the habits."""

    stamp: int
    day: int
    buyer: int
    channel: str
    items: tuple[Item, ...]
    fate: Fate


def _lines_by_day(kept: Sequence[Kept], days: int) -> list[list[Item]]:
    lines: list[list[Item]] = [[] for _ in range(days)]
    for one in kept:
        variant, listing = one.wanted.variant, one.wanted.listing
        for day, units in one.sold:
            lines[day].append(Item(variant, listing, units))
    return lines


def _fill(random: Random, lines: Sequence[Item]) -> list[tuple[Item, ...]]:
    """Baskets of one to five lines; the same variant never lies twice in one of them."""
    full: list[tuple[Item, ...]] = []
    basket: list[Item] = []
    room = _LINES.spin(random)
    for item in shuffled(random, lines):
        if len(basket) == room or any(item.variant is other.variant for other in basket):
            full.append(tuple(basket))
            basket, room = [], _LINES.spin(random)
        basket.append(item)
    if basket:
        full.append(tuple(basket))
    return full


def baskets(seed: int, kept: Sequence[Kept], days: int) -> list[list[tuple[Item, ...]]]:
    """The baskets of each day."""
    random = dice(seed, "baskets")
    return [_fill(random, lines) for lines in _lines_by_day(kept, days)]


def _channel(random: Random, habit: str, weekday: int) -> str:
    channel = habit if random.random() < _FAITHFUL else _CHANNELS.spin(random)
    return "web" if channel == "pos" and weekday == _SUNDAY else channel


def _withdrawn(random: Random, lines: Sequence[Item]) -> tuple[tuple[Item, ...], Fate]:
    """A basket that will be cancelled. It comes on top of what was sold, so that stock and demand leave it aside."""
    item = pick(random, lines)
    if random.random() < _MISTAKEN:
        return (Item(item.variant, item.listing, pick(random, _HUGE)),), "mistaken"
    return (Item(item.variant, item.listing, 1 + int(random.random() * 2)),), "cancelled"


def drafts(
    seed: int, filled: Sequence[Sequence[tuple[Item, ...]]], custom: Custom, calendar: Calendar, clock: Clock
) -> list[Draft]:
    """All orders to be, by their moments."""
    random = dice(seed, "drafts")
    made = []
    for day, of_day in enumerate(filled):
        weekday = calendar.dates[day].weekday()
        orders: list[tuple[int, tuple[Item, ...], Fate]] = [
            (buyer, items, "kept") for buyer, items in zip(custom.buyers[day], of_day, strict=True)
        ]
        lines = [item for items in of_day for item in items]
        withdrawn = int(len(of_day) * _CANCELLED + random.random()) if lines else 0
        known = custom.known_by_day[day]
        orders.extend((int(random.random() * known), *_withdrawn(random, lines)) for _ in range(withdrawn))
        for buyer, items, fate in orders:
            channel = _channel(random, custom.habits[buyer].channel, weekday)
            channel = "web" if fate == "mistaken" else channel
            made.append(Draft(clock.stamp(day, second_of_day(random, channel)), day, buyer, channel, items, fate))
    made.sort(key=lambda draft: draft.stamp)
    return made
