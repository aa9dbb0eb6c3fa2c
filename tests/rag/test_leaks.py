"""What one round of mixed requests leaves in the process is all that any of them leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

MOST_GROWN_BYTES: Final = 64 * 1024
"""Of all rounds together; the standard library remembers some patterns and addresses of each."""
HANGS_S: Final = 100


def test_rounds_of_mixed_requests_leave_nothing_in_the_process(tmp_path: Path) -> None:
    program = [sys.executable, "-W", "error", "-m", "tests.rag.leaking", str(tmp_path)]
    ended = subprocess.run(program, capture_output=True, text=True, check=False, timeout=HANGS_S)
    assert ended.returncode == 0, ended.stderr
    left = json.loads(ended.stdout.splitlines()[-1])
    assert len(left["statuses"]) == 1, "every round has gone like the others"
    assert set(left["statuses"][0]) == {200, 201, 202, 204, 400, 401, 404, 413, 415, 422}
    assert left["grown"] == {}
    assert left["grown_bytes"] < MOST_GROWN_BYTES
