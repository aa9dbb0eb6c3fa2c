"""List and call every tool with FastMCP's client, over HTTP and over the bridge of `tillhand mcp stdio`.

It runs in an environment of its own. Standard input is JSON: the address, a key, what to call each tool with, and the
command that is the bridge. Writes a JSON line a way.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Iterable
from typing import Any

from fastmcp import Client
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport

BRIDGED = ("approval_status", "knowledge_search", "reply_to_customer", "shopify_products")
TIMEOUT_S = 60


class Way:
    """One way to the tools, and what came of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.passed: list[str] = []
        self.failed: list[str] = []
        self._started = time.monotonic()

    async def note(self, what: str, doing: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await doing
        except Exception as error:  # noqa: BLE001  # whatever it is, it is told by name
            self.failed.append(f"{what}: {error}")
        else:
            self.passed.append(what)

    def tell(self) -> None:
        seconds = time.monotonic() - self._started
        told = {"name": self.name, "passed": self.passed, "failed": self.failed, "seconds": seconds}
        print(json.dumps(told), flush=True)


async def listed(client: Client[Any], wanted: Iterable[str]) -> None:
    found = {tool.name for tool in await client.list_tools()}
    if found != set(wanted):
        raise ValueError(f"{sorted(found)} instead of {sorted(wanted)}")


async def called(client: Client[Any], name: str, arguments: dict[str, Any]) -> None:
    """The client raises for a result that is an error, or that does not fit the tool's output schema."""
    result = await client.call_tool(name, arguments)
    if not result.content or result.structured_content is None:
        raise ValueError("no content, or none that is structured")


async def go(name: str, transport: Any, taken: dict[str, Any], calls: Iterable[str]) -> None:  # noqa: ANN401  # theirs
    way = Way(name)
    try:
        async with Client(transport, timeout=TIMEOUT_S) as client:
            await way.note("tools/list", listed(client, taken))
            for tool in calls:
                await way.note(tool, called(client, tool, taken[tool]))
    except Exception as error:  # noqa: BLE001  # as above
        way.failed.append(f"connection: {error}")
    way.tell()


async def main() -> None:
    given = json.load(sys.stdin)
    taken = given["arguments"]
    http = StreamableHttpTransport(given["url"], headers={"Authorization": f"Bearer {given['key']}"})
    await go("fastmcp", http, taken, taken)
    program, *arguments = given["bridge"]
    await go("fastmcp, stdio bridge", StdioTransport(program, arguments, env=dict(os.environ)), taken, BRIDGED)


if __name__ == "__main__":
    asyncio.run(main())
