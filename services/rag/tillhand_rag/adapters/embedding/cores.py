"""How many cores this process may use, which in a container is fewer than the machine has."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_QUOTA: Final = Path("/sys/fs/cgroup/cpu.max")


def available_cores() -> int:
    """Cores by affinity and by the container's CPU quota (cgroup v2), at least one."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, _quota(allowed)))


def _quota(otherwise: int) -> int:
    if not _QUOTA.is_file():
        return otherwise
    limit, period = _QUOTA.read_text(encoding="ascii").split()
    return otherwise if limit == "max" else int(limit) // int(period)
