"""services/mcp over HTTP: its tools, its exports, and how its connectors stand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from tillhand_analytics.domain.gates import Missing
from tillhand_analytics.domain.provenance import SOURCES, Mode
from tillhand_analytics.errors import CredentialsRejected, QuotaSpent, SourceUnavailable
from tillhand_common.errors import IndeterminateWrite, UpstreamError, UpstreamRejected
from tillhand_common.http import UpstreamClient, UpstreamResponse

State = Literal["live", "mock", "blocked", "degraded"]
ExportKind = Literal["products", "inventory", "orders"]
MOST_TURNS: Final = 120
"""Times that an export is gone on with: each is as long as a request may take."""
LARGEST_EXPORT: Final = 2 * 1024**3
_TOLD: Final = frozenset({422, 503})
_REFUSED: Final = frozenset({401, 403})
_UNPROCESSABLE: Final = 422
_NOT_TAKEN: Final = frozenset({"connector-unavailable", "upstream-rejected", "access-denied"})
_SPENT: Final = frozenset({"upstream-throttled"})


@dataclass(frozen=True, slots=True)
class Standing:
    """How a connector stands."""

    state: State
    reason: str
    missing: tuple[Missing, ...]
    last_success_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a tool found, and what it says of where that comes from."""

    found: Mapping[str, Any]
    mode: Mode
    fetched_at: datetime
    stale: bool


class Connectors:
    """Asks as analytics, with a key of its own.

    Raises `SourceUnavailable` naming the source; `CredentialsRejected` where its upstream does not take the
    credentials, `QuotaSpent` where it asks to wait.
    """

    def __init__(self, client: UpstreamClient) -> None:
        self._client = client

    async def standings(self) -> Mapping[str, Standing]:
        """How each connector stands, by its id; none is asked anything."""
        try:
            answer = await self._client.request("GET", "/v1/connectors")
            found = {each["id"]: _standing(each) for each in answer.json()["items"]}
        except UpstreamError as error:
            raise self._failed("connectors", error) from error
        except (KeyError, TypeError, ValueError) as error:
            raise SourceUnavailable("connectors: they answered in another shape than was agreed.") from error
        if missing := [source for source in SOURCES if source not in found]:
            raise SourceUnavailable(f"connectors: services/mcp knows no {', '.join(missing)}.")
        return found

    async def call(self, source: str, tool: str, arguments: Mapping[str, Any]) -> Answered:
        """What a tool that reads answers."""
        try:
            answer = await self._client.request(
                "POST",
                f"/v1/tools/{tool}",
                json={"arguments": dict(arguments)},
                accept=_TOLD,
            )
        except UpstreamError as error:
            raise self._failed(source, error) from error
        if answer.status in _TOLD:
            raise _refused(source, answer)
        return _answered(source, answer)

    async def export(self, kind: ExportKind, since: date | None = None) -> tuple[bytes, Answered]:
        """Everything of a kind as JSON lines; of orders, those placed on a day or later."""
        arguments: dict[str, Any] = {"kind": kind, **({"since": since.isoformat()} if since else {})}
        for _ in range(MOST_TURNS):
            answered = await self.call("shopify", "shopify_bulk_export", arguments)
            if answered.found["status"] == "completed":
                return await self._fetched(str(answered.found["uri"])), answered
            arguments["export_id"] = answered.found["export_id"]
        raise SourceUnavailable(f"shopify: the export of {kind} did not end in time.")

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _fetched(self, uri: str) -> bytes:
        if not uri:  # an export of nothing has no file
            return b""
        chunks: list[bytes] = []
        size = 0
        try:
            async with self._client.stream("GET", f"/v1/exports/{uri.rpartition('/')[2]}") as answer:
                async for chunk in answer.chunks():
                    size += len(chunk)
                    if size > LARGEST_EXPORT:
                        raise SourceUnavailable("shopify: an export is larger than can be read here.")
                    chunks.append(chunk)
        except UpstreamError as error:
            raise self._failed("shopify", error) from error
        return b"".join(chunks)

    def _failed(self, source: str, error: UpstreamError) -> SourceUnavailable:
        if isinstance(error, UpstreamRejected) and error.upstream_status in _REFUSED:
            return SourceUnavailable(f"{source}: services/mcp does not take the key; see TILLHAND_ANALYTICS_TOKEN.")
        if isinstance(error, IndeterminateWrite):  # a call that only reads has been lost, no more
            return SourceUnavailable(f"{source}: services/mcp did not answer in time, or broke off.")
        return SourceUnavailable(f"{source}: {error.detail}", retry_after_s=error.retry_after_s)


def _standing(told: Mapping[str, Any]) -> Standing:
    last = told["last_success_at"]
    return Standing(
        told["state"],
        told["reason"],
        tuple(Missing(each["setting"], each["how"]) for each in told["missing"]),
        None if last is None else datetime.fromisoformat(last),
    )


def _answered(source: str, answer: UpstreamResponse) -> Answered:
    try:
        found = answer.json()["structured"]
        origin = found["origin"]
        return Answered(found, origin["mode"], datetime.fromisoformat(origin["fetched_at"]), bool(origin["stale"]))
    except (KeyError, TypeError, ValueError, UpstreamError) as error:
        raise SourceUnavailable(f"{source}: services/mcp answered in another shape than was agreed.") from error


def _refused(source: str, answer: UpstreamResponse) -> SourceUnavailable:
    try:
        told: Mapping[str, Any] = json.loads(answer.body)
    except ValueError:
        told = {}
    reason, detail = str(told.get("reason", "")), str(told.get("detail") or told.get("title") or "")
    text = f"{source}: {detail or 'it does not answer.'}"
    kind = CredentialsRejected if reason in _NOT_TAKEN else QuotaSpent if reason in _SPENT else SourceUnavailable
    if answer.status == _UNPROCESSABLE and kind is SourceUnavailable:
        text = f"{source}: it refused to be read: {detail}"
    return kind(text)
