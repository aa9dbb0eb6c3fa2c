"""Knows what was ordered through the approvals: asks them now and then, and goes on without them where they fail."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from tillhand_analytics.domain.inventory.on_order import Placed
from tillhand_analytics.errors import ApprovalsUnavailable
from tillhand_analytics.ports.proposing import Orders
from tillhand_common.clock import Clock

FRESH_S: Final = 10.0
"""Seconds for which the answer, or that there was none, is good enough."""
BACK: Final = timedelta(days=180)
"""Orders from before are no longer on their way."""
_log: Final = structlog.get_logger(__name__)


class Placing:
    """One question goes on at a time. What was known stands in where the approvals do not answer, and says so."""

    def __init__(self, orders: Orders, clock: Clock) -> None:
        self._orders = orders
        self._clock = clock
        self._known = Placed()
        self._until_s = -1.0
        self._lock = asyncio.Lock()

    async def current(self) -> Placed:
        """What was ordered, and what waits for a decision."""
        async with self._lock:
            if self._clock.monotonic() >= self._until_s:
                self._known = await self._asked()
                self._until_s = self._clock.monotonic() + FRESH_S
            return self._known

    def forget(self) -> None:
        """Something was proposed: ask again."""
        self._until_s = -1.0

    async def _asked(self) -> Placed:
        now = self._clock.now()
        try:
            lines = await self._orders.placed(now - BACK)
        except ApprovalsUnavailable as problem:
            _log.warning("orders_not_read", reason=problem.detail)
            was_read = self._known.told in {"read", "stale"}
            return replace(self._known, told="stale" if was_read else "unavailable")
        return Placed() if lines is None else Placed("read", tuple(lines), now.date())
