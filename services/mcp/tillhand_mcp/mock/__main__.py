"""`python -m tillhand_mcp.mock`: the mock server over a generated shop, until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tillhand_common.clock import SystemClock
from tillhand_mcp.mock.serving import NotLoopback, serving
from tillhand_mcp.mock.world import World
from tillhand_mockshop.model import Shop

LIKELY_TIME_ZONE: Final = "Europe/Berlin"  # only the finished shop says where it is
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
    parser = argparse.ArgumentParser("tillhand_mcp.mock", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8010, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which made-up shop (default: %(default)s)")
    parser.add_argument("--skus", type=int, default=500, help="how many SKUs it has (default: %(default)s)")
    parser.add_argument("--days", type=int, default=540, help="how many days back it goes (default: %(default)s)")
    return parser


async def _serve(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with serving(_world(options), options.host, options.port) as base_url:
        sys.stdout.write(f"mock upstreams listening on {base_url}\n")
        sys.stdout.flush()
        await stopped.wait()


def _world(options: argparse.Namespace) -> World:
    clock = SystemClock()
    # By name: the mock itself runs over any shop, only this program needs the one that is made.
    generator: Any = importlib.import_module("tillhand_mockshop.generator")

    def shop_until_yesterday(time_zone: str) -> Shop:
        last_day = (clock.now().astimezone(ZoneInfo(time_zone)) - timedelta(days=1)).date()
        shop: Shop = generator.build(seed=options.seed, last_day=last_day, skus=options.skus, days=options.days)
        return shop

    shop = shop_until_yesterday(LIKELY_TIME_ZONE)
    return World(shop if shop.time_zone == LIKELY_TIME_ZONE else shop_until_yesterday(shop.time_zone), clock)


def _failed(reason: str, code: int) -> int:
    sys.stderr.write(f"tillhand_mcp.mock: {reason}\n")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
