"""services/analytics, asked with a key of the platform's own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from pydantic import SecretStr

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamError, UpstreamRejected
from tillhand_common.http import UpstreamClient
from tillhand_common.resilience import Resilience
from tillhand_common.retry import RetryPolicy
from tillhand_mcp.adapters.upstreams.platform import READY_WITHIN_S, PlatformService
from tillhand_mcp.domain.origins import ConnectorState, Missing
from tillhand_mcp.errors import ToolRefused

MISSING: Final = Missing("TILLHAND_ANALYTICS_URL", "The address of services/analytics; `make up` sets it.")
ASK_EVERY_S: Final = 60.0
ASK_AGAIN_S: Final = 2.0
_CLIENT_ERRORS: Final = frozenset({400, 404, 422})


class AnalyticsClient(PlatformService):
    """Reads figures. Raises `CredentialsMissing` where none are connected, `ToolRefused` for what they refuse.

    It is as real as what stands behind it: analytics that answer with mock figures are a mock. `watching` asks about
    that in the background, with a breaker of its own: analytics that begin after us are no reason to refuse calls.
    """

    def __init__(self, client: UpstreamClient | None, clock: Clock, *, watching: UpstreamClient | None = None) -> None:
        super().__init__(client, clock, absent="No analytics are connected.", missing=MISSING)
        self._watching = watching
        self._mode: str | None = None

    async def state(self) -> ConnectorState:
        """How it stands, and how real its last answer was."""
        return self._as_real(await super().state())

    async def check(self) -> ConnectorState:
        """Ask whether it is ready, and how real its figures are."""
        found = await super().check()
        if found.state == "live":
            with suppress(UpstreamError, ToolRefused):
                await self.get("/v1/status")
        return self._as_real(found)

    async def run(self) -> None:
        """Ask now and then, so that this is known before anybody asks for a figure."""
        while self._watching is not None:
            mode = None  # nor is it known before analytics have read their sources
            with suppress(UpstreamError):
                mode = _mode((await self._watching.request("GET", "/v1/status", timeout_s=READY_WITHIN_S)).json())
            self._mode = mode or self._mode
            await self._clock.sleep(ASK_AGAIN_S if mode is None else ASK_EVERY_S)

    async def aclose(self) -> None:
        """Close all connections."""
        await super().aclose()
        if self._watching is not None:
            await self._watching.aclose()

    async def get(self, path: str, params: Mapping[str, str | int | float] | None = None) -> dict[str, Any]:
        """What a path answers."""
        client = self.connected()
        try:
            answer = await client.request("GET", path, params=dict(params or {}), accept=_CLIENT_ERRORS)
        except UpstreamRejected as error:
            raise ToolRefused(f"Analytics refused: status {error.upstream_status}.") from error
        found: dict[str, Any] = answer.json()
        if answer.status in _CLIENT_ERRORS:
            raise ToolRefused(_told(found), extensions={"reason": str(found.get("type", "")).rpartition(":")[2]})
        self.answered()
        self._mode = _mode(found) or self._mode
        return found

    def _as_real(self, found: ConnectorState) -> ConnectorState:
        if found.state != "live" or self._mode in {None, "live"}:
            return found
        reason = f"Analytics answers with {self._mode} figures; its own status says what is missing for live ones."
        return replace(found, state="mock", reason=reason)


def watcher_of(url: str, key: SecretStr | None, clock: Clock) -> UpstreamClient:
    """What analytics are looked at by in the background: once each time, and never at rest for long."""
    patient = Resilience("analytics", reset_timeout_s=ASK_AGAIN_S / 2, retry=RetryPolicy(attempts=1), clock=clock)
    return UpstreamClient("analytics", url, bearer=key, resilience=patient)


def _mode(found: Any) -> str | None:  # noqa: ANN401  # any JSON
    """How real an answer is: a figure says so in its provenance, the status by itself."""
    if not isinstance(found, Mapping):
        return None
    provenance = found.get("provenance")
    said = (provenance if isinstance(provenance, Mapping) else found).get("mode")
    return said if isinstance(said, str) else None


def _told(problem: Mapping[str, Any]) -> str:
    field = str(problem.get("field", "")).removeprefix("query.")
    detail = str(problem.get("detail", "Analytics refused."))
    return f"{field}: {detail}" if field else detail
