"""services/analytics, asked with a key of the platform's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamRejected
from tillhand_common.http import UpstreamClient
from tillhand_mcp.adapters.upstreams.platform import PlatformService
from tillhand_mcp.domain.origins import Missing
from tillhand_mcp.errors import ToolRefused

MISSING: Final = Missing("TILLHAND_ANALYTICS_URL", "The address of services/analytics; `make up` sets it.")
_CLIENT_ERRORS: Final = frozenset({400, 404, 422})


class AnalyticsClient(PlatformService):
    """Reads figures. Raises `CredentialsMissing` where none are connected, `ToolRefused` for what they refuse."""

    def __init__(self, client: UpstreamClient | None, clock: Clock) -> None:
        super().__init__(client, clock, absent="No analytics are connected.", missing=MISSING)

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
        return found


def _told(problem: Mapping[str, Any]) -> str:
    field = str(problem.get("field", "")).removeprefix("query.")
    detail = str(problem.get("detail", "Analytics refused."))
    return f"{field}: {detail}" if field else detail
