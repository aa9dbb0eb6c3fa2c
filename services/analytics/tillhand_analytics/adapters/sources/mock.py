"""The seeded mock shop, made in this process."""

from __future__ import annotations

import asyncio
from typing import Final

from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.domain.gates import Gate
from tillhand_analytics.domain.provenance import SOURCES, Source, Stamp
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.ports.sources import Loaded
from tillhand_common.clock import Clock
from tillhand_mockshop import generator
from tillhand_mockshop.digest import DEFAULT_DIGEST


class MockSources:
    """Made-up records that are always the same. Each source is absent: what would make it live is for `missing`."""

    has_token: Final = False

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._shop: Shop | None = None

    async def load(self) -> Loaded:
        """The default mock shop; made once."""
        if self._shop is None:
            self._shop = await asyncio.to_thread(_built)
        shop, now = self._shop, self._clock.now()
        stamps = tuple(
            Stamp(source, "mock", now, shop.last_day.astype("datetime64[D]").item(), rows, DEFAULT_DIGEST)
            for source, rows in _rows(shop).items()
        )
        return Loaded(shop, stamps)

    async def gates(self) -> tuple[Gate, ...]:
        """Nothing is live."""
        return tuple(Gate(source, "absent", "mock") for source in SOURCES)

    async def aclose(self) -> None:
        """Holds nothing."""


def _built() -> Shop:
    return columns(generator.shop())


def _rows(shop: Shop) -> dict[Source, int]:
    google = int((shop.searches.engine == 0).sum())
    return {
        "shopify": len(shop.lines.ids),
        "ga4": len(shop.visits.day),
        "search_console": google,
        "bing": len(shop.searches.day) - google,
    }
