"""The console by itself: what a first load weighs, what a page costs, and what it holds in memory, idle and streaming.

python benchmarks/console.py [--streams 50]

It is started as a process of its own, with an empty folder and no other service beside it. A page's time is told beside
that of filling in the same template without any HTTP, in the same run: the ratio is what to trust. Memory is resident
(RSS), and beside it the share that is its own (PSS), since shared libraries count in the former for every process anew.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import re
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
from starlette.requests import Request

from tests.dashboard.platform import beside_approvals
from tests.fakes.visitor import Visitor
from tillhand_common.clock import SystemClock
from tillhand_common.testing import ServiceProcess, service_process
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.routes.assets import Assets
from tillhand_dashboard.routes.cookies import Cookies
from tillhand_dashboard.routes.pages import Pages
from tillhand_dashboard.routes.styleguide import EXAMPLES
from tillhand_dashboard.settings import DashboardSettings

ROUNDS = 200
SETTLED_S = 3.0


def memory_mb(process: ServiceProcess | Process) -> tuple[float, float]:
    """Resident and own memory of a process."""
    told = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    found = {name: int(size) / 1024 for name, size in re.findall(r"^(\w+):\s+(\d+) kB", told, re.MULTILINE)}
    return found["Rss"], found["Pss"]


async def times_ms(work: Callable[[], Awaitable[object]]) -> float:
    """The median of many rounds, after a few that warm up."""
    took = []
    for number in range(ROUNDS + 20):
        began = time.perf_counter()
        await work()
        if number >= 20:
            took.append((time.perf_counter() - began) * 1000)
    return median(took)


async def first_load(visitor: Visitor) -> None:
    """What a browser that was never here fetches for `/`, packed by gzip."""
    page = await visitor.open("/")
    sizes = {"/": len(gzip.compress(page.content, 9))}
    worker = re.findall(r'data-worker="([^"]+)"', page.text)
    for path in {*re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text), *worker}:
        answer = await visitor.http.get(path, headers={"accept-encoding": "gzip"})
        sizes[path] = int(answer.headers["content-length"])
    scripts = sum(size for path, size in sizes.items() if path.endswith(".js"))
    for path, size in sorted(sizes.items(), key=lambda each: -each[1]):
        print(f"  {size:>7,} bytes  {re.sub(r'[.][0-9a-f]{12}', '', path)}")
    print(f"first load {sum(sizes.values()) / 1000:.1f} kB in all (60 promised), {scripts / 1000:.1f} kB scripts (25)")


async def page_cost(visitor: Visitor, folder: Path) -> None:
    """A page over HTTP, session included, beside the bare template."""
    served = await times_ms(lambda: visitor.open("/styleguide"))
    settings = DashboardSettings(data_dir=folder)
    cookies = Cookies(secure=False, session_s=60)
    pages = Pages(Assets(settings.dashboard_browser), cookies, SystemClock(), ZoneInfo("UTC"))
    request = Request({"type": "http", "method": "GET", "path": "/styleguide", "headers": [], "query_string": b""})
    person = Person("operator", "admin")

    async def bare() -> object:
        return pages.page(request, "styleguide.html", EXAMPLES, person=person)

    rendered = await times_ms(bare)
    print(f"page {served:.2f} ms over HTTP, {rendered:.2f} ms bare: {served / rendered:.1f} times")


async def streams(visitor: Visitor, process: ServiceProcess, count: int, idle: tuple[float, float]) -> None:
    """Memory with so many browsers at `/events`."""
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    limits = httpx.Limits(max_connections=count + 10)
    async with httpx.AsyncClient(base_url=visitor.http.base_url, limits=limits, timeout=None) as http:  # noqa: S113  # streams have no end
        begun = asyncio.Semaphore(0)

        async def follow() -> None:
            async with http.stream("GET", "/events", headers={"cookie": cookies}) as answer:
                async for _ in answer.aiter_bytes():
                    begun.release()

        following = [asyncio.create_task(follow()) for _ in range(count)]
        for _ in range(count):
            await begun.acquire()
        await asyncio.sleep(SETTLED_S)
        resident, own = memory_mb(process)
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
    print(f"with {count} streams {resident:.1f} MB resident, {resident - idle[0]:+.1f} MB; own {own:.1f} MB")


LARGE = {
    "a text": ("short", "x" * 1_000_000),
    "a table": tuple(
        [{"id": number, "price": number + number % 5 * step, "name": f"item {number}"} for number in range(9_000)]
        for step in (0, 1)
    ),
}
"""What proposals of 1 MB would change."""


async def large_proposal(folder: Path) -> None:
    """Proposals of 1 MB, opened beside the real approvals in this process; the first time fills in a cold template."""
    async with beside_approvals(folder) as beside:
        for name, (before, after) in LARGE.items():
            evidence = [{"kind": "change", "what": "text", "before": before, "after": after}]
            made = await beside.approvals.propose(evidence=evidence)
            took = []
            for _ in range(11):
                began, worked = time.perf_counter(), time.process_time()
                page = await beside.visitor.open(f"/approvals/{made['id']}")
                took.append(((time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000))
            assert "The whole comparison" in page.text, "it was withheld"
            wall, own = ([f"{each:.0f}" for each in sorted(those)] for those in zip(*took, strict=True))
            print(f"a proposal with {name} of 1 MB opens in ms (300 promised): {' '.join(wall)}")
            print(f"  of which the processor worked {' '.join(own)}; the page has {len(page.content) / 1000:.0f} kB")


async def main(count: int) -> None:
    """Print all of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {"TILLHAND_DATA_DIR": name, "TILLHAND_RATE_LIMIT": "off", "TILLHAND_LOG_LEVEL": "info"}
        async with service_process("tillhand_dashboard", environment) as process:
            await asyncio.sleep(SETTLED_S)
            idle = memory_mb(process)
            print(f"idle {idle[0]:.1f} MB resident (80 promised), own {idle[1]:.1f} MB")
            async with httpx.AsyncClient(base_url=process.base_url, timeout=30) as http:
                visitor = Visitor(http)
                await visitor.enter(urlsplit((folder / "keys" / "sign-in-link").read_text().strip()).path)
                await first_load(visitor)
                await page_cost(visitor, folder)
                await asyncio.sleep(SETTLED_S)
                await streams(visitor, process, count, memory_mb(process))
    with tempfile.TemporaryDirectory() as name:
        await large_proposal(Path(name))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=50)
    asyncio.run(main(parser.parse_args().streams))
