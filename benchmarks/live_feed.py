"""What a follower of the live feed costs, and how soon it is told.

    python -m benchmarks.live_feed [--connections 1000] [--followers 500] [--rate 10] [--seconds 20]

The approvals run as a process of their own, the followers and the writer in this one, on one machine. Memory: what the
service holds with `--connections` streams open, beyond what it held before them, for each; first when each has been
given what there was and nothing comes but heartbeats, then after 100 more records to each. Delay: `--followers`
streams, and `--rate` changes a second; from the moment at which the writing call begins to that at which a follower has
read the record, over every follower and record. The time of the call's way, commit and answer is part of it.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from tillhand_cli.members import Member
from tillhand_cli.soak.checking import quantile
from tillhand_cli.soak.followers import Follower, Tally
from tillhand_cli.soak.service import busy_s, free_port, open_many_files, resident_mb, started
from tillhand_cli.soak.writers import register
from tillhand_common import keys
from tillhand_common.approvals_client import ApprovalsClient
from tillhand_common.http import UpstreamClient

GIVEN: Final = 100
"""Records for each stream between the two looks at the memory."""
SETTLED_S: Final = 5.0
LOADED_S: Final = 8.0


@dataclass(frozen=True, slots=True)
class Service:
    """The approvals that are measured."""

    url: str
    pid: int
    tokens: Mapping[str, str]

    async def head(self) -> int:
        """The number of the last record."""
        return max((await self.numbers()).values(), default=0)

    async def numbers(self) -> dict[str, int]:
        """Every record of a proposal's making, by the proposal's id; and the last record, by no name."""
        found: dict[str, int] = {}
        after: int | None = 0
        async with UpstreamClient("approvals", self.url, bearer=SecretStr(self.tokens["operator"])) as client:
            while after is not None:
                page = (await client.request("GET", "/v1/audit", params={"after": after, "limit": 500})).json()
                for each in page["items"]:
                    found[each["subject"] if each["type"] == "proposal.created" else ""] = each["sequence"]
                after = page["next_after"]
        return found


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
    open_many_files()
    with tempfile.TemporaryDirectory(prefix="tillhand-feed-") as scratch:
        folder = Path(scratch)
        keys.bootstrap(folder)
        tokens: dict[str, str] = {kind: keys.read_token(folder, kind) or "" for kind in keys.KINDS}
        running = await started(Member("feed", "tillhand_approvals", free_port(), "the approvals"), folder)
        service = Service(running.url, running.process.pid, tokens)
        try:
            await register(service.url, tokens["service"])
            print("| what | figure |\n|---|---|")
            await memory(service, options.connections)
            await delays(service, options.followers, options.rate, options.seconds)
        finally:
            await running.stop()


def show(what: str, figure: str) -> None:
    """Print one line of the table."""
    print(f"| {what} | {figure} |", flush=True)


async def memory(service: Service, count: int) -> None:
    """Print what open streams cost in memory."""
    await publish(service, GIVEN, 50)  # what is loaded and cached at the first calls is there before
    await asyncio.sleep(LOADED_S)
    before = resident_mb(service.pid)
    async with Following(service, count) as following:
        await following.caught_up()
        await asyncio.sleep(SETTLED_S)
        idle = resident_mb(service.pid)
        await publish(service, GIVEN, 20)
        await following.caught_up()
        used = resident_mb(service.pid)
    show(
        f"{count} streams, idle", f"{before:.1f} MB before, {idle:.1f} MB: {(idle - before) * 1024 / count:.1f} KB each"
    )
    show(f"… after {GIVEN} records to each", f"{used:.1f} MB: {(used - before) * 1024 / count:.1f} KB each")


async def delays(service: Service, count: int, rate: float, seconds: float) -> None:
    """Print how long a record takes to its readers."""
    async with Following(service, count) as following:
        await following.caught_up()
        busy, begun = busy_s(service.pid), time.perf_counter()
        published = await publish(service, round(rate * seconds), rate)
        took = time.perf_counter() - begun
        share = (busy_s(service.pid) - busy) / took
        await following.caught_up()
    numbers = await service.numbers()
    waits = [
        (follower.at[numbers[name]] - at) * 1e3
        for follower in following.followers
        for name, at in published.items()
        if numbers[name] in follower.at
    ]
    whole = count * len(published)
    repeated = sum(each.received.repeated + each.received.disordered for each in following.followers)
    told = ", ".join(f"p{part * 100:g} {quantile(waits, part):.0f} ms" for part in (0.5, 0.95, 0.99))
    show(f"{count} streams, {len(published) / took:.1f} records a second", told)
    show("… delivered", f"{len(waits)} of {whole} ({len(waits) / whole:.2%}), {repeated} repeated or out of order")
    show("… of one core, the service", f"{share:.0%}")


async def publish(service: Service, count: int, rate: float) -> dict[str, float]:
    """Make so many proposals, and say when the call for each began."""
    begun: dict[str, float] = {}
    async with ApprovalsClient(service.url, SecretStr(service.tokens["agent"])) as agent:
        due = time.perf_counter()
        for number in range(count):
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            at = time.perf_counter()
            begun[(await agent.propose("stock_set", {"sku": "A-1", "count": number})).id] = at
            due = max(due + 1 / rate, at)
    return begun


class Following:
    """So many followers of everything, until the end of the block."""

    def __init__(self, service: Service, count: int) -> None:
        self._service = service
        key = service.tokens["operator"]
        self.followers = [Timed(service.url, key, 0, Tally()) for _ in range(count)]
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

    async def caught_up(self) -> None:
        """Wait until everybody has every record, for a minute at most."""
        head = await self._service.head()
        async with asyncio.timeout(60):
            while any(follower.received.lost(head) for follower in self.followers):  # noqa: ASYNC110  # they run on
                await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main())
