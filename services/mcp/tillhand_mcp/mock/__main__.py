"""`python -m tillhand_mcp.mock`: the mock server over a generated shop, until it is told to stop.

Started by a service, it is handed a listening socket (`--socket`), and ends when its standard input does.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tillhand_common.clock import SystemClock
from tillhand_mcp.mock.serving import NotLoopback, serving, serving_on
from tillhand_mcp.mock.world import World
from tillhand_mockshop.generator import DAYS, SEED, SKUS, build

SHOPS_TIME_ZONE: Final = ZoneInfo("Europe/Berlin")
EXIT_USAGE: Final = 2
EXIT_UNAVAILABLE: Final = 69  # sysexits.h: something that is needed cannot be had


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT, and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        asyncio.run(_serve(options))
    except NotLoopback as refused:
        return _failed(str(refused), EXIT_USAGE)
    except OSError as error:
        return _failed(f"cannot listen on {options.host} port {options.port}: {error.strerror}", EXIT_UNAVAILABLE)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("tillhand_mcp.mock", description="Mock upstreams over a made-up shop.")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8010, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--socket", type=int, help="a listening socket that was handed down, in place of both")
    parser.add_argument("--seed", type=int, default=SEED, help="which made-up shop (default: %(default)s)")
    parser.add_argument("--skus", type=int, default=SKUS, help="how many SKUs it has (default: %(default)s)")
    parser.add_argument("--days", type=int, default=DAYS, help="how many days back it goes (default: %(default)s)")
    return parser


async def _serve(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with _serving(options, stopped) as base_url:
        sys.stdout.write(f"mock upstreams listening on {base_url}\n")
        sys.stdout.flush()
        await stopped.wait()


@asynccontextmanager
async def _serving(options: argparse.Namespace, stopped: asyncio.Event) -> AsyncIterator[str]:
    world = _world(options)
    if options.socket is None:
        async with serving(world, options.host, options.port) as base_url:
            yield base_url
        return
    with socket.socket(fileno=options.socket) as listener:
        listener.setblocking(False)
        watching = asyncio.create_task(_until_alone(stopped))
        try:
            async with serving_on(listener, world) as base_url:
                yield base_url
        finally:
            watching.cancel()


async def _until_alone(stopped: asyncio.Event) -> None:
    """Stop when whoever started this process is gone, however it went."""
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    await reader.read()
    stopped.set()


def _world(options: argparse.Namespace) -> World:
    """A shop until yesterday, in its own days."""
    clock = SystemClock()
    last_day = (clock.now().astimezone(SHOPS_TIME_ZONE) - timedelta(days=1)).date()
    return World(build(seed=options.seed, last_day=last_day, skus=options.skus, days=options.days), clock)


def _failed(reason: str, code: int) -> int:
    sys.stderr.write(f"tillhand_mcp.mock: {reason}\n")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
