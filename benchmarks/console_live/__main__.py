"""How live the console is, beside all the other services and before a real browser, on this machine.

    python -m benchmarks.console_live [--count 40] [--clients 50] [--restarts 3] [--offline-s 30] [PART ...]

PART is one of `memory`, `delays`, `returns`, `rows`; without one, all. Every service is a process of its own.

memory    what the console holds, idle, beside all others
delays    from the making of a proposal to its row in the inbox: in the frame that paints it, by the page's own clock;
          beside a client of the approvals' own feed, for the part that the console cannot help; then with so many
          clients at /events; then in a page whose processor is slowed six times
returns   seconds until a page is live again: from the moment at which the restarted service says that it is ready,
          or at which the network is there again
rows      1,200 SKUs in one list: until all rows are there, and what the page's scripts hold
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from typing import Final

from playwright.async_api import Browser

from benchmarks.console import memory_mb
from benchmarks.console_live.delays import Ear, ears, measured
from benchmarks.console_live.platform import Platform, browser, live, platform, signed_in, window
from benchmarks.console_live.returning import offline, restarted
from benchmarks.console_live.stock import ROWS, rows

PARTS: Final = ("memory", "delays", "returns", "rows")
SETTLED_S: Final = 10.0
SLOWED: Final = 6
AWAY_S: Final = (0.0, 5.0)


async def tell_memory(opened: Platform) -> None:
    """Nobody is there, nothing happens."""
    await asyncio.sleep(SETTLED_S)
    resident, own = memory_mb(opened.running["dashboard"].process)
    print(f"idle beside all others {resident:.1f} MB resident (80 promised), own {own:.1f} MB", flush=True)


async def tell_delays(
    opened: Platform, chromium: Browser, cookies: Mapping[str, str], options: argparse.Namespace
) -> None:
    """Alone, beside many, slowed."""
    url = opened.url("dashboard")
    cookie = {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    key = {"authorization": f"Bearer {opened.tokens['operator']}"}
    async with AsyncExitStack() as stack:
        context = await stack.enter_async_context(window(chromium, url, cookies))
        [peer] = await stack.enter_async_context(ears(1, f"{opened.url('approvals')}/v1/events", key))
        page = await context.new_page()
        await live(page, f"{url}/approvals?order=newest")
        (await measured(opened, page, peer, (), options.count)).tell("visible (p95 of 100 ms promised)")
        async with ears(options.clients - 1, f"{url}/events", cookie) as clients:
            many: list[Ear] = list(clients)
            times = await measured(opened, page, peer, many, options.count)
            times.tell(f"beside {len(many)} clients at /events (150 ms promised)")
        session = await context.new_cdp_session(page)
        await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
        (await measured(opened, page, peer, (), options.count)).tell(f"slowed {SLOWED} times (250 ms promised)")


async def tell_returns(
    opened: Platform, chromium: Browser, cookies: Mapping[str, str], options: argparse.Namespace
) -> None:
    """After restarts, and after a network was away."""
    url = opened.url("dashboard")
    async with window(chromium, url, cookies) as context:
        page = await context.new_page()
        await live(page, f"{url}/approvals")
        for name in ("dashboard", "approvals"):
            for away_s in AWAY_S:
                took = [await restarted(opened, page, name, away_s) for _ in range(options.restarts)]
                told = ", ".join(f"{each:.2f}" for each in took)
                print(f"{name} away {away_s:.0f} s and its start: live again in {told} s (2 promised)", flush=True)
    took = [await offline(opened, chromium, cookies, options.offline_s)]
    print(f"offline {options.offline_s:.0f} s: live again in {took[0]:.2f} s (2 promised)", flush=True)


async def tell_rows(opened: Platform, chromium: Browser, cookies: Mapping[str, str], count: int) -> None:
    """All of the stock in one list."""
    url = opened.url("dashboard")
    async with window(chromium, url, cookies) as context:
        times, heap_mb = await rows(context, url, count)
    print(f"{ROWS:,} SKUs in {median(times):.0f} ms (1,500 promised); heap {heap_mb:.1f} MB (10)")


async def main(options: argparse.Namespace) -> None:
    """Print what is asked for."""
    parts = options.parts or PARTS
    with tempfile.TemporaryDirectory(prefix="tillhand-console-") as name:
        async with platform(Path(name)) as opened:
            if "memory" in parts:
                await tell_memory(opened)
            cookies = await signed_in(opened)
            async with browser() as chromium:
                if "rows" in parts:
                    await tell_rows(opened, chromium, cookies, 7)
                if "delays" in parts:
                    await tell_delays(opened, chromium, cookies, options)
                if "returns" in parts:
                    await tell_returns(opened, chromium, cookies, options)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--restarts", type=int, default=3)
    parser.add_argument("--offline-s", type=float, default=30.0)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART")
    asyncio.run(main(parser.parse_args()))
