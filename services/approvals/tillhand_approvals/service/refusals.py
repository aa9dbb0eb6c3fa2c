"""Keys that were refused, on record: at once, and then no more than one record a minute, which says how many."""

from __future__ import annotations

from typing import Final

import structlog

from tillhand_approvals.domain.actors import SYSTEM
from tillhand_approvals.errors import StoreUnavailable
from tillhand_approvals.ports.ledger import Entry, Ledger
from tillhand_common.clock import Clock

LOOK_S: Final = 1.0
QUIET_S: Final = 59.0
TENANT: Final = "default"
"""Whose record it is in: a key that is no good belongs to nobody."""

_log = structlog.get_logger(__name__)


class Refusals:
    """Counts refused keys; `count` may be called from the event loop at any time, and costs nothing."""

    def __init__(self) -> None:
        self._count = 0

    def count(self) -> None:
        """One more was refused."""
        self._count += 1

    async def run(self, ledger: Ledger, clock: Clock) -> None:
        """Record what was counted, until cancelled."""
        while True:
            await clock.sleep(LOOK_S)
            try:
                if await self.record(ledger):
                    await clock.sleep(QUIET_S)
            except StoreUnavailable:
                _log.warning("refusals_wait", reason="the store cannot answer")

    async def record(self, ledger: Ledger) -> bool:
        """Record what was counted; whether there was anything. Raises `StoreUnavailable`."""
        counted = self._count
        if not counted:
            return False
        async with ledger.writing(TENANT) as unit:
            await unit.append(Entry("access.refused", {"count": counted}, SYSTEM))
        self._count -= counted
        return True
