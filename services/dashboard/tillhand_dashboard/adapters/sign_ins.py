"""Sign-ins, told to the approvals, whose audit log they belong into; kept until they are taken there."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamError, UpstreamRejected
from tillhand_dashboard.adapters.gateway import Gateway
from tillhand_dashboard.ports.recording import Reason

MOST: Final = 1_000
"""Attempts that wait to be told; beyond these the oldest go, and the log of the service says so."""
AGAIN_S: Final = 5.0
_log: Final = structlog.get_logger(__name__)


class ApprovalsSignIns:
    """Keeps them in a queue, which `run` empties."""

    def __init__(self, gateway: Gateway, clock: Clock) -> None:
        self._gateway = gateway
        self._clock = clock
        self._waiting: asyncio.Queue[dict[str, object]] = asyncio.Queue(MOST)

    def succeeded(self, name: str) -> None:
        """Somebody is in."""
        _log.info("signed_in")
        self._put({"account": name, "succeeded": True})

    def failed(self, name: str, reason: Reason) -> None:
        """Somebody is not."""
        _log.warning("sign_in_failed", reason=reason)
        self._put({"account": name[:320], "succeeded": False, "reason": reason})

    async def run(self) -> None:
        """Tell one after the other, until cancelled."""
        while True:
            attempt = await self._waiting.get()
            while self._gateway.connected and not await self._told(attempt):
                await self._clock.sleep(AGAIN_S)

    def _put(self, attempt: dict[str, object]) -> None:
        if self._waiting.full():
            self._waiting.get_nowait()
            _log.error("sign_in_not_recorded", reason="too many wait")
        self._waiting.put_nowait(attempt)

    async def _told(self, attempt: dict[str, object]) -> bool:
        try:
            await self._gateway.tell("/v1/audit/logins", attempt)
        except UpstreamRejected as error:
            _log.error("sign_in_not_recorded", status=error.upstream_status)
        except UpstreamError:
            return False
        return True
