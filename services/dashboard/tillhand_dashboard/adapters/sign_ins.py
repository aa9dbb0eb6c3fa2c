"""Sign-ins and changes of accounts and keys, told to the approvals, whose audit log they belong into.

Nobody waits for it: an account can be barred while the approvals are away. Changes are kept through restarts until they
are taken there; attempts to sign in, of which strangers can make many, are not.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamError, UpstreamRejected
from tillhand_dashboard.adapters.gateway import Gateway
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.ports.recording import About, Action, Outbox, Reason, Told

MOST: Final = 1_000
"""What waits to be told; beyond these the oldest go, and the log of the service says so."""
AGAIN_S: Final = 5.0
_log: Final = structlog.get_logger(__name__)


class ApprovalsSignIns:
    """Keeps them in a queue, which `run` empties."""

    def __init__(self, gateway: Gateway, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._gateway = gateway
        self._clock = clock
        self._waiting: asyncio.Queue[Told] = asyncio.Queue(MOST)

    def succeeded(self, name: str) -> None:
        """Somebody is in."""
        _log.info("signed_in")
        self._put(Told("/v1/audit/logins", {"account": name, "succeeded": True}))

    def failed(self, name: str, reason: Reason) -> None:
        """Somebody is not."""
        _log.warning("sign_in_failed", reason=reason)
        self._put(Told("/v1/audit/logins", {"account": name[:320], "succeeded": False, "reason": reason}))

    async def changed(self, person: Person, about: About, target: str, action: Action, role: str = "") -> None:
        """Somebody has changed an account, or the key of this id."""
        _log.info("administered", about=about, action=action)
        body: dict[str, object] = {"about": about, "target": target, "action": action, "role": role or None}
        told = Told("/v1/audit/changes", body, person)
        await self._outbox.put(told)
        self._put(told)

    async def run(self) -> None:
        """Tell one after the other, those of an earlier run first, until cancelled."""
        for kept in await self._outbox.waiting():
            await self._tell(kept)
        while True:
            await self._tell(await self._waiting.get())

    async def _tell(self, told: Told) -> None:
        if not self._gateway.connected:
            return
        while not await self._taken(told):
            await self._clock.sleep(AGAIN_S)
        if told.person is not None:
            await self._outbox.drop(told.key)

    def _put(self, told: Told) -> None:
        if self._waiting.full():
            self._waiting.get_nowait()
            _log.error("not_recorded", reason="too many wait")
        self._waiting.put_nowait(told)

    async def _taken(self, told: Told) -> bool:
        try:
            await self._gateway.tell(told.path, told.body, told.person, key=told.key)
        except UpstreamRejected as error:
            _log.error("not_recorded", status=error.upstream_status)
        except UpstreamError:
            return False
        return True
