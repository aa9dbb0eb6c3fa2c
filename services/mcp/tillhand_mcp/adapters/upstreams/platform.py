"""Another service of the platform, as a connector asks it: with the platform's own key, or not at all."""

from __future__ import annotations

from datetime import datetime

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamError
from tillhand_common.http import UpstreamClient
from tillhand_mcp.domain.origins import ConnectorState, Missing, State
from tillhand_mcp.errors import CredentialsMissing

READY_WITHIN_S = 4.0


class PlatformService:
    """`client` is None where the service is not connected: `absent` says so, and `missing` how to mend it."""

    def __init__(self, client: UpstreamClient | None, clock: Clock, *, absent: str, missing: Missing) -> None:
        self._client = client
        self._clock = clock
        self._absent = absent
        self._missing = missing
        self._last: datetime | None = None

    @property
    def client(self) -> UpstreamClient | None:
        """What it is asked by, where it is connected."""
        return self._client

    def connected(self) -> UpstreamClient:
        """What it is asked by. Raises `CredentialsMissing` where it is not connected."""
        if self._client is None:
            raise CredentialsMissing(f"{self._absent.removesuffix('.')}: set {self._missing.setting}.")
        return self._client

    def answered(self) -> None:
        """It has just given an answer."""
        self._last = self._clock.now()

    async def state(self) -> ConnectorState:
        """How it stands, from what is known already."""
        if self._client is None:
            return ConnectorState("blocked", self._absent, (self._missing,))
        breaker = self._client.breaker.state
        state: State = "live" if breaker == "closed" else "degraded"
        return ConnectorState(state, breaker=breaker, last_success_at=self._last)

    async def check(self) -> ConnectorState:
        """Ask whether it is ready."""
        if self._client is None:
            return await self.state()
        try:
            await self._client.request("GET", "/ready", timeout_s=READY_WITHIN_S)
        except UpstreamError as error:
            return ConnectorState("degraded", error.detail, last_success_at=self._last)
        self.answered()
        return ConnectorState("live", last_success_at=self._last)

    async def aclose(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aclose()
