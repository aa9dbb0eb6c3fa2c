"""A bucket of points that an upstream keeps, as its answers tell of it: nothing about it is set beforehand.

Every answer brings the bucket's size, its rate and what is left, and what the operation asked for. Between answers the
bucket fills at its rate, and what calls under way may use is kept back. An operation that was never seen goes out at
once; from its first answer on its price is known, and a call waits until it is affordable instead of being refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamThrottled
from tillhand_common.retry import remaining_s
from tillhand_mcp.domain.origins import Quota

LONGEST_WAIT_S: Final = 30.0
SLACK_S: Final = 0.005
"""Added to each wait: the upstream's clock and ours do not tick together."""


@dataclass(slots=True)
class _Known:
    size: float
    rate: float
    left: float
    at_s: float


class CostBucket:
    """What one upstream still allows. Calls are let through in the order in which they came."""

    def __init__(self, upstream: str, clock: Clock, *, longest_wait_s: float = LONGEST_WAIT_S) -> None:
        self._upstream = upstream
        self._clock = clock
        self._longest_wait_s = longest_wait_s
        self._known: _Known | None = None
        self._prices: dict[str, float] = {}
        self._held = 0.0
        self._turn = asyncio.Lock()
        self.waits = 0
        self.waited_s = 0.0

    @asynccontextmanager
    async def spend(self, operation: str) -> AsyncIterator[None]:
        """The leave to make one call. Raises `UpstreamThrottled` where its turn would come too late."""
        price = await self._taken(operation)
        try:
            yield
        finally:
            self._held -= price

    def learned(self, operation: str, *, asked: float, size: float, rate: float, left: float) -> None:
        """An answer has told. A price only ever rises: what was refused once must not be tried too early again."""
        self._prices[operation] = max(asked, self._prices.get(operation, 0.0))
        self._known = _Known(size, rate, left, self._clock.monotonic())

    def wait_s(self, price: float) -> float:
        """Seconds until a call of this price is affordable, from what is known."""
        known = self._known
        if known is None or known.rate <= 0:
            return 0.0
        lacking = min(price, known.size) - self._left(known)
        return lacking / known.rate + SLACK_S if lacking > 0 else 0.0

    def quota(self) -> Quota | None:
        """What is left now, and when all of it will be."""
        known = self._known
        if known is None:
            return None
        left = min(known.size, known.left + (self._clock.monotonic() - known.at_s) * known.rate)
        full_in_s = (known.size - left) / known.rate if known.rate > 0 else 0.0
        return Quota("points", round(left, 1), known.size, self._clock.now() + timedelta(seconds=full_in_s))

    def _left(self, known: _Known) -> float:
        filled = known.left + (self._clock.monotonic() - known.at_s) * known.rate
        return min(known.size, filled) - self._held

    async def _taken(self, operation: str) -> float:
        """The price of the operation, kept back. Waiting behind others counts as waiting."""
        try:
            async with asyncio.timeout(min(self._longest_wait_s, remaining_s())), self._turn:
                price = self._prices.get(operation, 0.0)
                await self._afford(price)
                self._held += price
                return price
        except TimeoutError as error:
            raise UpstreamThrottled(
                self._upstream, "its quota is spent for now", upstream_status=429, retry_after_s=self._longest_wait_s
            ) from error

    async def _afford(self, price: float) -> None:
        while (wait_s := self.wait_s(price)) > 0:
            if wait_s > min(self._longest_wait_s, remaining_s()):
                raise UpstreamThrottled(
                    self._upstream, "its quota is spent for now", upstream_status=429, retry_after_s=wait_s
                )
            self.waits += 1
            self.waited_s += wait_s
            await self._clock.sleep(wait_s)
