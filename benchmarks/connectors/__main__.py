"""What the connectors cost, each figure beside its goal.

    python -m benchmarks.connectors [--rounds 200] [--only faces paging]

Faces: one tool over HTTP and over MCP in turns. Resilience: `benchmarks.http_client`. Outage: what a shop that answers
503 is still asked. Pages: the whole default shop out of the vendor's bucket, in real time. Memory: everything mocked.
"""

from __future__ import annotations

import argparse
import asyncio

from benchmarks import http_client
from benchmarks.connectors.faces import faces
from benchmarks.connectors.outage import outage
from benchmarks.connectors.paging import paging
from benchmarks.connectors.resting import resting
from benchmarks.connectors.stage import show
from tillhand_mockshop import generator

PARTS = ("faces", "resilience", "outage", "paging", "resting")
CALLS, ROUNDS = 1_000, 15


def resilience() -> None:
    """Print what goes around each call to an upstream costs where nothing goes wrong."""
    found = http_client.measure(CALLS, ROUNDS)
    alone, inside = found["over_http_us"], found["in_process_us"]
    more = inside["stack with metrics"] - inside["nothing"]
    show("resilience around a coroutine that does nothing", f"{more:.1f} µs more", f"≤ {http_client.GOAL_US:g} µs")
    bare, ours = alone["bare pooled httpx"], alone["tillhand"]
    show(
        "the whole client against bare pooled httpx", f"{ours:.0f} of {bare:.0f} µs: {ours / bare:.2f} times", "≤ 1.10"
    )


async def measured(only: list[str], rounds: int, failing: int) -> None:
    """Print all that is wanted of what needs a shop."""
    shop = generator.build()
    if "faces" in only:
        await faces(shop, rounds)
    if "outage" in only:
        await outage(shop, failing)
    if "paging" in only:
        await paging(shop)
    if "resting" in only:
        await resting()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200, help="calls of each kind over each face")
    parser.add_argument("--failing", type=int, default=300, help="calls during the outage")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    options = parser.parse_args()
    print("| what | figure | goal |\n|---|---|---|")
    if "resilience" in options.only:
        resilience()
    asyncio.run(measured(options.only, options.rounds, options.failing))


if __name__ == "__main__":
    main()
