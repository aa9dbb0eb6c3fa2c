"""The mock upstream that the service starts: by the first call, on a port known before, and never left behind."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path

import httpx
import pytest

from tillhand_mcp.app.mocking import mock_upstream
from tillhand_mcp.schemas import location

WITHIN_S = 60
SMALL = ("--skus=20", "--days=20")
pytestmark = pytest.mark.skipif(
    not (location.folder() / "NOTICE").is_file(), reason="the vendors' schemas are not here: python tools/schemas.py"
)


def children() -> set[int]:
    """The mocks that this process has started."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            command = (stat.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and b"tillhand_mcp.mock" in command:
            found.add(int(stat.parent.name))
    return found


async def test_nothing_is_started_before_somebody_calls_and_nothing_stays_after() -> None:
    async with mock_upstream(0, *SMALL) as url:
        assert children() == set()
        async with httpx.AsyncClient(base_url=url, timeout=WITHIN_S) as http:
            assert (await http.get("/mock/health")).json() == {"status": "ok"}
        assert len(children()) == 1
    assert children() == set()


async def test_a_port_in_use_is_no_obstacle() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with mock_upstream(port) as url:
            assert not url.endswith(f":{port}")


SERVICE = """
import asyncio, sys
from tillhand_mcp.app.mocking import mock_upstream

async def main():
    async with mock_upstream(0, "--skus=20", "--days=20") as url:
        print(url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_it_ends_with_a_service_that_was_killed() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVICE, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    async with httpx.AsyncClient(base_url=url, timeout=WITHIN_S) as http:
        assert (await http.get("/mock/health")).status_code == 200
        process.kill()
        await process.wait()
        async with asyncio.timeout(WITHIN_S):
            while True:
                try:
                    await http.get("/mock/health", headers={"connection": "close"})
                except httpx.TransportError:
                    break
