"""How the objectives of all services stand: by a Prometheus server where one is set, by their counters otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import structlog

from tillhand_analytics import errors
from tillhand_analytics.domain.provenance import Stamp
from tillhand_analytics.domain.slo.history import NOTHING, Window
from tillhand_analytics.domain.slo.kept import KeptLedger
from tillhand_analytics.domain.slo.ledger import Ledger
from tillhand_analytics.domain.slo.standing import Standing, standings
from tillhand_analytics.ports.measuring import Ages, Counters, Ledgers, Recorded
from tillhand_analytics.service.reading import Reading
from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamError
from tillhand_common.slos import ServiceObjectives

LOOK_S: Final = 60.0
"""Seconds from one look at the counters, and at the age of the data, to the next."""
KEEP_S: Final = 300.0
"""Seconds after which what was counted is kept again: what a process that is killed has counted since is lost."""
OWN: Final = "analytics"
Measured = Literal["prometheus", "counters"]
_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Measuring:
    """How one service is measured; `problem` says why it is not, or no longer, and is empty otherwise."""

    service: str
    looked_at: datetime | None
    problem: str


@dataclass(frozen=True, slots=True)
class Stood:
    """All objectives, how they were measured, and what stands in the way of a better answer."""

    standings: tuple[Standing, ...]
    measured: Measured
    problem: str
    services: tuple[Measuring, ...]
    at: datetime


class Objectives:
    """Looks at counters every minute, and tells how objectives stand. It goes on from what was `kept` by `ledgers`."""

    def __init__(
        self,
        slos: Mapping[str, ServiceObjectives],
        counters: Mapping[str, Counters],
        *,
        recorded: Recorded | None,
        reading: Reading,
        ages: Ages,
        clock: Clock,
        ledgers: Ledgers,
        kept: Mapping[str, KeptLedger],
        missing: str = "",
    ) -> None:
        self._slos = slos
        self._counters = counters
        self._recorded = recorded
        self._reading = reading
        self._ages = ages
        self._clock = clock
        self._missing = missing
        now_s = clock.now().timestamp()
        known = {service: ledger for service, ledger in kept.items() if ledger.looked_at_s <= now_s}
        self._ledgers = {service: Ledger(found, known.get(service)) for service, found in slos.items()}
        self._keeper = ledgers
        self._kept_at_s = now_s
        self._problems = dict.fromkeys(slos, "nobody has looked yet")

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.look()
            await self._clock.sleep(LOOK_S)

    async def look(self) -> None:
        """Look at the counters of all services, and at how old the data of each live source is."""
        await asyncio.gather(*(self._look_at(service) for service in self._slos))
        loaded = self._reading.loaded
        for stamp in () if loaded is None else loaded.stamps:
            age_s = None if loaded is None else _age_s(stamp, loaded.shop.time_zone, self._clock.now())
            if age_s is not None:
                self._ages.data_age(stamp.source, age_s)
        if self._clock.now().timestamp() - self._kept_at_s >= KEEP_S:
            await self.keep()

    async def keep(self) -> None:
        """Keep what was counted for the process that comes after this one."""
        found = {service: ledger.kept() for service, ledger in self._ledgers.items()}
        self._kept_at_s = self._clock.now().timestamp()
        await self._keeper.keep({service: each for service, each in found.items() if each is not None})

    async def aclose(self) -> None:
        """Look at this process once more, whom nobody can ask later, and keep what was counted."""
        if OWN in self._slos:
            await self._look_at(OWN)
        await self.keep()

    async def stand(self) -> Stood:
        """How all objectives stand now. Raises NoObjectives where no file tells any."""
        if not self._slos:
            raise errors.NoObjectives(self._missing)
        now = self._clock.now()
        problem = ""
        if self._recorded is not None:
            try:
                windows = await self._recorded.windows(self._slos)
            except UpstreamError as error:
                problem = f"Prometheus could not be asked: {error}"
            else:
                return self._stood(lambda *key: windows.get(key, NOTHING), "prometheus", "", now)

        def counted(service: str, objective: str, minutes: int) -> Window:
            return self._ledgers[service].window(objective, minutes, now.timestamp())

        return self._stood(counted, "counters", problem, now)

    def _stood(
        self, windows: Callable[[str, str, int], Window], measured: Measured, problem: str, now: datetime
    ) -> Stood:
        services = tuple(
            Measuring(
                service,
                now if measured == "prometheus" else _moment(self._ledgers[service].looked_at_s),
                "" if measured == "prometheus" else self._problems[service],
            )
            for service in sorted(self._slos)
        )
        return Stood(tuple(standings(self._slos, windows)), measured, problem, services, now)

    async def _look_at(self, service: str) -> None:
        counters = self._counters.get(service)
        if counters is None:
            self._problems[service] = f"TILLHAND_{service.upper()}_URL is not set"
            return
        try:
            page = await counters.read()
        except UpstreamError as error:
            self._problems[service] = f"its /metrics could not be read: {error}"
            _log.warning("counters_not_read", service=service, reason=str(error))
            return
        self._ledgers[service].look(page)
        self._problems[service] = ""


def _age_s(stamp: Stamp, time_zone: str, now: datetime) -> float | None:
    """Seconds since the end of the last whole day of a live source; what is made up does not grow old."""
    if stamp.mode != "live" or stamp.complete_through is None:
        return None
    day = stamp.complete_through + timedelta(days=1)
    end = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(time_zone))
    return max((now - end).total_seconds(), 0.0)


def _moment(at_s: float | None) -> datetime | None:
    return None if at_s is None else datetime.fromtimestamp(at_s, UTC)
