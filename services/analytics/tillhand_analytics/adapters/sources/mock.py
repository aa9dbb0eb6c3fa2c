"""The seeded mock shop, made in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Final

from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.adapters.normalising.assembling import rows_of
from tillhand_analytics.domain.gates import Gate, Missing
from tillhand_analytics.domain.provenance import SOURCES, Stamp, digest_of
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.ports.sources import Loaded
from tillhand_common.clock import Clock
from tillhand_mockshop import generator
from tillhand_mockshop.digest import DEFAULT_DIGEST

NO_CONNECTORS: Final = Missing(
    "TILLHAND_MCP_URL", "The address of services/mcp, through which live data is read; `make up` sets it."
)


def _built(last_day: date) -> Shop:
    return columns(generator.shop(last_day))


class MockSources:
    """Made-up records that are always the same. Each source is absent: what would make it live is for `missing`."""

    has_token: Final = False

    def __init__(
        self,
        clock: Clock,
        missing: tuple[Missing, ...] = (NO_CONNECTORS,),
        *,
        make: Callable[[date], Shop] = _built,
    ) -> None:
        self._clock = clock
        self._missing = missing
        self._make = make
        self._made: dict[date, Shop] = {}

    async def load(self) -> Loaded:
        """The default mock shop; made once."""
        return await self.up_to(generator.LAST_DAY)

    async def up_to(self, last_day: date) -> Loaded:
        """The mock shop of the year up to a day; the last one that was made is kept."""
        if last_day not in self._made:
            self._made = {last_day: await asyncio.to_thread(self._make, last_day)}
        shop, now = self._made[last_day], self._clock.now()
        digest = digest_of((DEFAULT_DIGEST, last_day.isoformat()))
        if last_day == generator.LAST_DAY:
            digest = DEFAULT_DIGEST
        return Loaded(
            shop, tuple(Stamp(source, "mock", now, last_day, rows_of(shop, source), digest) for source in SOURCES)
        )

    async def gates(self) -> tuple[Gate, ...]:
        """Nothing is live."""
        return tuple(Gate(source, "absent", "mock", missing=self._missing) for source in SOURCES)

    async def aclose(self) -> None:
        """Holds nothing."""
