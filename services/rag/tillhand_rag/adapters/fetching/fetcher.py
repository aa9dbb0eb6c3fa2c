"""Single addresses: robots.txt first, then our turn, then the document."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from tillhand_common.clock import Clock
from tillhand_common.egress import Egress, Hop, WebAnswer
from tillhand_common.egress_errors import RedirectRefused
from tillhand_common.web_address import WebAddress
from tillhand_rag.adapters.fetching.failures import address_of, failing, refuse_status
from tillhand_rag.adapters.fetching.lanes import HostLanes
from tillhand_rag.adapters.fetching.naming import filename_for, may_be_document
from tillhand_rag.adapters.fetching.robots import Robots
from tillhand_rag.ports.fetching import Fetched, FetchFailure, FetchLimits, FetchProblem, NotModified, Validators

_ACCEPT = "text/html, text/markdown, application/pdf, text/plain, */*;q=0.5"
_NOT_MODIFIED = 304
_MAX_HEADER = 512


class PoliteFetcher:
    """Fetches documents as their sites want to be fetched."""

    def __init__(self, egress: Egress, limits: FetchLimits, clock: Clock) -> None:
        self._egress = egress
        self._gap_s = limits.gap_s
        self._lanes = HostLanes(limits.connections_per_host, clock)
        self._robots = Robots(egress, self._lanes, limits, clock)

    async def fetch(
        self, url: str, *, known: Validators | None = None, origin: str | None = None
    ) -> Fetched | NotModified:
        """The document at `url`. Raises `FetchProblem`, also when a redirect leaves `origin`."""
        address = address_of(url)
        async with self.open(address, headers=_conditions(known), origin=origin) as answer:
            if answer.status == _NOT_MODIFIED and known is not None:
                return NotModified(str(answer.url))
            refuse_status(address.shown, answer)
            media_type = _kept(answer, "content-type")
            if not may_be_document(media_type):
                detail = f"{answer.url.host}: what is there is no document by its media type"
                raise FetchProblem(FetchFailure(address.shown, "media-type-unsupported", detail))
            data = await answer.read()
        return Fetched(
            url=str(answer.url),
            data=data,
            filename=filename_for(answer.url, media_type),
            media_type=media_type,
            validators=Validators(_kept(answer, "etag"), _kept(answer, "last-modified")),
        )

    @asynccontextmanager
    async def open(
        self,
        address: WebAddress,
        *,
        headers: Mapping[str, str] | None = None,
        origin: str | None = None,
        max_bytes: int | None = None,
    ) -> AsyncIterator[WebAnswer]:
        """The answer of `address`, whatever its status. Raises `FetchProblem`."""
        sent = {"Accept": _ACCEPT, **(headers or {})}
        with failing(address.shown):
            async with self._egress.open(address, headers=sent, hop=self._hop(origin), max_bytes=max_bytes) as answer:
                yield answer

    def _hop(self, origin: str | None) -> Hop:
        @asynccontextmanager
        async def hop(address: WebAddress) -> AsyncIterator[None]:
            if origin is not None and address.origin != origin:
                raise RedirectRefused("redirects away from its site", address.host)
            delay_s = await self._robots.admit(address)
            async with self._lanes.turn(address.host, max(self._gap_s, delay_s)):
                yield

        return hop


def _conditions(known: Validators | None) -> dict[str, str]:
    if known is None:
        return {}
    conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in conditions.items() if value}


def _kept(answer: WebAnswer, name: str) -> str | None:
    """A header that can be kept and sent back as it is."""
    value = answer.headers.get(name, "")
    return value if value.isascii() and value.isprintable() and 0 < len(value) <= _MAX_HEADER else None
