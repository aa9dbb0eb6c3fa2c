"""The same tool over MCP and over HTTP, in turns: time and size of the answers."""

from __future__ import annotations

import json
import statistics
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from time import perf_counter
from typing import Any, Final

import httpx
import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from benchmarks.connectors.stage import ROOMY, Stage, milliseconds, show, staged
from tillhand_mcp.mock.shopify.values import gid
from tillhand_mockshop.model import Shop

REVISION: Final = "2026-07-28"
WARM: Final = 20
Call = Callable[[], Awaitable[object]]


async def faces(shop: Shop, rounds: int) -> None:
    """Print how the faces compare, for a tool answered from what is kept fresh and for one that is not."""
    order = gid("Order", shop.orders[0].id)
    async with staged(shop, ROOMY) as stage:
        for what, tool, arguments in (
            ("kept fresh, 1 product", "shopify_products", {"limit": 1}),
            ("kept fresh, 20 products", "shopify_products", {"limit": 20}),
            ("asked each time", "shopify_order", {"order_id": order}),
        ):
            await _compared(stage, what, tool, arguments, rounds)


async def _compared(stage: Stage, what: str, tool: str, arguments: Mapping[str, Any], rounds: int) -> None:
    async with AsyncExitStack() as stack:
        plain = httpx.AsyncClient(base_url=stage.url, headers=stage.headers, timeout=60, trust_env=False)
        http = await stack.enter_async_context(plain)
        other = await stack.enter_async_context(httpx2.AsyncClient(headers=stage.headers, timeout=60))
        transport = streamable_http_client(f"{stage.url}/mcp", http_client=other)
        client = await stack.enter_async_context(Client(transport, mode=REVISION, read_timeout_seconds=60))

        async def over_http() -> httpx.Response:
            return await http.post(f"/v1/tools/{tool}", json={"arguments": arguments})

        async def over_mcp() -> httpx.Response:
            return await http.post("/mcp", json=message(tool, arguments), headers=headers(tool))

        async def by_the_sdk() -> object:
            return await client.call_tool(tool, dict(arguments))

        _sized(what, await over_http(), await over_mcp())
        took = await _in_turns({"HTTP": over_http, "MCP": over_mcp, "the SDK's client": by_the_sdk}, rounds)
    base = statistics.median(took["HTTP"])
    show(f"{what}: HTTP", milliseconds(took["HTTP"]))
    for name, goal in (("MCP", "≤ 1.5 times HTTP's median"), ("the SDK's client", "")):
        ratio = statistics.median(took[name]) / base
        show(f"{what}: {name}", f"{milliseconds(took[name])}, {ratio:.2f} times", goal)


def _sized(what: str, over_http: httpx.Response, over_mcp: httpx.Response) -> None:
    told = over_http.json()["structured"]
    result = over_mcp.json()["result"]
    assert not result.get("isError"), over_mcp.text
    for answer in (told, result["structuredContent"]):
        answer["origin"] |= {"fetched_at": None, "quota": None}  # an answer of another moment may differ in these
    assert told == result["structuredContent"]
    bare = len(json.dumps(over_http.json()["structured"], ensure_ascii=False, separators=(",", ":")).encode())
    size = len(over_mcp.content)
    show(f"{what}: bytes over MCP", f"{size:,} of {bare:,} structured: {size / bare:.2f} times", "≤ 2.2 times")


async def _in_turns(calls: Mapping[str, Call], rounds: int) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(WARM + rounds):
        for name, call in calls.items():
            begun = perf_counter()
            await call()
            if turn >= WARM:
                took[name].append(perf_counter() - begun)
    return took


def message(tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A call of a tool as it goes over the wire."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": REVISION,
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    params = {"name": tool, "arguments": dict(arguments), "_meta": meta}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


def headers(tool: str) -> dict[str, str]:
    """What the protocol wants repeated in headers."""
    return {
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": REVISION,
        "mcp-method": "tools/call",
        "mcp-name": tool,
    }
