"""services/analytics, asked with a key of the platform's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamError, UpstreamRejected
from tillhand_common.http import UpstreamClient
from tillhand_mcp.domain.origins import ConnectorState, Missing, State
from tillhand_mcp.errors import CredentialsMissing, ToolRefused

MISSING: Final = Missing("TILLHAND_ANALYTICS_URL", "The address of services/analytics; `make up` sets it.")
_CLIENT_ERRORS: Final = frozenset({400, 404, 422})


class AnalyticsClient:
    """Reads figures. Raises `CredentialsMissing` where none are connected, `ToolRefused` for what they refuse."""

    def __init__(self, client: UpstreamClient | None, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._last: datetime | None = None

    async def get(self, path: str, params: Mapping[str, str | int | float] | None = None) -> dict[str, Any]:
        """What a path answers."""
        client = self._connected()
        try:
            answer = await client.request("GET", path, params=dict(params or {}), accept=_CLIENT_ERRORS)
        except UpstreamRejected as error:
            raise ToolRefused(f"Analytics refused: status {error.upstream_status}.") from error
        found: dict[str, Any] = answer.json()
        if answer.status in _CLIENT_ERRORS:
            raise ToolRefused(_told(found), extensions={"reason": str(found.get("type", "")).rpartition(":")[2]})
        self._last = self._clock.now()
        return found

    async def state(self) -> ConnectorState:
        """How it stands, from what is known already."""
        if self._client is None:
            return ConnectorState("blocked", "No analytics are connected.", (MISSING,))
        breaker = self._client.breaker.state
        state: State = "live" if breaker == "closed" else "degraded"
        return ConnectorState(state, breaker=breaker, last_success_at=self._last)

    async def check(self) -> ConnectorState:
        """Ask whether it is ready."""
        if self._client is None:
            return await self.state()
        try:
            await self._client.request("GET", "/ready", timeout_s=4.0)
        except UpstreamError as error:
            return ConnectorState("degraded", error.detail, last_success_at=self._last)
        self._last = self._clock.now()
        return ConnectorState("live", last_success_at=self._last)

    async def aclose(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aclose()

    def _connected(self) -> UpstreamClient:
        if self._client is None:
            raise CredentialsMissing("No analytics are connected: set TILLHAND_ANALYTICS_URL.")
        return self._client


def _told(problem: Mapping[str, Any]) -> str:
    field = str(problem.get("field", "")).removeprefix("query.")
    detail = str(problem.get("detail", "Analytics refused."))
    return f"{field}: {detail}" if field else detail
