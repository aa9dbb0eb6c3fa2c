"""A shop that answers 503 to everything: what it is still asked, and how fast callers are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from time import perf_counter
from typing import Any, Final

import httpx

from benchmarks.connectors.stage import CALLER, ROOMY, Stage, milliseconds, show, staged
from tillhand_mcp.domain.tools import Refused
from tillhand_mcp.mock.faults import FOREVER, Fault
from tillhand_mcp.mock.shopify.values import gid
from tillhand_mockshop.model import Shop

AT_ONCE: Final = 8
TOOL: Final = "shopify_order"
OPEN: Final = "circuit-open"
Call = Callable[[dict[str, Any]], Awaitable[str]]


async def outage(shop: Shop, count: int) -> None:
    """Print both, at the HTTP face and in process; every call asks for another order, so that none shares another's."""
    wanted = [gid("Order", each.id) for each in shop.orders[: count + 1]]
    async with staged(shop, ROOMY) as stage:
        http = httpx.AsyncClient(base_url=stage.url, headers=stage.headers, timeout=60, trust_env=False)
        async with http:

            async def over_http(arguments: dict[str, Any]) -> str:
                answer = (await http.post(f"/v1/tools/{TOOL}", json={"arguments": arguments})).json()
                return str(answer.get("reason", "answered"))

            await _suffered(stage, "HTTP", over_http, wanted)
    async with staged(shop, ROOMY) as stage:

        async def in_process(arguments: dict[str, Any]) -> str:
            found = await stage.toolbox.call(CALLER, TOOL, arguments)
            return found.slug if isinstance(found, Refused) else "answered"

        await _suffered(stage, "in process", in_process, wanted)


async def _suffered(stage: Stage, where: str, call: Call, wanted: list[str]) -> None:
    mock = stage.mock.state.mock
    assert await call({"order_id": wanted[0]}) == "answered"
    mock.requests.clear()
    mock.faults.script(Fault("status", "shopify", times=FOREVER, status=503))
    said: list[tuple[str, float]] = []
    waiting: Iterator[str] = iter(wanted[1:])

    async def ask() -> None:
        for order in waiting:
            begun = perf_counter()
            said.append((await call({"order_id": order}), perf_counter() - begun))

    await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
    first = next(place for place, (reason, _) in enumerate(said) if reason == OPEN)
    attempts, made = len(mock.requests), max(first, AT_ONCE)
    told = f"{attempts} attempts for {made} calls until it opened, {attempts} for all {len(said)}"
    show(f"outage, {where}: the shop was asked", told, "≤ 1.1 a call, and 10 of the reserve")
    crowd = [took for reason, took in said[first:] if reason == OPEN]
    show(f"outage, {where}: told at once, {AT_ONCE} at a time", milliseconds(crowd))
    alone: list[float] = []
    for order in wanted[1:]:
        begun = perf_counter()
        assert await call({"order_id": order}) == OPEN
        alone.append(perf_counter() - begun)
    show(f"outage, {where}: told at once, one at a time", milliseconds(alone), "p99 ≤ 5 ms")
