"""The mock upstream as a process of its own, started by the first call that comes for it.

The service itself holds the listening socket from the start, so that an address is known, calls wait in its backlog
while the shop is being made up, and nothing is spent where everything is live. The process ends with the service, also
where the service is killed: it reads from a pipe that closes then.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog

BACKLOG: Final = 256
STOP_S: Final = 3.0
AGAIN_S: Final = 2.0

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def mock_upstream(port: int, *shop: str) -> AsyncIterator[str]:
    """Its address, for as long as the context lasts. `port` is tried first; where it is in use a free one is taken.

    `shop` are options of the mock's program that say what shop it makes up.
    """
    listening = _listen(port)
    host, taken = listening.getsockname()[:2]
    tending = asyncio.create_task(_tend(listening, shop), name="mock upstream")
    try:
        yield f"http://{host}:{taken}"
    finally:
        tending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await tending
        listening.close()


def _listen(port: int) -> socket.socket:
    for wanted in (port, 0):
        # The protocol is named, or asyncio would not switch off Nagle's algorithm, which costs 40 ms an answer.
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", wanted))
        except OSError:
            listening.close()
            if wanted == 0:
                raise
            continue
        listening.listen(BACKLOG)
        listening.setblocking(False)
        return listening
    raise AssertionError("a free port can always be taken")


async def _tend(listening: socket.socket, shop: Sequence[str]) -> None:
    """Start it when somebody calls, and again if it ends."""
    while True:
        await _called(listening)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tillhand_mcp.mock",
            "--socket",
            str(listening.fileno()),
            *shop,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            pass_fds=(listening.fileno(),),
            env=_environment(),
        )
        _log.info("mock_upstream_started", pid=process.pid)
        try:
            await process.wait()
        finally:
            await _end(process)
        _log.warning("mock_upstream_ended", status=process.returncode)
        await asyncio.sleep(AGAIN_S)


def _environment() -> dict[str, str]:
    """What the process is told: nothing of the service's own settings, and so no secret of them."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TILLHAND_")}


async def _called(listening: socket.socket) -> None:
    """Return once a connection waits to be accepted."""
    loop, waiting = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(listening, waiting.set)
    try:
        await waiting.wait()
    finally:
        loop.remove_reader(listening)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    if process.stdin is not None:
        process.stdin.close()  # it ends by itself when nobody holds the other end
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
