"""Who asks for what on which day, before anybody looks into the stock.

Order lines for a variant arrive as a Poisson process whose rate follows the calendar, and each asks for a number of
units of the logarithmic distribution: the units of a day are then negative-binomial, with a variance that the class
decides.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from random import Random
from typing import Final

from tillhand_mockshop.catalogue import Listing
from tillhand_mockshop.dice import dice, log_series, log_series_mean, shuffled, skewed, spread, waiting
from tillhand_mockshop.known import Pattern
from tillhand_mockshop.model import Variant
from tillhand_mockshop.seasons import Calendar, season_amplitude

THETA: Final[Mapping[Pattern, float]] = {
    "smooth": 0.1,
    "erratic": 0.75,
    "intermittent": 0.12,
    "lumpy": 0.82,
    "dead": 0.1,
}
_LINES_A_DAY: Final[Mapping[Pattern, tuple[float, float]]] = {
    "smooth": (1.9, 2.9),
    "erratic": (1.6, 2.2),
    "intermittent": (0.006, 0.26),
    "lumpy": (0.006, 0.12),
    "dead": (0.0, 0.0),
}
_SHARES: Final[Mapping[Pattern, float]] = {"smooth": 0.022, "erratic": 0.014, "dead": 0.05, "lumpy": 0.2}
_STEADY_PRICE: Final = 4500
_DOZENS_PRICE: Final = 3500
_STEADY_AMPLITUDE: Final = 0.75
_WITH_TREND: Final = 0.25
_LARGEST_TREND: Final = 0.6


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a variant is asked for; `events` are (day index, units) of single order lines, by day."""

    variant: Variant
    listing: Listing
    pattern: Pattern
    lines_a_day: float
    trend: float
    events: tuple[tuple[int, int], ...]

    def expected(self, calendar: Calendar, first: int, last: int) -> float:
        """The mean units a day from one day index to another, both in it."""
        kind, days = self.listing.kind, max(last - first + 1, 1)
        if self.trend == 0.0:
            sums = calendar.sums(kind.season, kind.department)
            total = sums[last + 1] - sums[first]
        else:
            factors = calendar.factors(kind.season, kind.department)
            slope, middle = self.trend / calendar.days, calendar.days / 2
            total = fsum(factors[day] * (1.0 + slope * (day - middle)) for day in range(first, last + 1))
        return self.lines_a_day * log_series_mean(THETA[self.pattern]) * total / days


def _steady(listing: Listing, variant: Variant) -> bool:
    """Only cheap goods for all the year, sold through all of it, move every day."""
    return (
        listing.product.status == "ACTIVE"
        and listing.sale_from == 0
        and variant.price_minor <= _STEADY_PRICE
        and season_amplitude(listing.kind.season) <= _STEADY_AMPLITUDE
    )


def _patterns(random: Random, offered: Sequence[tuple[Listing, Variant]]) -> dict[int, Pattern]:
    """The class of each variant, by id; every class is there however small the shop."""
    order = shuffled(random, offered)
    order.sort(key=lambda pair: not _steady(*pair))
    patterns: dict[int, Pattern] = {}
    place = 0
    for pattern, share in _SHARES.items():
        number = max(round(share * len(order)), 1)
        for _, variant in order[place : place + number]:
            patterns[variant.id] = pattern
        place += number
        if pattern == "erratic":
            order[place:] = shuffled(random, order[place:])
        if pattern == "dead":
            # Nobody takes six tents at once: what is bought by the dozen is cheap.
            order[place:] = sorted(order[place:], key=lambda pair: pair[1].price_minor > _DOZENS_PRICE)
    return patterns


def _events(random: Random, wanted: Wanted, calendar: Calendar) -> list[tuple[int, int]]:
    """All order lines of a variant: moments of a clock that runs as the calendar does, thinned by the trend."""
    kind, theta = wanted.listing.kind, THETA[wanted.pattern]
    sums = calendar.sums(kind.season, kind.department)
    rate = wanted.lines_a_day * (1.0 + abs(wanted.trend) / 2)
    clock, end = sums[wanted.listing.sale_from], sums[wanted.listing.sale_to + 1]
    trend, days = wanted.trend, calendar.days
    events = []
    while rate > 0.0:
        clock += waiting(random, rate)
        if clock >= end:
            break
        day = bisect_right(sums, clock) - 1
        chance = (1.0 + trend * (day / days - 0.5)) / (1.0 + abs(trend) / 2)
        if trend == 0.0 or random.random() < chance:
            events.append((day, log_series(random, theta)))
    return events


def _wanted(random: Random, listing: Listing, variant: Variant, pattern: Pattern, calendar: Calendar) -> Wanted:
    low, high = _LINES_A_DAY[pattern]
    few = pattern in {"intermittent", "lumpy"}
    rate = skewed(random, low, high) if few else spread(random, low, high)
    trend = spread(random, -_LARGEST_TREND, _LARGEST_TREND) if random.random() < _WITH_TREND else 0.0
    draft = Wanted(variant, listing, pattern, rate, trend, ())
    return Wanted(variant, listing, pattern, rate, trend, tuple(_events(random, draft, calendar)))


def demand(seed: int, listings: Sequence[Listing], calendar: Calendar) -> tuple[Wanted, ...]:
    """What is asked for of every variant that was ever on sale."""
    random = dice(seed, "demand")
    offered = [
        (listing, variant)
        for listing in listings
        if listing.sale_to >= listing.sale_from
        for variant in listing.product.variants
    ]
    patterns = _patterns(random, offered)
    return tuple(
        _wanted(random, listing, variant, patterns.get(variant.id, "intermittent"), calendar)
        for listing, variant in offered
    )
