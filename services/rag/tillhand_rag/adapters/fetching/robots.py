"""robots.txt (RFC 9309): what a site asks crawlers not to fetch, and how fast."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field, replace

from protego import Protego

from tillhand_common.clock import Clock
from tillhand_common.egress import Egress
from tillhand_common.egress_errors import AddressRefused, EgressError, FetchTimedOut, HostUnreachable, UrlRefused
from tillhand_common.web_address import WebAddress
from tillhand_rag.adapters.fetching.lanes import HostLanes
from tillhand_rag.ports.fetching import FetchFailure, FetchLimits, FetchProblem

_MAX_BYTES = 512 * 1024  # the RFC asks for 500 KiB at least
_RETRY_AFTER_S = 60.0
_KEPT_ORIGINS = 1_000
_MAX_WORK = 500_000
_OK, _REDIRECTION, _CLIENT_ERROR, _SERVER_ERROR = 200, 300, 400, 500
_BUSY = 429


@dataclass(slots=True)
class _Origin:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    expires_at: float = 0.0
    verdict: Protego | FetchFailure | None = None


class Robots:
    """The rules of each origin, fetched when they are first wanted and kept for a while.

    A site without the file (4xx) allows everything. While it cannot be read (5xx, no connection, absurdly large)
    nothing is allowed, and it is asked again a minute later.
    """

    def __init__(self, egress: Egress, lanes: HostLanes, limits: FetchLimits, clock: Clock) -> None:
        self._egress = egress
        self._lanes = lanes
        self._limits = limits
        self._clock = clock
        self._origins: OrderedDict[str, _Origin] = OrderedDict()

    async def admit(self, address: WebAddress) -> float:
        """The crawl delay in seconds that the site asks for. Raises `FetchProblem` when it does not want us there."""
        rules = await self._verdict(address)
        agent = self._limits.user_agent
        if isinstance(rules, FetchFailure):
            raise FetchProblem(replace(rules, url=address.shown))
        if not rules.can_fetch(str(address), agent):
            detail = f"{address.host}: its robots.txt does not allow this page"
            raise FetchProblem(FetchFailure(address.shown, "robots-disallowed", detail))
        return min(rules.crawl_delay(agent) or 0.0, self._limits.max_crawl_delay_s)

    async def _verdict(self, address: WebAddress) -> Protego | FetchFailure:
        known = self._origins.setdefault(address.origin, _Origin())
        self._origins.move_to_end(address.origin)
        if len(self._origins) > _KEPT_ORIGINS:
            self._origins.popitem(last=False)
        async with known.lock:  # whoever comes while they are fetched waits for the same answer
            if known.verdict is None or self._clock.monotonic() >= known.expires_at:
                known.verdict = await self._load(address)
                is_failure = isinstance(known.verdict, FetchFailure)
                lifetime_s = _RETRY_AFTER_S if is_failure else self._limits.robots_ttl_s
                known.expires_at = self._clock.monotonic() + lifetime_s
            return known.verdict

    async def _load(self, address: WebAddress) -> Protego | FetchFailure:
        unavailable = FetchFailure(
            address.shown, "robots-unavailable", f"{address.host}: its robots.txt cannot be read now", transient=True
        )
        try:
            return await self._read(address.join("/robots.txt")) or unavailable
        except (AddressRefused, FetchTimedOut, HostUnreachable, UrlRefused) as error:
            # The page cannot be fetched either, and this says why.
            return FetchFailure(address.shown, error.slug, error.detail, transient=error.transient)
        except EgressError:
            return unavailable

    async def _read(self, address: WebAddress) -> Protego | None:
        async with self._egress.open(
            address, hop=lambda hop: self._lanes.turn(hop.host, self._limits.gap_s), max_bytes=_MAX_BYTES
        ) as answer:
            if _OK <= answer.status < _REDIRECTION:
                return await asyncio.to_thread(_parse, await answer.read())
            is_absent = _CLIENT_ERROR <= answer.status < _SERVER_ERROR and answer.status != _BUSY
            return Protego.parse("") if is_absent else None


def _parse(data: bytes) -> Protego | None:
    """The rules in a robots.txt; None for one that is made to be expensive."""
    text = data.decode("utf-8", "replace")
    lines = text.splitlines()
    agents = sum(line.lstrip().lower().startswith("user") for line in lines)
    # Each rule is kept once for every agent of its group: a few hundred kilobytes can stand for gigabytes.
    return Protego.parse(text) if agents * len(lines) <= _MAX_WORK else None
