"""What the chassis costs: requests per second behind all of it, as a ratio to bare FastAPI in the same run.

Both run under uvicorn (uvloop, httptools) on loopback, one process each, and are loaded in alternating rounds by raw
keep-alive connections that cost the client little. The chassis authenticates by API key, counts, limits and logs every
request; bare FastAPI has its access log off, which is its fastest form.

    python benchmarks/chassis.py --seconds 20 [--connections 16] [--json]
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from operator import truediv
from pathlib import Path
from time import perf_counter
from typing import Final, cast

import uvicorn
import uvloop
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel

from tillhand_common.app import ServiceSpec, create_app
from tillhand_common.keys import read_token
from tillhand_common.server import serve
from tillhand_common.settings import CommonSettings

GOAL: Final = 0.7
BODY: Final = json.dumps({"query": "how long does a refund take", "top_k": 5, "mode": "hybrid"}).encode()
START_TIMEOUT_S: Final = 30.0
PORTS: Final = {"bare": 18701, "chassis": 18702}

router = APIRouter(prefix="/v1")


class Question(BaseModel):
    """What the measured POST reads."""

    query: str
    top_k: int = 10
    mode: str = "hybrid"


class Hit(BaseModel):
    """One line of what the measured POST answers."""

    id: str
    score: float
    text: str


class Hits(BaseModel):
    """What the measured POST answers."""

    query: str
    hits: list[Hit]


@router.get("/ping")
async def ping() -> dict[str, str]:
    """Answer as little as JSON can be."""
    return {"status": "ok"}


@router.post("/search")
async def search(question: Question) -> Hits:
    """Answer as a search would that takes no time."""
    hits = [Hit(id=f"doc-{n}", score=1 / (n + 1), text="…") for n in range(question.top_k)]
    return Hits(query=question.query, hits=hits)


def chassis_app(settings: CommonSettings) -> FastAPI:
    """Return the routes behind the whole chassis."""
    return create_app(ServiceSpec("bench", "0", "Bench", "", settings, routers=(router,)))


def bare_app() -> FastAPI:
    """Return the routes and nothing else."""
    app = FastAPI()
    app.routes.extend(router.routes)  # its fastest form, and the one that the chassis uses
    return app


def run_server(variant: str) -> None:
    """Serve one variant on TILLHAND_PORT until SIGTERM."""
    if variant == "chassis":
        serve(chassis_app, CommonSettings)
    else:
        port = int(os.environ["TILLHAND_PORT"])
        uvicorn.run(bare_app(), host="127.0.0.1", port=port, access_log=False, log_level="warning")


@dataclass(slots=True)
class Load:
    """What one round of load found."""

    answered: int = 0
    seconds: float = 0.0
    server_cpu_s: float = 0.0
    latencies_s: list[float] = field(default_factory=list)


class Connection(asyncio.Protocol):
    """One keep-alive connection that sends the next request as soon as the answer is whole."""

    def __init__(self, request: bytes, load: Load) -> None:
        self._request = request
        self._load = load
        self._received = 0
        self._expected = 0
        self._sent_at = 0.0
        self._stopped = False
        self._transport: asyncio.Transport | None = None
        self.idle = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Count an answer once it is whole."""
        if not self._received:
            self._begin(data)
        self._received += len(data)
        if self._received < self._expected:
            return
        self._load.answered += 1
        self._load.latencies_s.append(perf_counter() - self._sent_at)
        if self._stopped:
            self.idle.set()
        else:
            self._send()

    def stop(self) -> None:
        """Send no more; `idle` is set after the answer that is still to come."""
        self._stopped = True

    def close(self) -> None:
        """Close the connection."""
        assert self._transport is not None
        self._transport.close()

    def _begin(self, data: bytes) -> None:
        head, _, _ = data.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = head.lower().rpartition(b"content-length: ")[2].split(b"\r\n", 1)[0]
        self._expected = len(head) + 4 + int(length)

    def _send(self) -> None:
        assert self._transport is not None
        self._received = 0
        self._sent_at = perf_counter()
        self._transport.write(self._request)


async def load(port: int, request: bytes, connections: int, seconds: float) -> Load:
    """Load a server for some seconds."""
    result = Load()
    loop = asyncio.get_running_loop()
    started = perf_counter()
    opened = [
        (await loop.create_connection(lambda: Connection(request, result), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.sleep(seconds)
    for connection in opened:
        connection.stop()
    await asyncio.wait_for(asyncio.gather(*(connection.idle.wait() for connection in opened)), 10)
    result.seconds = perf_counter() - started
    for connection in opened:
        connection.close()
    return result


@contextmanager
def server(variant: str, port: int, folder: Path) -> Iterator[int]:
    """Run one variant in a process of its own, its log in a file."""
    env = {"TILLHAND_PORT": str(port), "TILLHAND_DATA_DIR": str(folder), "TILLHAND_RATE_LIMIT": "1000000000/minute"}
    with (folder / f"{variant}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, __file__, "--serve", variant], env=os.environ | env, stdout=log, stderr=log
        )
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)


def request_bytes(method: str, path: str, port: int, token: str | None, body: bytes) -> bytes:
    """Return a request as a usual client sends it."""
    lines = [f"{method} {path} HTTP/1.1", f"host: 127.0.0.1:{port}", "accept: */*", "accept-encoding: gzip, deflate"]
    lines += ["connection: keep-alive", "user-agent: benchmark"]
    if body:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    if token is not None:
        lines.append(f"authorization: Bearer {token}")
    return "\r\n".join([*lines, "", ""]).encode() + body


async def until_up(port: int) -> None:
    """Return once somebody listens on the port."""
    async with asyncio.timeout(START_TIMEOUT_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has used, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(
    servers: dict[str, tuple[int, int]], folder: Path, connections: int, seconds: float, rounds: int
) -> dict[str, object]:
    """Load both variants in turn, for each of the two routes; `servers` maps a variant to its process id and port."""
    for _, port in servers.values():
        await until_up(port)
    token = read_token(folder, "operator")
    found: dict[str, object] = {}
    for name, method, path, body in (("get", "GET", "/v1/ping", b""), ("post", "POST", "/v1/search", BODY)):
        loads: dict[str, list[Load]] = {variant: [] for variant in servers}
        for turn in range(-1, rounds):
            for variant, (pid, port) in servers.items():
                request = request_bytes(method, path, port, token, body)
                used = cpu_s(pid)
                done = await load(port, request, connections, 0.5 if turn < 0 else seconds / (4 * rounds))
                done.server_cpu_s = cpu_s(pid) - used
                if turn >= 0:  # the first turn warms up
                    loads[variant].append(done)
        found[name] = summary(loads)
    return found


def summary(loads: dict[str, list[Load]]) -> dict[str, object]:
    """Return requests per second, processor time and median latency of each variant, and what of bare FastAPI is left.

    The ratio is the median over the rounds, each of which loads both in turn; processor time is what other programs on
    the machine disturb least.
    """
    rates = {name: [each.answered / each.seconds for each in done] for name, done in loads.items()}
    cpu_us = {
        name: 1e6 * sum(each.server_cpu_s for each in done) / sum(each.answered for each in done)
        for name, done in loads.items()
    }
    p50_s = {name: statistics.median(s for each in done for s in each.latencies_s) for name, done in loads.items()}
    return {
        "requests_per_s": {name: round(statistics.median(values)) for name, values in rates.items()},
        "ratio": round(statistics.median(map(truediv, rates["chassis"], rates["bare"])), 3),
        "server_cpu_us_per_request": {name: round(value, 1) for name, value in cpu_us.items()},
        "server_cpu_ratio": round(cpu_us["bare"] / cpu_us["chassis"], 3),
        "p50_ms": {name: round(value * 1000, 3) for name, value in p50_s.items()},
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=30.0, help="time for all rounds together")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", choices=("bare", "chassis"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        run_server(options.serve)
        return
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        servers = {each: (stack.enter_context(server(each, port, folder)), port) for each, port in PORTS.items()}
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            found = runner.run(measure(servers, folder, options.connections, options.seconds, options.rounds))
    if options.json:
        print(json.dumps(found))
        return
    for route, figures in found.items():
        assert isinstance(figures, dict)
        print(f"{route}: {json.dumps(figures)}  (goal: ratio >= {GOAL})")


if __name__ == "__main__":
    main()
