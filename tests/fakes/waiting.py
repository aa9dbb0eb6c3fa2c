"""Waiting for a condition that the code under test brings about, without a sleep that hopes for the best."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LIMIT_S = 10.0


async def until(condition: Callable[[], bool]) -> None:
    """Let everything else run until `condition` holds; `TimeoutError` after ten seconds."""
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110  # the code under test has no event to wait for
            await asyncio.sleep(0)
