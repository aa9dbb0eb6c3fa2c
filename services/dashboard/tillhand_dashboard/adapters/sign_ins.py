"""Sign-ins and changes of accounts and keys, told to the approvals, whose audit log they belong into.

Each is kept until it is taken there: nobody waits for it, and an account can be barred while the approvals are away.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Final

import structlog

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamError, UpstreamRejected
from tillhand_dashboard.adapters.gateway import Gateway
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.ports.recording import About, Action, Reason

MOST: Final = 1_000
"""What waits to be told; beyond these the oldest go, and the log of the service says so."""
AGAIN_S: Final = 5.0
_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is to be recorded: where, what, and who did it."""

    path: str
    body: dict[str, object]
    person: Person | None = None
    key: str = field(default_factory=lambda: secrets.token_hex(16))


class ApprovalsSignIns:
    """Keeps them in a queue, which `run` empties."""

    def __init__(self, gateway: Gateway, clock: Clock) -> None:
        self._gateway = gateway
        self._clock = clock
        self._waiting: asyncio.Queue[_Told] = asyncio.Queue(MOST)

    def succeeded(self, name: str) -> None:
        """Somebody is in."""
        _log.info("signed_in")
        self._put(_Told("/v1/audit/logins", {"account": name, "succeeded": True}))

    def failed(self, name: str, reason: Reason) -> None:
        """Somebody is not."""
        _log.warning("sign_in_failed", reason=reason)
        self._put(_Told("/v1/audit/logins", {"account": name[:320], "succeeded": False, "reason": reason}))

    def changed(self, person: Person, about: About, target: str, action: Action, role: str = "") -> None:
        """Somebody has changed an account, or the key of this id."""
        _log.info("administered", about=about, action=action)
        body: dict[str, object] = {"about": about, "target": target, "action": action, "role": role or None}
        self._put(_Told("/v1/audit/changes", body, person))

    async def run(self) -> None:
        """Tell one after the other, until cancelled."""
        while True:
            told = await self._waiting.get()
            while self._gateway.connected and not await self._taken(told):
                await self._clock.sleep(AGAIN_S)

    def _put(self, told: _Told) -> None:
        if self._waiting.full():
            self._waiting.get_nowait()
            _log.error("not_recorded", reason="too many wait")
        self._waiting.put_nowait(told)

    async def _taken(self, told: _Told) -> bool:
        try:
            await self._gateway.tell(told.path, told.body, told.person, key=told.key)
        except UpstreamRejected as error:
            _log.error("not_recorded", status=error.upstream_status)
        except UpstreamError:
            return False
        return True
