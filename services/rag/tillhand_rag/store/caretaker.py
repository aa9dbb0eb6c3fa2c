"""Erasing what was removed from the files of the derived indexes, once writes have rested for a while."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

_AGAIN_AFTER_S: Final = 3_600.0

_log: Final = structlog.get_logger(__name__)


class Caretaker:
    """Calls `erase` when `after_s` seconds have passed since the last `stir`, and every hour."""

    def __init__(self, erase: Callable[[], Awaitable[None]], *, after_s: float) -> None:
        self._erase = erase
        self._after_s = after_s
        self._stirred = asyncio.Event()
        self._erasure: asyncio.Task[None] | None = None
        self._task = asyncio.create_task(self._run(), name="store-caretaker")

    def stir(self) -> None:
        """Something was written."""
        self._stirred.set()

    async def close(self) -> None:
        """Stop; an erasure under way is finished first, one that has not begun is left to the next start."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        if self._erasure is not None:
            await asyncio.wait([self._erasure])

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_AGAIN_AFTER_S):
                    await self._stirred.wait()
            await self._rested()
            self._erasure = asyncio.ensure_future(self._erase())
            try:
                await asyncio.shield(self._erasure)
            except Exception as error:  # noqa: BLE001  # a background task's boundary: it tries again after the next write
                _log.error("erasing_failed", error=str(error))

    async def _rested(self) -> None:
        with contextlib.suppress(TimeoutError):
            while True:
                self._stirred.clear()
                async with asyncio.timeout(self._after_s):
                    await self._stirred.wait()
