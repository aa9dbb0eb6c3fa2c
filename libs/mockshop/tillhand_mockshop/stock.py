"""What was in stock: an (s, S) policy with the suppliers' lead times, and what it left for sale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from tillhand_mockshop.demand import Wanted
from tillhand_mockshop.dice import between, dice, shuffled, spread
from tillhand_mockshop.known import Closing
from tillhand_mockshop.seasons import Calendar

_NONE_LEFT: Final = 0.04
_TOO_FEW: Final = 0.08
_RECENT: Final = 45
_NOTICED: Final = 2
_WAITED: Final = 21
_WORTH_A_WARNING: Final = 1.25


@dataclass(slots=True)
class Bought:
    """Units ordered from the supplier on a day index, and when how many came; None and 0 while they are awaited."""

    ordered_on: int
    due: int
    units: int
    came_on: int | None = None
    came: int = 0

    def come(self, day: int, units: int) -> None:
        """Note that the delivery came; nobody sends more than was asked for."""
        self.came_on, self.came, self.units = day, units, max(self.units, units)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was sold of a variant, as (day index, units) of single lines, and how it stood in stock.

    `out` are the day indexes at whose end nothing was left, `left` is what lay there after the last day, `bought` what
    was ordered from the supplier.
    """

    wanted: Wanted
    sold: tuple[tuple[int, int], ...]
    out: tuple[int, ...]
    bought: tuple[Bought, ...]
    left: int
    closing: Closing
    mean_daily: float
    mean_daily_next: float


@dataclass(frozen=True, slots=True)
class _Policy:
    """Order up to `full` when stock and open orders are at `point` or below; it comes after `lead_days`."""

    point: int
    full: int
    lead_days: int


class _Shelf:
    """The stock of one variant, walked through from event to event."""

    def __init__(self, policy: _Policy) -> None:
        self._policy = policy
        self.on_hand = policy.full
        self._coming: list[Bought] = []
        self._empty_since: int | None = None
        self.out: list[int] = []
        self.bought: list[Bought] = []

    def receive(self, day: int) -> None:
        """Put away whatever arrived until the morning of a day."""
        while self._coming and self._coming[0].due <= day:
            bought = self._coming.pop(0)
            bought.come(bought.due, bought.units)
            self.put(bought.due, bought.units)

    def put(self, day: int, units: int) -> None:
        """Add units on the morning of a day; until then the shelf may have been empty."""
        if self._empty_since is not None:
            self.out.extend(range(self._empty_since, day))
            self._empty_since = None
        self.on_hand += units

    def hasten(self, day: int, units: int) -> None:
        """Let the delivery that is awaited longest come on a day with so many units, where one is awaited."""
        if self._coming:
            self._coming.pop(0).come(day, units)

    def sell(self, day: int, units: int) -> int:
        """Take at most so many units, and order new ones where the policy says so."""
        taken = min(units, self.on_hand)
        self.on_hand -= taken
        if taken and not self.on_hand:
            self._empty_since = day
        position = self.on_hand + sum(bought.units for bought in self._coming)
        if position <= self._policy.point:
            ordered = Bought(day, day + self._policy.lead_days, self._policy.full - position)
            self._coming.append(ordered)
            self.bought.append(ordered)
        return taken

    def close(self, days: int) -> None:
        """Count the empty days up to the last one."""
        if self._empty_since is not None:
            self.out.extend(range(self._empty_since, days))


def _policy(random: Random, wanted: Wanted, mean: float) -> _Policy:
    lead = wanted.variant.lead_time_days
    over_lead = mean * lead
    caution = spread(random, 0.9, 3.0)
    point = math.floor(over_lead + caution * math.sqrt(over_lead * 1.5))
    batch = max(math.ceil(mean * between(random, 25, 70)), between(random, 2, 5))
    late = between(random, 0, lead // 3) if random.random() < 0.3 else 0  # noqa: PLR2004  # some suppliers are always late
    return _Policy(point, point + batch, lead + late)


def _run_out(wanted: Wanted, days: int) -> int | None:
    """The place of the event that takes the last unit, where one lies in the days that count."""
    last = days - 1
    fitting = [place for place, (day, _) in enumerate(wanted.events) if last - _RECENT <= day <= last - _NOTICED]
    return fitting[len(fitting) // 2] if fitting else None


def _walk(wanted: Wanted, policy: _Policy, days: int, final: int | None) -> tuple[list[tuple[int, int]], _Shelf]:
    """Go through all events; that at place `final` takes all that is left, and nothing comes after it."""
    shelf = _Shelf(policy)
    sold = []
    for place, (day, units) in enumerate(wanted.events):
        shelf.receive(day)
        if place == final:
            # Nobody saw how much came with the last delivery: it was as much as this customer takes.
            if not shelf.on_hand:
                shelf.hasten(day, units)
                shelf.put(day, units)
            shelf.on_hand = units
        taken = shelf.sell(day, units)
        if taken:
            sold.append((day, taken))
        if place == final:
            break
    if final is None:
        shelf.receive(days - 1)
        if not shelf.on_hand:
            # What is on its way counts as come: that nothing is left is kept for those that were chosen for it.
            shelf.hasten(days - 1, max(policy.full - policy.point, 1))
            shelf.put(days - 1, max(policy.full - policy.point, 1))
    shelf.close(days)
    return sold, shelf


def _closing(wanted: Wanted, final: int | None) -> Closing:
    if wanted.listing.product.status != "ACTIVE":
        return "not_for_sale"
    return "enough" if final is None else "none"


def _kept(random: Random, wanted: Wanted, calendar: Calendar, final: int | None) -> Kept:
    days = calendar.days
    listing = wanted.listing
    mean = wanted.expected(calendar, listing.sale_from, listing.sale_to)
    sold, shelf = _walk(wanted, _policy(random, wanted, mean), days, final)
    following = wanted.expected(calendar, days, days + wanted.variant.lead_time_days - 1)
    closing = _closing(wanted, final)
    left = shelf.on_hand
    if closing == "enough":
        left = max(left, math.floor(following * wanted.variant.lead_time_days * 1.3) + 1)
    if left > shelf.on_hand:
        shelf.hasten(days - 1, left - shelf.on_hand)
    bought = _listed(shelf.bought, days)
    return Kept(wanted, tuple(sold), tuple(shelf.out), bought, left, closing, mean, following)


def _listed(bought: Sequence[Bought], days: int) -> tuple[Bought, ...]:
    """Without those that have been overdue for so long that they were called off."""
    return tuple(one for one in bought if one.came_on is not None or one.due >= days - _WAITED)


def _shorten(random: Random, kept: Kept) -> Kept:
    """Leave less than the lead time asks for, and nothing on its way that would be a reason to wait."""
    over_lead = kept.mean_daily_next * kept.wanted.variant.lead_time_days
    left = max(math.floor(over_lead * spread(random, 0.15, 0.8)), 1)
    come = tuple(one for one in kept.bought if one.came_on is not None)
    return replace(kept, left=left, bought=come, closing="short")


def stock(seed: int, demanded: Sequence[Wanted], calendar: Calendar) -> tuple[Kept, ...]:
    """What happened to every variant that was ever on sale, in the order of `demanded`."""
    random = dice(seed, "stock")
    active = [wanted for wanted in demanded if wanted.listing.product.status == "ACTIVE"]
    ends = [(wanted.variant.id, _run_out(wanted, calendar.days)) for wanted in shuffled(random, active)]
    chosen = [(variant, place) for variant, place in ends if place is not None]
    finals = dict(chosen[: max(round(_NONE_LEFT * len(active)), 1)])
    kept = [_kept(random, wanted, calendar, finals.get(wanted.variant.id)) for wanted in demanded]
    places = [
        place
        for place, one in enumerate(kept)
        if one.closing == "enough" and one.mean_daily_next * one.wanted.variant.lead_time_days >= _WORTH_A_WARNING
    ]
    for place in shuffled(random, places)[: max(round(_TOO_FEW * len(active)), 1)]:
        kept[place] = _shorten(random, kept[place])
    return tuple(kept)
