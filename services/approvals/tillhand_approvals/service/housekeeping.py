"""What is done now and then: old proposals can be read as they came no more, and what waits is counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from tillhand_approvals.domain.actors import SYSTEM
from tillhand_approvals.domain.lifecycle import FINAL
from tillhand_approvals.errors import StoreUnavailable
from tillhand_approvals.ports.ledger import Entry, Ledger
from tillhand_approvals.ports.observer import Observer
from tillhand_common.clock import Clock

EVERY_S: Final = 10.0
AT_ONCE: Final = 200

_log = structlog.get_logger(__name__)


class Housekeeping:
    """Counts, and lets the vault forget. Several replicas may: what is gone is gone once."""

    def __init__(self, ledger: Ledger, clock: Clock, observer: Observer, vault_days: int) -> None:
        self._ledger = ledger
        self._clock = clock
        self._observer = observer
        self._kept = timedelta(days=vault_days)

    async def run(self) -> None:
        """Go on until cancelled; a store that is away is tried again."""
        while True:
            try:
                self._observer.counted(await self._ledger.counted(self._clock.now()))
                while self._kept and await self.forget_once() == AT_ONCE:
                    pass
            except StoreUnavailable:
                _log.warning("housekeeping_waits", reason="the store cannot answer")
            await self._clock.sleep(EVERY_S)

    async def forget_once(self) -> int:
        """Let the vault forget proposals that ended long ago; how many. Raises `StoreUnavailable`.

        Their redacted form, their digests and the record stay.
        """
        old = await self._ledger.forgettable(FINAL, self._clock.now() - self._kept, AT_ONCE)
        for tenant, ids in old.items():
            async with self._ledger.writing(tenant) as unit:
                await unit.forget(ids)
                await unit.append(Entry("vault.expired", {"proposals": len(ids)}, SYSTEM))
        return sum(map(len, old.values()))
