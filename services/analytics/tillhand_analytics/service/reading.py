"""Holds the shop that all figures are made of, and reads it again from time to time."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace
from typing import Final

import structlog

from tillhand_analytics import errors
from tillhand_analytics.domain.gates import Gate, banner
from tillhand_analytics.ports.observing import Observer
from tillhand_analytics.ports.sources import Loaded, Sources
from tillhand_common.clock import Clock

FIRST_WAIT_S: Final = 20.0
"""How long a request waits for the first reading; a large shop takes longer, and the request has a deadline."""
SOONEST_S: Final = 1.0
MOST_COUNTED: Final = 16
_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the sources stand: what a person should know first, and each gate."""

    banner: str
    has_token: bool
    gates: tuple[Gate, ...]
    loaded: Loaded | None


class Reading:
    """The current shop. One reading goes on at a time; a reading that fails leaves what was there, marked stale."""

    def __init__(
        self,
        sources: Sources,
        *,
        clock: Clock,
        observer: Observer,
        every_s: float,
        again_s: float,
        forced: bool = False,
        first_wait_s: float = FIRST_WAIT_S,
    ) -> None:
        self._sources = sources
        self._clock = clock
        self._observer = observer
        self._every_s = every_s
        self._again_s = again_s
        self._forced = forced
        self._first_wait_s = first_wait_s
        self._loaded: Loaded | None = None
        self._failure: errors.SourceUnavailable | None = None
        self._failures = 0
        self._lock = asyncio.Lock()

    @property
    def failure(self) -> str:
        """Why the last reading failed; empty where it did not."""
        return "" if self._failure is None else self._failure.detail

    @property
    def loaded(self) -> Loaded | None:
        """What was read last."""
        return self._loaded

    async def current(self) -> Loaded:
        """The shop to calculate from; the first callers wait a while for the first reading.

        Raises `SourceUnavailable` where nothing could be read so far, `NoData` where that takes longer.
        """
        if self._loaded is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._first_wait_s):
                    await self._first()
        if self._loaded is None:
            raise self._failure or errors.NoData(retry_after_s=self._again_s)
        return self._loaded

    async def refresh(self) -> Loaded:
        """Read again now, after a reading that goes on already. Raises `SourceUnavailable`."""
        async with self._lock:
            await self._read()
        if self._failure is not None:
            raise self._failure
        return await self.current()

    async def run(self) -> None:
        """Read at first, and again every so often, until cancelled."""
        while True:
            async with self._lock:
                await self._read()
            await self._clock.sleep(self._every_s if self._failure is None else self._pause_s())

    def _pause_s(self) -> float:
        """Until it is tried again: soon at first, for services start together."""
        return min(self._again_s, SOONEST_S * 2.0 ** (self._failures - 1))

    async def standing(self) -> Standing:
        """How the sources stand."""
        gates = await self._sources.gates()
        return Standing(banner(gates, forced=self._forced), self._sources.has_token, gates, self._loaded)

    async def _first(self) -> None:
        async with self._lock:
            if self._loaded is None and self._failure is None:
                await self._read()

    async def _read(self) -> None:
        began = self._clock.monotonic()
        try:
            loaded = await self._sources.load()
        except errors.SourceUnavailable as failure:
            self._failure = failure
            self._failures = min(self._failures + 1, MOST_COUNTED)
            self._observer.loaded("failed", self._clock.monotonic() - began, ())
            if self._loaded is not None:
                stale = tuple(replace(stamp, stale=True) for stamp in self._loaded.stamps)
                self._loaded = replace(self._loaded, stamps=stale)
            _log.warning("sources_not_read", reason=failure.detail)
            return
        self._failure, self._failures, self._loaded = None, 0, loaded
        self._observer.loaded("read", self._clock.monotonic() - began, loaded.stamps)
