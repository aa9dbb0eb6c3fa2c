"""What a follower of the live feed costs, and how soon it is told.

    python -m benchmarks.live_feed [--connections 1000] [--followers 500] [--rate 10] [--seconds 20]

The approvals run as a process of their own, the followers in this one, on one machine. Memory: what the service holds
with `--connections` streams open and idle, beyond what it held before them, for each. Delay: `--followers` streams, and
`--rate` changes a second; from the moment at which the writing call begins to that at which a follower has read the
record, over every follower and record. The time of commit and answer is part of it.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from pydantic import SecretStr

from tillhand_cli.members import Member
from tillhand_cli.soak.checking import quantile
from tillhand_cli.soak.followers import Follower, Tally
from tillhand_cli.soak.run import free_port, resident_mb, started
from tillhand_cli.soak.writers import register
from tillhand_common import keys
from tillhand_common.approvals_client import ApprovalsClient


class Timed(Follower):
    """Notes when it was given each number."""

    def __init__(self, url: str, key: str, after: int, tally: Tally) -> None:
        super().__init__(url, key, after, tally, times=False)
        self.at: dict[int, float] = {}

    def _take(self, frame: bytes) -> None:
        super()._take(frame)
        self.at.setdefault(self.received.last, time.perf_counter())


async def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=1_000)
    parser.add_argument("--followers", type=int, default=500)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
    with tempfile.TemporaryDirectory(prefix="tillhand-feed-") as scratch:
        folder = Path(scratch)
        keys.bootstrap(folder)
        tokens: dict[str, str] = {kind: keys.read_token(folder, kind) or "" for kind in keys.KINDS}
        service = await started(Member("feed", "tillhand_approvals", free_port(), "the approvals"), folder)
        try:
            await register(service.url, tokens["service"])
            await idle(service.url, tokens["operator"], service.process.pid, options.connections)
            await delays(service.url, tokens, options)
        finally:
            await service.stop()


async def idle(url: str, key: str, pid: int, count: int) -> None:
    """Print what open streams cost in memory."""
    await asyncio.sleep(8)  # the redactor is loaded by then
    before = resident_mb(pid)
    async with Following(url, key, 0, count) as following:
        await following.caught_up(1)
        await asyncio.sleep(5)
        after = resident_mb(pid)
    print(f"memory: {count} streams, {before:.0f} MB before, {after:.0f} MB with them: "
          f"{(after - before) * 1024 / count:.1f} KB each")  # fmt: skip


async def delays(url: str, tokens: dict[str, str], options: argparse.Namespace) -> None:
    """Print how long a record takes to its readers."""
    async with AsyncExitStack() as stack:
        agent = await stack.enter_async_context(ApprovalsClient(url, SecretStr(tokens["agent"])))
        following = await stack.enter_async_context(Following(url, tokens["operator"], 0, options.followers))
        await following.caught_up(1)
        begun: list[float] = []
        end = time.perf_counter() + options.seconds
        while (now := time.perf_counter()) < end:
            begun.append(now)
            await agent.propose("stock_set", {"sku": "A-1", "count": len(begun)})
            await asyncio.sleep(max(0.0, 1 / options.rate - (time.perf_counter() - now)))
        await following.caught_up(1 + len(begun))
        waits = [
            (follower.at[number] - at) * 1e3
            for follower in following.followers
            for number, at in enumerate(begun, 2)
            if number in follower.at
        ]
    told = ", ".join(f"p{share * 100:g} {quantile(waits, share):.0f} ms" for share in (0.5, 0.95, 0.99))
    whole = options.followers * len(begun)
    print(
        f"delay: {options.followers} followers, {len(begun) / options.seconds:.1f} changes/s: {told}; "
        f"{len(waits)} of {whole} delivered"
    )


class Following:
    """So many followers, until the end of the block."""

    def __init__(self, url: str, key: str, after: int, count: int) -> None:
        self.followers = [Timed(url, key, after, Tally()) for _ in range(count)]
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Following:  # noqa: PYI034  # nobody derives from it
        for follower in self.followers:
            self._tasks.append(asyncio.create_task(follower.run()))
            await asyncio.sleep(0.001)  # not all at once
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def caught_up(self, head: int) -> None:
        """Wait until everybody has this record, for a minute at most."""
        async with asyncio.timeout(60):
            while any(follower.received.lost(head) for follower in self.followers):  # noqa: ASYNC110  # they run on
                await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main())
