"""The whole shop, part by part."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from tillhand_mockshop.baskets import Draft, baskets, drafts
from tillhand_mockshop.catalogue import Listing, catalogue
from tillhand_mockshop.clock import HOUR_S, Clock
from tillhand_mockshop.deliveries import deliveries
from tillhand_mockshop.demand import demand
from tillhand_mockshop.dice import between, dice
from tillhand_mockshop.identifiers import LOCATIONS, Identifiers
from tillhand_mockshop.known import CustomerTruth, Truths, VariantTruth
from tillhand_mockshop.loyalty import POPULATION, Custom, custom
from tillhand_mockshop.model import Customer, Location, Order, Shop
from tillhand_mockshop.orders import orders
from tillhand_mockshop.people import customers
from tillhand_mockshop.search import search_rows, search_truth
from tillhand_mockshop.search_plan import plan
from tillhand_mockshop.seasons import Calendar, promotions, season_amplitude
from tillhand_mockshop.sessions import session_rows
from tillhand_mockshop.stock import Kept, stock
from tillhand_mockshop.words import CURRENCY, DOMAIN, LOCATION_NAMES, NAME, TIME_ZONE
from tillhand_mockshop.words_goods import KINDS

SEED: Final = 20261031
LAST_DAY: Final = date(2026, 10, 31)
SKUS: Final = 1200
DAYS: Final = 365
_IN_STORE_PERCENT: Final = 35
_DRAFTED: Final = 24
_DAY_S: Final = 24 * HOUR_S
_OLDEST_DAYS: Final = 720


def _joined(seed: int, habits: Custom, drafted: Sequence[Draft], start: int) -> list[tuple[int, str]]:
    """When each customer joined, in seconds of the epoch: some time before, or minutes before the first order."""
    random = dice(seed, "joined")
    before = sorted(start - between(random, 1, _OLDEST_DAYS * _DAY_S) for _ in range(habits.known_before))
    first: dict[int, int] = {}
    for draft in drafted:
        first.setdefault(draft.buyer, draft.stamp)
    new = [first[place] - between(random, 60, 1200) for place in range(habits.known_before, len(habits.habits))]
    return [(stamp, habit.channel) for stamp, habit in zip((*before, *new), habits.habits, strict=True)]


def _takings(drafted: Sequence[Draft], made: Sequence[Order], days: int) -> list[list[int]]:
    """The totals of each day's web orders that were not cancelled."""
    amounts: list[list[int]] = [[] for _ in range(days)]
    for draft, order in zip(drafted, made, strict=True):
        if order.channel == "web" and order.cancelled_at is None:
            amounts[draft.day].append(order.total_minor)
    return amounts


def _locations(seed: int) -> tuple[Location, ...]:
    numbers = Identifiers(LOCATIONS, dice(seed, "locations"))
    return tuple(Location(numbers.next(), name) for name in LOCATION_NAMES)


def _stock(
    listings: Iterable[Listing], kept: Sequence[Kept], locations: Sequence[Location]
) -> dict[tuple[int, int], int]:
    """What lies where; goods that were never on sale have been delivered to the warehouse already."""
    store, warehouse = locations
    left = {one.wanted.variant.id: one.left for one in kept}
    levels: dict[tuple[int, int], int] = {}
    for listing in listings:
        for variant in listing.product.variants:
            units = left.get(variant.id, _DRAFTED)
            in_store = units * _IN_STORE_PERCENT // 100 if variant.id in left else 0
            levels[variant.inventory_item_id, store.id] = in_store
            levels[variant.inventory_item_id, warehouse.id] = units - in_store
    return levels


def _variant_truth(one: Kept, calendar: Calendar) -> VariantTruth:
    wanted = one.wanted
    listing = wanted.listing
    return VariantTruth(
        variant_id=wanted.variant.id,
        pattern=wanted.pattern,
        mean_daily=round(one.mean_daily, 6),
        mean_daily_next=round(one.mean_daily_next, 6),
        season=listing.kind.season,
        season_amplitude=round(season_amplitude(listing.kind.season), 4),
        trend_per_year=round(wanted.trend * 365 / calendar.days, 4),
        lead_time_days=wanted.variant.lead_time_days,
        on_sale_from=calendar.dates[listing.sale_from],
        on_sale_to=calendar.dates[listing.sale_to],
        closing=one.closing,
    )


def _customer_truths(habits: Custom, people: Sequence[Customer]) -> dict[int, CustomerTruth]:
    return {
        person.id: CustomerTruth(person.id, round(habit.purchases_per_day, 9), round(habit.dropout, 9), habit.active)
        for person, habit in zip(people, habits.habits, strict=True)
    }


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold the cycle collector: half a million objects without a cycle are not worth walking through."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


@_uncollected()
def build_with_truths(
    *, seed: int = SEED, last_day: date = LAST_DAY, skus: int = SKUS, days: int = DAYS
) -> tuple[Shop, Truths]:
    """A shop of `skus` variants and the `days` up to `last_day`, and what is true of it."""
    first_day = last_day - timedelta(days=days - 1)
    departments = list(dict.fromkeys(kind.department for kind in KINDS))
    calendar = Calendar(first_day, days, promotions(seed, first_day, days, departments))
    dates = calendar.dates[:days]
    clock = Clock(first_day, days)
    listings = catalogue(seed, first_day, days, skus)
    kept = stock(seed, demand(seed, listings, calendar), calendar)
    filled = baskets(seed, kept, days)
    habits = custom(seed, [len(of_day) for of_day in filled])
    drafted = drafts(seed, filled, habits, calendar, clock)
    people = customers(seed, _joined(seed, habits, drafted, clock.start))
    made = orders(seed, drafted, people, calendar, clock.end)
    heads, tails = plan(seed, listings, days)
    locations = _locations(seed)
    shop = Shop(
        *(NAME, DOMAIN, CURRENCY, TIME_ZONE, first_day, last_day, locations),
        products=tuple(listing.product for listing in listings),
        customers=people,
        orders=made,
        stock=_stock(listings, kept, locations),
        stocked_out={one.wanted.variant.id: frozenset(dates[day] for day in one.out) for one in kept if one.out},
        deliveries=deliveries(seed, kept, first_day),
        search=search_rows(seed, heads, tails, dates),
        sessions=session_rows(seed, listings, _takings(drafted, made, days), dates),
    )
    truths = Truths(
        variants={one.wanted.variant.id: _variant_truth(one, calendar) for one in kept},
        customers=_customer_truths(habits, people),
        loyalty=POPULATION,
        promotions=calendar.promotions,
        mistaken_orders=tuple(order.id for draft, order in zip(drafted, made, strict=True) if draft.fate == "mistaken"),
        search=search_truth(heads, dates),
    )
    return shop, truths


def build(*, seed: int = SEED, last_day: date = LAST_DAY, skus: int = SKUS, days: int = DAYS) -> Shop:
    """A shop of `skus` variants and the `days` up to `last_day`, the same on every machine."""
    return build_with_truths(seed=seed, last_day=last_day, skus=skus, days=days)[0]


@lru_cache(maxsize=2)
def built(seed: int, last_day: date, skus: int, days: int) -> tuple[Shop, Truths]:
    """What `build_with_truths` makes; the last two are kept."""
    return build_with_truths(seed=seed, last_day=last_day, skus=skus, days=days)


@lru_cache(maxsize=2)
def shop(last_day: date = LAST_DAY) -> Shop:
    """The shop of full size up to a day, built once."""
    return built(SEED, last_day, SKUS, DAYS)[0]
