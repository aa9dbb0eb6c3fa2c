"""The shop as its connectors give it: live where credentials are set, and where none are, made up or empty."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from tillhand_analytics.adapters.normalising.assembling import normalised, rows_of, with_traffic
from tillhand_analytics.adapters.normalising.files import OF_SOURCE, Window
from tillhand_analytics.adapters.sources.connectors import Connectors, Standing
from tillhand_analytics.adapters.sources.gating import Gates, is_mocked
from tillhand_analytics.adapters.sources.mock import MockSources
from tillhand_analytics.adapters.sources.shopify import ShopifyReader, window_of
from tillhand_analytics.adapters.sources.traffic_reading import Taken, TrafficReader
from tillhand_analytics.domain.gates import Gate
from tillhand_analytics.domain.provenance import SOURCES, Mode, Source, Stamp
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.errors import SourceUnavailable
from tillhand_analytics.ports.keeping import Keeper
from tillhand_analytics.ports.sources import Loaded
from tillhand_common.clock import Clock

Standings = Mapping[str, Standing]


class LiveSources:
    """Reads through services/mcp.

    With `mock`, what has no credentials is made up in this process as long as the shop itself has none, and empty once
    it has; without, mocks of services/mcp are read like any other upstream. What lay where is kept for `stock_days`,
    and for as long as it is read.
    """

    def __init__(
        self,
        connectors: Connectors,
        keeper: Keeper,
        clock: Clock,
        *,
        days: int,
        has_token: bool,
        mock: MockSources | None,
        stock_days: int = 0,
    ) -> None:
        self._connectors = connectors
        self._keeper = keeper
        self._clock = clock
        self._days = days
        self._mock = mock
        self._gates = Gates(clock)
        self._shopify = ShopifyReader(connectors, keeper, stock_days_kept=max(days, stock_days))
        self._traffic = TrafficReader(connectors, keeper, clock)
        self.has_token = has_token

    async def load(self) -> Loaded:
        """Read everything. Raises `SourceUnavailable` where the shop itself cannot be read."""
        standings = await self._standings()
        if self._mock is not None and is_mocked(standings["shopify"]):
            return await self._made_up(self._mock, standings)
        taken = await self._taken(standings)
        shop = await asyncio.to_thread(normalised, taken.files, taken.window)
        stamps = await asyncio.to_thread(_stamps, shop, taken)
        read = taken.reads["shopify"]
        if not read.stale:
            await self._shopify.note_stock(read, shop, self._clock.now())
        return self._told(Loaded(shop, stamps, taken.lacking), taken, standings)

    async def take(self) -> Taken:
        """Read everything, as files. Raises `SourceUnavailable` where the shop itself cannot be read."""
        return await self._taken(await self._standings())

    async def gates(self) -> tuple[Gate, ...]:
        """How each source stands, from what is known already."""
        return self._gates.all()

    async def aclose(self) -> None:
        """Let go of connections, and of what is kept."""
        await self._connectors.aclose()
        await self._keeper.aclose()

    async def _standings(self) -> Standings:
        try:
            return await self._connectors.standings()
        except SourceUnavailable as problem:
            self._gates.unreachable(problem)
            raise

    async def _taken(self, standings: Standings) -> Taken:
        standing = standings["shopify"]
        try:
            _require(standing)
            about, told = await self._shopify.about()
            window = window_of(about, self._clock.now(), self._days)
            read = await self._shopify.read(about, told, window)
        except SourceUnavailable as problem:
            self._gates.put("shopify", standing, None, problem)
            raise
        taken = await self._traffic.read(self._wanted(standings), window, about.currency)
        return replace(taken, reads={"shopify": read, **taken.reads})

    def _wanted(self, standings: Standings) -> Mapping[Source, Mode]:
        """What is read beside the shop, and from whom."""
        known: dict[Source, Mode] = {
            source: "mock" if is_mocked(standings[source]) else "live"
            for source in SOURCES
            if source != "shopify" and standings[source].state != "blocked"
        }
        return {source: mode for source, mode in known.items() if mode == "live" or self._mock is None}

    async def _made_up(self, mock: MockSources, standings: Standings) -> Loaded:
        """A made-up shop, with the visits and searches that are real."""
        mocked = [source for source in SOURCES if is_mocked(standings[source])]
        if len(mocked) == len(SOURCES):
            loaded = await mock.load()
            self._gates.told(standings, loaded.stamps, {})
            return loaded
        made = await mock.up_to(self._clock.now().date() - timedelta(days=1))
        window = Window(_date(made.shop.first_day), _date(made.shop.last_day))
        taken = await self._traffic.read(self._wanted(standings), window, made.shop.currency)
        empty = {name: b"" for source in SOURCES if source not in mocked for name in OF_SOURCE[source]}
        shop = await asyncio.to_thread(with_traffic, made.shop, {**empty, **taken.files}, window)
        found = await asyncio.to_thread(_stamps, shop, taken)
        stamps = (*(stamp for stamp in made.stamps if stamp.source in mocked), *found)
        return self._told(Loaded(shop, stamps, taken.lacking), taken, standings)

    def _told(self, loaded: Loaded, taken: Taken, standings: Standings) -> Loaded:
        self._gates.told(standings, loaded.stamps, taken.problems)
        return loaded


def _require(standing: Standing) -> None:
    if standing.state == "blocked":
        wanted = ", ".join(each.setting for each in standing.missing)
        raise SourceUnavailable(f"shopify: credentials are missing: {wanted}.")


def _stamps(shop: Shop, taken: Taken) -> tuple[Stamp, ...]:
    return tuple(
        taken.reads[source].stamp(source, rows_of(shop, source)) for source in SOURCES if source in taken.reads
    )


def _date(day: np.datetime64) -> date:
    found: date = day.astype("datetime64[D]").item()
    return found
