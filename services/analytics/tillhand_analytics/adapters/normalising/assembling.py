"""A whole shop out of the files of its sources, or out of those and of what another shop has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import orjson

from tillhand_analytics.adapters.column_making import Places, taken
from tillhand_analytics.adapters.normalising.files import BING, GOOGLE, SHOP, VISITS, Files, Window
from tillhand_analytics.adapters.normalising.goods import goods
from tillhand_analytics.adapters.normalising.sales import sales
from tillhand_analytics.adapters.normalising.stock_days import deliveries, stock_outs
from tillhand_analytics.adapters.normalising.traffic import searches, visits
from tillhand_analytics.domain.provenance import Source
from tillhand_analytics.domain.records import ENGINES, Searches, Shop
from tillhand_analytics.errors import SourceUnavailable

T = TypeVar("T")
_PLAIN: Final = ("engine", "day", "clicks", "impressions", "position")
_CODED: Final = {"page": "pages", "query": "queries", "country": "countries", "device": "devices"}


@dataclass(frozen=True, slots=True)
class About:
    """The shop itself."""

    name: str
    domain: str
    currency: str
    time_zone: str

    @property
    def zone(self) -> ZoneInfo:
        """Whose days are meant. Raises `SourceUnavailable` where nobody knows the zone."""
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise SourceUnavailable("shopify: its time zone is not known here.") from error


def about(files: Files) -> About:
    """What the shop says of itself. Raises `SourceUnavailable`."""
    return _read("shopify", lambda: About(**orjson.loads(files[SHOP])))


def normalised(files: Files, window: Window) -> Shop:
    """The shop in `files`; sources of which there is no file gave nothing.

    Raises `SourceUnavailable`, naming the source, where its files are not what was agreed.
    """
    told = about(files)
    shop = _read("shopify", lambda: _shop(files, told, window))
    return with_traffic(shop, files, window)


def with_traffic(shop: Shop, files: Files, window: Window) -> Shop:
    """The same shop with the visits and searches in `files`; of sources without a file it keeps its own."""
    found = shop
    if VISITS in files:
        found = replace(found, visits=_read("ga4", lambda: visits(files[VISITS], shop.currency, window)))
    if GOOGLE in files:
        on_google = _read("search_console", lambda: searches(files[GOOGLE], b"", window))
        found = replace(found, searches=_joined(on_google, _of(found.searches, 1)))
    if BING in files:
        on_bing = _read("bing", lambda: searches(b"", files[BING], window))
        found = replace(found, searches=_joined(_of(found.searches, 0), on_bing))
    return replace(found, searches=_placed(found.searches))


def _shop(files: Files, told: About, window: Window) -> Shop:
    zone = told.zone
    sold = goods(files, told.currency, zone)
    made = sales(files, told.currency, zone, window, sold.place)
    return Shop(
        name=told.name,
        domain=told.domain,
        currency=told.currency,
        time_zone=told.time_zone,
        first_day=np.datetime64(window.first_day, "D"),
        last_day=np.datetime64(window.last_day, "D"),
        variants=sold.variants,
        orders=made.orders,
        lines=made.lines,
        refunds=made.refunds,
        stock=sold.stock,
        stock_outs=stock_outs(files, window, sold.place),
        deliveries=deliveries(files, {sku: at for at, sku in enumerate(sold.variants.skus) if sku}),
        searches=searches(b"", b"", window),
        visits=visits(b"", told.currency, window),
    )


def _of(found: Searches, engine: int) -> Searches:
    """The rows of one engine; texts stay as they are."""
    kept = found.engine == engine
    return replace(found, **{name: getattr(found, name)[kept] for name in (*_PLAIN, *_CODED)})


def _placed(found: Searches) -> Searches:
    """The same with a page for what Bing tells without one: that which Google shows most for the query."""
    if not (found.engine == ENGINES.index("bing")).any() or "" not in found.pages:
        return found
    nowhere, pages = found.pages.index(""), len(found.pages)
    google = found.engine == ENGINES.index("google")
    keys, place = np.unique(found.query[google] * pages + found.page[google], return_inverse=True)
    shown = np.bincount(place, weights=found.impressions[google], minlength=len(keys))
    order = np.lexsort((-shown, keys // pages))
    queries, first = np.unique(keys[order] // pages, return_index=True)
    main = np.full(len(found.queries), nowhere, dtype=np.int64)
    main[queries] = keys[order][first] % pages
    return replace(found, page=np.where(found.page == nowhere, main[found.query], found.page))


def _joined(first: Searches, second: Searches) -> Searches:
    """Rows of both, one after the other; texts that no row has are left out."""
    plain = {name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in _PLAIN}
    coded: dict[str, object] = {}
    for name, table in _CODED.items():
        places = Places()
        coded[name] = places.of(
            text for each in (first, second) for text in taken(getattr(each, table), getattr(each, name))
        )
        coded[table] = places.texts
    return Searches(**plain, **coded)  # type: ignore[arg-type]  # columns under their own names


def _read(source: Source, work: Callable[[], T]) -> T:
    try:
        return work()
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise SourceUnavailable(f"{source}: its files hold something else than was agreed.") from error


def rows_of(shop: Shop, source: Source) -> int:
    """How many rows of a shop are of a source: lines of orders, days of visits, or searches."""
    if source == "shopify":
        return len(shop.lines.ids)
    if source == "ga4":
        return len(shop.visits.day)
    return int((shop.searches.engine == ENGINES.index("google" if source == "search_console" else "bing")).sum())
