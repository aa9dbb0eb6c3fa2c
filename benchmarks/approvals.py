"""How fast people can decide, and how fast the record is verified.

    python -m benchmarks.approvals                         # SQLite, in a folder of its own
    python -m benchmarks.approvals --database postgresql://…

Decisions: proposals made beforehand, decided by writers at the same time through the use case, each in a transaction
that is on disk before it counts. Verification: records of about 600 bytes, beside SHA-256 alone over the same bytes.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from tillhand_approvals.app.opening import open_approvals
from tillhand_approvals.domain.actors import Actor
from tillhand_approvals.domain.audit import Draft, chained, origin, verify
from tillhand_approvals.domain.tools import Tool
from tillhand_approvals.service.callers import Caller
from tillhand_approvals.service.deciding import Order
from tillhand_approvals.service.joined import Approvals
from tillhand_approvals.service.proposing import Proposed
from tillhand_approvals.settings import ApprovalsSettings
from tillhand_common.clock import SystemClock

DECISIONS: Final = 800
WRITERS: Final = 8
RECORDS: Final = 50_000
AGENT: Final = Caller("default", Actor("agent:1", "agent"))
PERSON: Final = Caller("default", Actor("person:1", "person"))
SCHEMA: Final = {"type": "object", "properties": {"count": {"type": "integer"}}}


async def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", help="Address of an empty PostgreSQL database; else SQLite.")
    options = parser.parse_args()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="approvals-")))
        address = SecretStr(options.database) if options.database else None
        settings = ApprovalsSettings(data_dir=folder, database_url=address)
        opened = await stack.enter_async_context(open_approvals(settings, SystemClock()))
        await decide(opened.use_cases, "PostgreSQL" if options.database else "SQLite")
    check()


async def decide(use_cases: Approvals, name: str) -> None:
    """Print decisions a second and how long each took."""
    await use_cases.tooling.register(AGENT, "mcp", [Tool("stock_set", "1", SCHEMA, "low")])
    made = []
    for number in range(DECISIONS):
        proposal, _ = await use_cases.proposing.propose(AGENT, Proposed("stock_set", {"count": number}))
        made.append(proposal)
    took: list[float] = []

    async def write(start: int) -> None:
        for proposal in made[start::WRITERS]:
            begun = time.perf_counter()
            await use_cases.deciding.decide(PERSON, proposal.id, Order("approve", proposal.digest))
            took.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*map(write, range(WRITERS)))
    rate = DECISIONS / (time.perf_counter() - begun)
    took.sort()
    p50, p99 = took[len(took) // 2] * 1e3, took[int(len(took) * 0.99)] * 1e3
    print(f"{name}: {rate:.0f} decisions/s with {WRITERS} writers, p50 {p50:.1f} ms, p99 {p99:.1f} ms")


def check() -> None:
    """Print records a second, chained and verified, and the share of it that hashing alone takes."""
    head, lines = origin("default"), []
    data = {"tool": "stock_set", "note": "counted " * 20, "digest": "d" * 64, "revision": 3, "state": "approved"}
    draft = Draft(
        "default", "decision.made", datetime.now(UTC), {"id": "key:1", "kind": "person"}, "p" * 32, None, data
    )
    begun = time.perf_counter()
    for _ in range(RECORDS):
        line, head = chained(head, draft)
        lines.append(line)
    chaining = RECORDS / (time.perf_counter() - begun)
    begun = time.perf_counter()
    report = verify(lines, "default", expected=head)
    verifying = RECORDS / (time.perf_counter() - begun)
    assert report.ok
    encoded = [line.encode() for line in lines]
    begun = time.perf_counter()
    for each in encoded:
        hashlib.sha256(each).hexdigest()
    limit = RECORDS / (time.perf_counter() - begun)
    size = sum(map(len, encoded)) / RECORDS
    print(f"records of {size:.0f} bytes: chained {chaining:,.0f}/s, verified {verifying:,.0f}/s", end="")
    print(f", {verifying / limit:.2f} of SHA-256 alone")


if __name__ == "__main__":
    asyncio.run(main())
