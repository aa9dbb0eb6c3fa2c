"""The real server that the tests of this folder ask; without its environment they are skipped."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-llm" / "bin" / "python"
KEY = "made-up"


@dataclass(frozen=True)
class RealServer:
    """Where it listens, and what it logs."""

    base_url: str
    log: Path

    def released(self) -> list[int]:
        """For each answer that has ended, how many tokens its slot held then, the question's included."""
        ends = re.findall(r"release: .* stop processing: n_tokens = (\d+)", self.log.read_text(errors="replace"))
        return [int(tokens) for tokens in ends]


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """llama.cpp's server with a small model, as a process on a free loopback port."""
    if not PYTHON.exists():
        pytest.skip("asks real weights: `make llm-test` installs them and runs this")
    log = tmp_path_factory.mktemp("llm") / "log"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [PYTHON, Path(__file__).with_name("real_server.py"), KEY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            assert address, log.read_text(errors="replace")
            yield RealServer(f"{address}/v1", log)
        finally:
            process.stdin.close()  # it ends by itself then
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
