"""Running the mock on a loopback port of this event loop, for tests and for what embeds it."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette

from tillhand_mcp.mock.app import whole_mock
from tillhand_mcp.mock.wire import MockProtocol
from tillhand_mcp.mock.world import World

BACKLOG: Final = 2048
STOP_TIMEOUT_S: Final = 5.0


class NotLoopback(ValueError):
    """Somebody else's machine could reach the address: a server that lets everybody in must not listen there."""


@asynccontextmanager
async def serving(what: World | Starlette, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve a mock, or the whole mock over a world, and yield its base URL; calls under way at the end are dropped."""
    with listening(host, port) as listener:
        async with serving_on(listener, what) as base_url:
            yield base_url


@asynccontextmanager
async def serving_on(listener: socket.socket, what: World | Starlette) -> AsyncIterator[str]:
    """As `serving`, on a socket that listens already; it stays open."""
    server = _Server(
        uvicorn.Config(
            whole_mock(what) if isinstance(what, World) else what,
            http=MockProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )
    running = asyncio.create_task(server.serve([listener]))
    try:
        yield _address(listener)
    finally:
        server.should_exit = True
        await asyncio.wait_for(running, STOP_TIMEOUT_S)


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Open a listening socket on a loopback address; NotLoopback for any other, OSError when it is taken."""
    if host == "localhost":
        host = "127.0.0.1"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise NotLoopback(f"{host} is no loopback address") from None
    if not address.is_loopback:
        raise NotLoopback(f"{host} is no loopback address")
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET  # noqa: PLR2004  # the version itself
    # Without the protocol's number asyncio leaves Nagle's algorithm on, and every small answer waits 40 ms.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)  # connections queue here until the server takes over
        listener.setblocking(False)
        yield listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever owns the process."""
        yield
