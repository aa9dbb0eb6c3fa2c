"""What time itself does to proposals: they expire, go to the next role, lose their executor."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from tillhand_approvals.domain.actors import SYSTEM
from tillhand_approvals.domain.executing import pass_time
from tillhand_approvals.errors import StoreUnavailable
from tillhand_approvals.ports.ledger import Ledger
from tillhand_approvals.service.callers import Caller, record
from tillhand_common.clock import Clock

EVERY_S: Final = 1.0
AT_ONCE: Final = 200

_log = structlog.get_logger(__name__)


class Timekeeping:
    """Looks every second for what is due. Several replicas may: each change is made once, under the tenant's head."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def run(self) -> None:
        """Go on until cancelled; a store that is away is tried again."""
        while True:
            try:
                while await self.pass_once() == AT_ONCE:  # noqa: ASYNC110  # work goes on; nothing is waited for
                    await asyncio.sleep(0)  # let others have a turn
            except StoreUnavailable:
                _log.warning("timekeeping_waits", reason="the store cannot answer")
            await self._clock.sleep(EVERY_S)

    async def pass_once(self) -> int:
        """Do what is due now; how many proposals were looked at. Raises `StoreUnavailable`."""
        due = await self._ledger.due(self._clock.now(), AT_ONCE)
        for tenant, proposal_id in due:
            try:
                await self._pass(tenant, proposal_id)
            except StoreUnavailable:
                raise
            except Exception:  # noqa: BLE001  # one row that cannot be read stops no other tenant's time
                _log.exception("timekeeping_skips", tenant=tenant, proposal=proposal_id)
        return len(due)

    async def _pass(self, tenant: str, proposal_id: str) -> None:
        async with self._ledger.writing(tenant) as unit:
            proposal = await unit.proposal(proposal_id)
            change = None if proposal is None else pass_time(proposal, self._clock.now())
            if change is not None:
                await unit.replace(change.proposal)
                await record(unit, Caller(tenant, SYSTEM), proposal_id, change.happenings)
