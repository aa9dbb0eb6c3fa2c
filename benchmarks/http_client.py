"""What the outgoing client costs per call: its stack in process, and a whole call as a ratio to a bare pooled one.

In process nothing is sent: an attempt that returns at once goes through breaker, budget, deadline and metrics.
Over HTTP, the client and a bare `httpx.AsyncClient` call a small server in another process in alternating rounds.

    python -m benchmarks.http_client [--calls 1000] [--rounds 15] [--json]
"""

import argparse
import asyncio
import json
import multiprocessing
import statistics
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Final, cast

import httpx
import pybreaker
import uvloop
from tenacity import AsyncRetrying, stop_after_attempt

from tillhand_common import context
from tillhand_common.breaker import Breaker
from tillhand_common.http import Resilience, UpstreamClient, UpstreamMetrics
from tillhand_common.metrics import Metrics

GOAL_US: Final = 10.0
CALLS_PER_ROUND: Final = 200
RUNS: Final = 60
ANSWER: Final = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{"status":"ok"}'

Call = Callable[[], Awaitable[object]]


async def nothing(_left_s: float = 0.0) -> None:
    """Do what a call does that takes no time."""


async def per_call_us(call: Call, calls: int) -> float:
    """Return the microseconds of one call: the fastest of many short runs, since whatever else runs only adds."""
    runs: list[float] = []
    for _ in range(RUNS):
        started = perf_counter()
        for _ in range(calls):
            await call()
        runs.append((perf_counter() - started) / calls * 1e6)
    return min(runs)


async def in_process(calls: int) -> dict[str, float]:
    """Return microseconds per call of the whole stack, of its parts, and of what it is not made of."""
    metrics = UpstreamMetrics(Metrics("bench"), ["shop"])
    plain, counted = Resilience("shop"), Resilience("shop", metrics=metrics)
    breaker = Breaker("shop")
    bare = pybreaker.CircuitBreaker()
    info = context.from_headers(None, None, None)
    info.deadline = asyncio.get_running_loop().time() + 3600
    context.enter(info)

    async def through_pybreaker() -> None:
        with bare.calling():
            await nothing()

    async def through_tenacity() -> None:
        await AsyncRetrying(stop=stop_after_attempt(3), reraise=True)(nothing)

    measured: dict[str, Call] = {
        "nothing": nothing,
        "breaker": lambda: breaker.call(nothing),
        "stack": lambda: plain.call(nothing, limit_s=30, repeatable=lambda _: True),
        "stack with metrics": lambda: counted.call(nothing, limit_s=30, repeatable=lambda _: True),
        "pybreaker as it comes": through_pybreaker,
        "tenacity around each call": through_tenacity,
    }
    return {name: await per_call_us(call, calls) for name, call in measured.items()}


class Answering(asyncio.Protocol):
    """A server that answers each request that fits into one read, as small GETs do."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, _data: bytes) -> None:
        """Answer."""
        self._transport.write(ANSWER)


def serve(ready: Connection) -> None:
    """Serve until killed; tell the port."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(run())


async def over_http(port: int, rounds: int) -> dict[str, float]:
    """Return the median microseconds of a bare pooled call and of ours, measured in turns."""
    base_url = f"http://127.0.0.1:{port}"
    metrics = UpstreamMetrics(Metrics("bench"), ["shop"])
    async with AsyncExitStack() as stack:
        bare = await stack.enter_async_context(httpx.AsyncClient(base_url=base_url, trust_env=False))
        ours = await stack.enter_async_context(UpstreamClient("shop", base_url, metrics=metrics))
        calls: dict[str, Call] = {
            "bare pooled httpx": lambda: bare.get("/"),
            "tillhand": lambda: ours.request("GET", "/"),
        }
        seconds: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(rounds):
            for name, call in calls.items():
                for _ in range(CALLS_PER_ROUND):
                    started = perf_counter()
                    await call()
                    seconds[name].append(perf_counter() - started)
    return {name: statistics.median(taken) * 1e6 for name, taken in seconds.items()}


def measure(calls: int, rounds: int) -> dict[str, dict[str, float]]:
    """Return both tables, in microseconds."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    try:
        http = uvloop.run(over_http(ours.recv(), rounds))
    finally:
        server.terminate()
        server.join()
    return {"in_process_us": uvloop.run(in_process(calls)), "over_http_us": http}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What the outgoing client costs per call.")
    parser.add_argument("--calls", type=int, default=1_000, help="calls per in-process run")
    parser.add_argument("--rounds", type=int, default=15, help=f"rounds of {CALLS_PER_ROUND} calls over HTTP")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    found = measure(options.calls, options.rounds)
    stack_us = found["in_process_us"]["stack with metrics"]
    ratio = found["over_http_us"]["tillhand"] / found["over_http_us"]["bare pooled httpx"]
    if options.json:
        print(json.dumps({**found, "stack_us": stack_us, "goal_us": GOAL_US, "ratio_to_bare_httpx": ratio}))
        return
    for title, table in found.items():
        print(title)
        for name, microseconds in table.items():
            print(f"  {name:<28}{microseconds:>10.2f}")
    print(f"stack in process: {stack_us:.1f} µs (goal {GOAL_US:g}); whole call: {ratio:.2f} times a bare pooled one")


if __name__ == "__main__":
    main()
