"""A fixed piece of work, timed in the run itself, so that figures of unlike machines can be held against each other."""

from __future__ import annotations

import json
import time
from typing import Final

ROWS: Final = 1_200
ROUNDS: Final = 15
_COLUMNS: Final = 20


def calibration() -> list[float]:
    """What it takes here, in milliseconds, some times over: to write and read 1,200 rows of 20 numbers as JSON."""
    rows = [{f"column_{at}": row * at / 7 for at in range(_COLUMNS)} for row in range(ROWS)]
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        json.loads(json.dumps(rows))
        times.append((time.perf_counter() - began) * 1000)
    return times
