"""What `make` says on a machine that lacks what everything begins with."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("target", ["up", "test", "check"])
def test_make_without_python_names_the_command_that_installs_it(target: str) -> None:
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", target, "PYTHON=no-such-python3"],
        cwd=ROOT,
        env=outside,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 2, done.stdout
    assert "There is no no-such-python3 on this machine. On Debian or Ubuntu: " in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr
    assert "not found" not in done.stderr
