"""How a connector stands: live, mock or blocked by what is set, degraded by what its upstream does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamRejected
from tillhand_common.http import UpstreamClient
from tillhand_common.problems import Problem
from tillhand_mcp.domain.origins import Access, ConnectorState, Mode, Origin, Quota
from tillhand_mcp.errors import CredentialsMissing

UNAUTHORIZED, FORBIDDEN = 401, 403


class Standing:
    """One connector's state, from its access, its client's breaker, and what was answered last."""

    def __init__(self, source: str, access: Access, client: UpstreamClient | None, clock: Clock) -> None:
        self._source = source
        self._access = access
        self._client = client
        self._clock = clock
        self._last: datetime | None = None
        self._refused = ""
        self.quota: Callable[[], Quota | None] = lambda: None

    def require(self) -> Mode:
        """Where answers come from. Raises `CredentialsMissing` where nothing is asked at all."""
        if self._access.mode == "blocked":
            wanted = [{"setting": each.setting, "how": each.how} for each in self._access.missing]
            told = " ".join(f"{each.setting} is missing: {each.how}" for each in self._access.missing)
            raise CredentialsMissing(told, extensions={"missing": wanted})
        return self._access.mode

    def succeeded(self) -> None:
        """The upstream has answered as it should."""
        self._last = self._clock.now()
        self._refused = ""

    def refused(self, error: UpstreamRejected) -> None:
        """The upstream has answered no; credentials that it does not take are remembered until one is taken."""
        if error.upstream_status in {UNAUTHORIZED, FORBIDDEN}:
            self._refused = f"{error.upstream} refuses the credentials (status {error.upstream_status})."

    def shut_out(self, told: str) -> None:
        """The credentials are not taken, in words of the connector."""
        self._refused = told

    def origin(self, *, truncated: bool = False) -> Origin:
        """What an answer of just now says of itself."""
        return Origin(self._source, self.require(), self._clock.now(), truncated=truncated, quota=self.quota())

    def state(self) -> ConnectorState:
        """How it stands, from what is known already."""
        access = self._access
        if access.mode == "blocked" or self._client is None:
            return ConnectorState("blocked", "Credentials are missing.", access.missing)
        breaker = self._client.breaker.state
        if breaker == "open" and self._client.breaker.retry_after_s <= 0:
            breaker = "half-open"  # the next call is the one that tries
        reason = self._refused
        if breaker != "closed":
            reason = f"The last calls failed; the breaker is {breaker}."
        return ConnectorState(
            "degraded" if reason else access.mode,
            reason or ("A mock answers: no credentials are set, or mocks are forced." if access.mode == "mock" else ""),
            missing=access.missing,
            breaker=breaker,
            quota=self.quota(),
            last_success_at=self._last,
        )

    async def checked(self, probe: Callable[[], Awaitable[object]]) -> ConnectorState:
        """How it stands once `probe`, the cheapest call that proves the credentials, has been made."""
        if self._access.mode == "blocked":
            return self.state()
        try:
            await probe()
        except Problem as error:
            now = self.state()
            return ConnectorState(
                "degraded",
                error.detail,
                now.missing,
                breaker=now.breaker,
                quota=now.quota,
                last_success_at=self._last,
            )
        return self.state()
