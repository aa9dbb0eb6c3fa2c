"""What a property of Google Analytics still allows in this hour, as its answers tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamThrottled
from tillhand_mcp.domain.origins import Quota


class PropertyQuota:
    """Tokens of the hour. They come back at its end; until then nothing is asked once they are spent."""

    def __init__(self, upstream: str, clock: Clock) -> None:
        self._upstream = upstream
        self._clock = clock
        self._left: float | None = None
        self._limit = 0.0
        self._until: datetime = datetime.min.replace(tzinfo=UTC)

    def apart(self) -> PropertyQuota:
        """Another one of the same property: Google counts reports and what happens now each for itself."""
        return PropertyQuota(self._upstream, self._clock)

    def learned(self, quota: Mapping[str, Any] | None) -> None:
        """An answer has told: what it used, and what is left."""
        hour = (quota or {}).get("tokensPerHour")
        if not hour:
            return
        self._left = float(hour.get("remaining", 0))
        self._limit = max(self._limit, self._left + float(hour.get("consumed", 0)))
        now = self._clock.now()
        self._until = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)

    def admit(self) -> None:
        """Raises `UpstreamThrottled` while nothing is left."""
        now = self._clock.now()
        if self._left is not None and self._left <= 0 and now < self._until:
            wait_s = (self._until - now).total_seconds()
            raise UpstreamThrottled(
                self._upstream, "its tokens of this hour are spent", upstream_status=429, retry_after_s=wait_s
            )

    def quota(self) -> Quota | None:
        """What is left of this hour's tokens."""
        if self._left is None:
            return None
        left = self._limit if self._clock.now() >= self._until else self._left
        return Quota("tokens an hour", left, self._limit, self._until)
