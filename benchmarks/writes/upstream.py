"""The mock shop as a process of its own, with a bucket so large that it slows nobody down.

python -m benchmarks.writes.upstream --port 8010 [--skus 400] [--write-s 0.02]
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from typing import Final

from tillhand_common.clock import SystemClock
from tillhand_mcp.mock.app import create_mock
from tillhand_mcp.mock.serving import serving
from tillhand_mcp.mock.shopify import Limits, routes
from tillhand_mcp.mock.world import World
from tillhand_mockshop import generator
from tillhand_mockshop.model import Shop

DAYS: Final = 40
POINTS: Final = 100_000.0


def made_up(skus: int) -> Shop:
    """The shop, the same in every process."""
    return generator.build(skus=skus, days=DAYS)


async def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--skus", type=int, default=400)
    parser.add_argument("--write-s", type=float, default=0.02, help="how long a write takes before it has effect")
    options = parser.parse_args()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    world = World(made_up(options.skus), SystemClock())
    limits = Limits(maximum_available=POINTS, restore_rate=POINTS, write_s=options.write_s)
    async with serving(create_mock(world, shopify=routes(world, limits)), port=options.port):
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(main())
