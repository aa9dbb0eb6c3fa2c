"""The session rows: visits by channel, landing page, device and country, and the web orders that came of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from random import Random
from typing import Final

from tillhand_mockshop.catalogue import Listing
from tillhand_mockshop.dice import Wheel, dice, pick, skewed
from tillhand_mockshop.model import Device, SessionRow
from tillhand_mockshop.words_search import ARTICLES

_ROWS_A_DAY: Final = 128
_SESSIONS_PER_ORDER: Final = 38.0
_DEVICES: Final[Wheel[Device]] = Wheel({"mobile": 0.58, "desktop": 0.36, "tablet": 0.06})
_COUNTRIES: Final = Wheel({"DE": 0.72, "AT": 0.12, "NL": 0.06, "FR": 0.06, "GB": 0.04})
_BUYING: Final[dict[Device, float]] = {"mobile": 0.8, "desktop": 1.4, "tablet": 1.0}


@dataclass(frozen=True, slots=True)
class _Channel:
    """A channel group, its weight among visits, and how readily its visitors buy, look and come anew."""

    name: str
    sources: tuple[tuple[str, str], ...]
    weight: float
    buying: float
    fresh: float


_CHANNELS: Final = (
    _Channel("Organic Search", (("google", "organic"), ("google", "organic"), ("bing", "organic")), 0.42, 1.0, 0.66),
    _Channel("Direct", (("(direct)", "(none)"),), 0.2, 1.3, 0.4),
    _Channel("Paid Search", (("google", "cpc"), ("bing", "cpc")), 0.16, 1.1, 0.7),
    _Channel("Email", (("newsletter", "email"), ("basket-reminder", "email")), 0.09, 2.0, 0.08),
    _Channel("Referral", (("gardenfriends.example", "referral"), ("slowkitchen.example", "referral")), 0.06, 0.7, 0.7),
    _Channel("Organic Social", (("pictureboard.example", "social"), ("shortclips.example", "social")), 0.07, 0.4, 0.8),
)
_BY_WEIGHT: Final = Wheel({channel: channel.weight for channel in _CHANNELS})


@dataclass(frozen=True, slots=True)
class _Stream:
    """Visits that have everything in common, and their weight among all visits."""

    channel: _Channel
    source: tuple[str, str]
    page: str
    device: Device
    country: str
    weight: float


def _page(random: Random, channel: _Channel, listings: Sequence[Listing]) -> str:
    """A page that visitors of a channel land on."""
    place = random.random()
    if channel.name == "Direct" or place < 0.1:  # noqa: PLR2004  # some land on the first page from anywhere
        return "/"
    listing = pick(random, listings)
    if channel.name in {"Organic Search", "Referral"} and place < 0.35:  # noqa: PLR2004  # the journal is read
        return f"/blogs/journal/{pick(random, ARTICLES)[0]}"
    if channel.name == "Email" or place < 0.65:  # noqa: PLR2004  # categories before single products
        return f"/collections/{listing.kind.handle}"
    return f"/products/{listing.product.handle}"


def _streams(random: Random, listings: Sequence[Listing]) -> list[_Stream]:
    """Different streams; the weights of a channel add up to its own weight."""
    found: dict[tuple[str, ...], _Stream] = {}
    shares = {channel.name: 0.0 for channel in _CHANNELS}
    for turn in range(_ROWS_A_DAY):
        channel = _CHANNELS[turn] if turn < len(_CHANNELS) else _BY_WEIGHT.spin(random)
        source, page = pick(random, channel.sources), _page(random, channel, listings)
        device, country = _DEVICES.spin(random), _COUNTRIES.spin(random)
        weight = skewed(random, 1.0, 9.0) * (3.0 if page == "/" else 1.0)
        key = (channel.name, *source, page, device, country)
        if key not in found:
            found[key] = _Stream(channel, source, page, device, country, weight)
            shares[channel.name] += weight
    return [
        _Stream(
            *(stream.channel, stream.source, stream.page, stream.device, stream.country),
            stream.weight / shares[stream.channel.name] * stream.channel.weight,
        )
        for stream in found.values()
    ]


def _row(random: Random, day: date, stream: _Stream, sessions: int, amounts: Sequence[int]) -> SessionRow:
    """One row; each step of the way to a purchase has at most as many visits as the one before."""
    draw, channel = random.random, stream.channel
    purchases = len(amounts)
    checkouts = purchases + int(purchases * 0.5 * draw() + sessions * 0.008 * draw() + draw() * 0.6)
    carts = checkouts + int(checkouts * 0.6 * draw() + sessions * 0.03 * draw() + draw() * 0.7)
    views = carts + int(sessions * (0.35 + 0.25 * draw()))
    sessions = max(sessions, views)
    engaged = max(carts, min(int(sessions * (0.5 + 0.25 * draw()) + draw()), sessions))
    users = max(int(sessions * (0.84 + 0.12 * draw()) + draw()), 1)
    users = min(users, sessions)
    fresh = min(int(users * channel.fresh * (0.85 + 0.3 * draw()) + draw()), users)
    source, medium = stream.source
    return SessionRow(
        *(day, channel.name, source, medium, stream.page, stream.device, stream.country),
        *(sessions, engaged, users, fresh, views, carts, checkouts, purchases, sum(amounts)),
    )


def _spread_orders(random: Random, steps: Sequence[float], amounts: Sequence[int]) -> dict[int, list[int]]:
    """Which stream each order came from."""
    found: dict[int, list[int]] = {}
    for amount in amounts:
        place = min(bisect_right(steps, random.random() * steps[-1]), len(steps) - 1)
        found.setdefault(place, []).append(amount)
    return found


def session_rows(
    seed: int, listings: Sequence[Listing], takings: Sequence[Sequence[int]], dates: Sequence[date]
) -> tuple[SessionRow, ...]:
    """All rows, by day; `takings` are the totals of each day's web orders without the cancelled ones."""
    random = dice(seed, "sessions")
    shown = [listing for listing in listings if listing.product.status == "ACTIVE" and listing.sale_from == 0]
    streams = _streams(random, shown or listings)
    steps = tuple(accumulate(s.weight * s.channel.buying * _BUYING[s.device] for s in streams))
    mean = sum(len(amounts) for amounts in takings) / max(len(takings), 1)
    rows = []
    for day, amounts in zip(dates, takings, strict=True):
        visits = (0.6 * len(amounts) + 0.4 * mean) * _SESSIONS_PER_ORDER
        bought = _spread_orders(random, steps, amounts)
        for place, stream in enumerate(streams):
            sessions = int(visits * stream.weight * (0.7 + 0.6 * random.random()) + random.random())
            of_stream = bought.get(place, ())
            if sessions or of_stream:
                rows.append(_row(random, day, stream, max(sessions, len(of_stream)), of_stream))
    return tuple(rows)
