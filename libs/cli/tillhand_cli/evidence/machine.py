"""How busy the machine is with other work: times that were measured beside it say nothing of the platform."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tillhand_common.clock import Clock

STAT: Final = Path("/proc/stat")
LOOK_S: Final = 2.0
MOST_BUSY: Final = 0.3
"""The share of all cores up to which a machine counts as ours; the idle platform takes a few hundredths."""
_IDLE, _WAITING = 4, 5


async def busy_share(clock: Clock, stat: Path = STAT) -> float | None:
    """The share of all cores that is at work while we ask nothing; None where the system does not say."""
    before = _ticks(stat)
    if before is None:
        return None
    await clock.sleep(LOOK_S)
    after = _ticks(stat)
    if after is None or after[1] <= before[1]:
        return None
    return 1 - (after[0] - before[0]) / (after[1] - before[1])


def _ticks(stat: Path) -> tuple[int, int] | None:
    """Ticks without work, and all ticks, of all cores together (proc_stat(5))."""
    try:
        fields = stat.read_text(encoding="ascii").split("\n", 1)[0].split()
    except OSError:
        return None
    return int(fields[_IDLE]) + int(fields[_WAITING]), sum(map(int, fields[1:9]))
