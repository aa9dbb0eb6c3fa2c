"""Memory that the C library keeps for itself, given back to the system."""

from __future__ import annotations

import contextlib
import ctypes
from typing import Final

from tillhand_common.clock import Clock

SETTLED_S: Final = 2.0
EVERY_S: Final = 60.0


def give_back() -> None:
    """Return what is free to the system, where the C library can: milliseconds."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


async def keep_giving_back(clock: Clock) -> None:
    """Once what the start has left behind is free, and then now and then: a large page leaves megabytes behind."""
    await clock.sleep(SETTLED_S)
    while True:
        give_back()
        await clock.sleep(EVERY_S)
