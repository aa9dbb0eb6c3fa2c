"""What a click is worth: search rows know addresses, visits know paths and money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

import numpy as np

from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Floats, Ints, Texts, Visits
from tillhand_analytics.domain.seo.pairs import summed
from tillhand_analytics.domain.seo.windows import Window

ORGANIC: Final = "Organic Search"
"""The channel group of GA4 for unpaid visits from search engines."""
_PRIOR_PURCHASES: Final = 5.0


@dataclass(frozen=True, slots=True)
class Landings:
    """Visits from search over a window by page of the search rows; -1 where visits know no such page.

    `money_per_click` is the money that a visit brings, in minor units, drawn towards that of all such visits with a
    weight of five purchases; NaN where there were no visits at all.
    """

    sessions: Ints
    engaged: Ints
    purchases: Ints
    revenue_minor: Ints
    money_per_click: Floats


def path_of(address: str) -> str:
    """The path of an address as visits tell it: no host, query, fragment or last slash, percent signs resolved."""
    scheme, _, rest = address.partition("://")
    path = "/" + rest.partition("/")[2] if rest and scheme.isalpha() else address
    path = path.partition("#")[0].partition("?")[0]
    if "%" in path:
        path = unquote(path)
    return path.rstrip("/") or "/"


def landings(visits: Visits, addresses: Texts, window: Window) -> Landings:
    """What visits from search brought, for each address; several addresses of one path each tell the path's figures."""
    place = {path: number for number, path in enumerate(dict.fromkeys(map(path_of, visits.pages)))}
    of_visit = np.array([place[path_of(page)] for page in visits.pages], dtype=np.int64)
    of_address = np.array([place.get(path_of(address), -1) for address in addresses], dtype=np.int64)
    organic = np.array([channel == ORGANIC for channel in visits.channels], dtype=np.bool_)
    rows = np.flatnonzero(window.holds(visits.day) & organic[visits.channel]) if len(organic) else np.zeros(0, np.int64)
    path = of_visit[visits.page[rows]]

    def by_path(values: Ints) -> Ints:
        return summed(path, values[rows], len(place)).astype(np.int64)

    def by_address(values: Ints) -> Ints:
        return np.append(values, -1)[of_address]

    sessions, revenue, purchases = by_path(visits.sessions), by_path(visits.revenue_minor), by_path(visits.purchases)
    worth = np.append(_per_visit(sessions, revenue, purchases), np.nan)[of_address]
    usual = ratio(np.array([revenue.sum()]), np.array([sessions.sum()]))[0]
    return Landings(
        sessions=by_address(sessions),
        engaged=by_address(by_path(visits.engaged)),
        purchases=by_address(purchases),
        revenue_minor=by_address(revenue),
        money_per_click=np.where(of_address < 0, usual, worth),
    )


def _per_visit(sessions: Ints, revenue: Ints, purchases: Ints) -> Floats:
    """Money for each visit, drawn towards the mean of all by as many visits as five purchases take."""
    visits, money, bought = sessions.sum(), revenue.sum(), purchases.sum()
    if not visits:
        return np.full(len(sessions), np.nan)
    weight = _PRIOR_PURCHASES * visits / bought if bought else float(visits)
    return np.asarray((revenue + weight * money / visits) / (sessions + weight), dtype=np.float64)
