"""The record verified by itself, now and then, so that a break is found before anybody asks."""

from __future__ import annotations

from typing import Final

import structlog

from tillhand_approvals.errors import StoreUnavailable
from tillhand_approvals.ports.observer import Observer
from tillhand_approvals.service.auditing import Auditing
from tillhand_common.clock import Clock
from tillhand_common.health import OK, CheckResult

S_PER_HOUR: Final = 3600.0
AGAIN_S: Final = 60.0
"""How soon a verification that could not be done is tried again."""

_log = structlog.get_logger(__name__)


class Examining:
    """Verifies every tenant's record each `every_hours`, the first time at the start."""

    def __init__(self, auditing: Auditing, clock: Clock, observer: Observer, every_hours: float) -> None:
        self._auditing = auditing
        self._clock = clock
        self._observer = observer
        self._every_s = every_hours * S_PER_HOUR
        self._breaks = 0

    async def run(self) -> None:
        """Go on until cancelled; a store that is away is tried again."""
        while True:
            try:
                await self.examine_once()
            except (StoreUnavailable, OSError) as error:
                _log.warning("examination_waits", reason=type(error).__name__)
                await self._clock.sleep(AGAIN_S)
            else:
                await self._clock.sleep(self._every_s)

    async def examine_once(self) -> int:
        """Verify all records now; how many breaks there are. Raises `StoreUnavailable` or `OSError`."""
        breaks = 0
        for tenant in await self._auditing.tenants():
            report = await self._auditing.examine(tenant)
            if not report.ok:
                _log.error("audit_broken", tenant=tenant, breaks=len(report.breaks), first=report.breaks[0].kind)
            breaks += len(report.breaks)
        self._breaks = breaks
        self._observer.examined(breaks, self._clock.now().timestamp())
        return breaks

    async def check(self) -> CheckResult:
        """Degraded while the record is known to be broken: people can still decide, and have to know."""
        if self._breaks == 0:
            return OK
        return CheckResult("degraded", f"The audit log has {self._breaks} breaks; `tillhand audit verify` names them.")
