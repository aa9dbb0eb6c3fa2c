"""Everything of one kind at once: Shopify makes a file of it meanwhile, which is fetched when it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamError, UpstreamProtocolError, UpstreamTimeout
from tillhand_common.http import UpstreamClient
from tillhand_common.retry import remaining_s
from tillhand_mcp.adapters.shopify import bulk_queries, documents
from tillhand_mcp.adapters.shopify.client import ShopifyClient
from tillhand_mcp.adapters.shopify.exports import Exports, Kept
from tillhand_mcp.adapters.shopify.models import Export, Exported
from tillhand_mcp.adapters.upstreams.standing import Standing
from tillhand_mcp.errors import ToolRefused
from tillhand_mcp.ports.connector import Answer
from tillhand_mcp.ports.toolbox import Caller, Progress

FIRST_WAIT_S: Final = 0.25
LONGEST_WAIT_S: Final = 2.0
SPARE_S: Final = 5.0
"""Kept back of a request's time for fetching the file."""
LONGEST_FETCH_S: Final = 300.0
VENDORS: Final = (".googleapis.com", ".shopify.com", ".myshopify.com", ".shopifycdn.com")
_ENDED: Final = frozenset({"CANCELED", "CANCELING", "EXPIRED", "FAILED"})


class BulkExport:
    """The tool `shopify_bulk_export`."""

    def __init__(
        self, client: ShopifyClient, exports: Exports, standing: Standing, clock: Clock, base_url: str
    ) -> None:
        self._client = client
        self._exports = exports
        self._standing = standing
        self._clock = clock
        self._origin = _origin(base_url)

    async def export(self, caller: Caller, given: Export, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        """Begin it, or go on with it, and fetch it when it is there."""
        name = given.export_id or await self._begin(bulk_queries.query(given.kind, given.since))
        try:
            status = await self._finished(name, progress)
        except asyncio.CancelledError:
            await asyncio.shield(self._cancel(name))
            raise
        if status is None:
            waiting = Exported(export_id=name, status="running", kind=given.kind, objects=0)
            told = "It is still being made. Call again with this export_id."
            return Answer(waiting, told, self._standing.origin(truncated=True))
        kept = await self._fetch(f"{given.kind}-{name.rsplit('/', 1)[-1]}", status["url"])
        done = Exported(
            export_id=name,
            status="completed",
            kind=given.kind,
            objects=int(status["objectCount"]),
            uri=kept.uri,
            size_bytes=kept.size_bytes,
            sha256=kept.sha256,
            first=kept.first,
        )
        truncated = done.objects > len(kept.first)
        return Answer(done, f"{done.objects} objects are in {kept.uri}.", self._standing.origin(truncated=truncated))

    async def _begin(self, query: str) -> str:
        payload = (await self._client.read(documents.BULK_RUN, {"query": query}))["bulkOperationRunQuery"]
        if payload["userErrors"]:
            told = "; ".join(each["message"] for each in payload["userErrors"])
            raise ToolRefused(f"Shopify refuses: {told}", extensions={"reason": "user-errors"})
        return str(payload["bulkOperation"]["id"])

    async def _finished(self, name: str, progress: Progress) -> Mapping[str, Any] | None:
        """The export once it is whole; None when the request's time is nearly over before."""
        wait_s = FIRST_WAIT_S
        while True:
            status = (await self._client.read(documents.BULK_STATUS, {"id": name}))["bulkOperation"]
            if status is None:
                raise ToolRefused("export_id: there is no such export.", extensions={"reason": "not-found"})
            if status["status"] == "COMPLETED":
                return dict(status)
            if status["status"] in _ENDED:
                raise ToolRefused(
                    f"The export ended as {status['status']} ({status['errorCode']}).",
                    extensions={"reason": "export-failed"},
                )
            await progress(float(status["objectCount"]), None, f"{status['objectCount']} objects so far")
            if remaining_s() < wait_s + SPARE_S:
                return None
            await self._clock.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _cancel(self, name: str) -> None:
        try:
            await self._client.read(documents.BULK_CANCEL, {"id": name})
        except (UpstreamError, ToolRefused):
            return  # it ends by itself; nobody waits for it

    async def _fetch(self, name: str, url: str | None) -> Kept:
        if url is None:  # an export of nothing has no file
            return Kept("", 0, "", [])
        parts = urlsplit(url)
        if _origin(url) != self._origin and not (parts.scheme == "https" and (parts.hostname or "").endswith(VENDORS)):
            raise UpstreamProtocolError("shopify", "named a file at a place that is not its own")
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        try:
            async with (
                asyncio.timeout(min(LONGEST_FETCH_S, remaining_s())),
                UpstreamClient("shopify", _origin(url)) as client,
                client.stream("GET", target) as answer,
            ):
                return await self._exports.keep(name, answer.chunks())
        except TimeoutError as error:
            raise UpstreamTimeout("shopify", "the file did not come in time") from error


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
