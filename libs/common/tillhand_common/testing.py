"""Doors for tests: a service over HTTP, in process or as a process; time that obeys; an upstream that misbehaves."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

import httpx
from fastapi import FastAPI

from tillhand_common.fake_upstream import FakeUpstream, Reply
from tillhand_common.server import DrainingServer, bind

__all__ = ["FakeClock", "FakeUpstream", "Reply", "ServiceProcess", "client", "running", "service_process"]

START_TIMEOUT_S: Final = 30.0
STOP_TIMEOUT_S: Final = 10.0

AppOrFactory = FastAPI | Callable[[], FastAPI]


@asynccontextmanager
async def running(app_or_factory: AppOrFactory, *, port: int = 0) -> AsyncIterator[str]:
    """Serve an application on a free loopback port (or this one) in this event loop, and yield its base URL.

    It is the server of production, drain included, without signals.
    """
    app = app_or_factory if isinstance(app_or_factory, FastAPI) else app_or_factory()
    server = DrainingServer(app, app.state.chassis.settings)
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(bind("127.0.0.1", port))
        await stack.enter_async_context(app.router.lifespan_context(app))
        host, taken = listener.getsockname()[:2]
        listener.listen(2048)  # connections queue here until the server task takes over
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield f"http://{host}:{taken}"
        finally:
            server.should_exit = True
            await asyncio.wait_for(serving, STOP_TIMEOUT_S)


@asynccontextmanager
async def client(
    app_or_factory: AppOrFactory, *, key: str | None = None, headers: Mapping[str, str] | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client that calls an application without a socket, inside its lifespan; `key` is sent as bearer token."""
    app = app_or_factory if isinstance(app_or_factory, FastAPI) else app_or_factory()
    bearer = {} if key is None else {"authorization": f"Bearer {key}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=("127.0.0.1", 123)),
            base_url="http://127.0.0.1",
            headers={**bearer, **(headers or {})},
        ) as opened,
    ):
        yield opened


class FakeClock:
    """A clock that stands still until it is told to advance. `sleep` returns when the time has come."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed_s = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """Return the start moment plus what was advanced."""
        return self._start + timedelta(seconds=self._elapsed_s)

    def monotonic(self) -> float:
        """Return the seconds advanced so far."""
        return self._elapsed_s

    async def sleep(self, seconds: float) -> None:
        """Return once the clock has been advanced by `seconds`."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._elapsed_s + seconds, woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Move on, waking sleepers in their order, and let them run; first, whoever is about to sleep gets to it."""
        await settle()
        until = self._elapsed_s + seconds
        while due := min((at for at, woken in self._sleepers if at <= until and not woken.done()), default=None):
            self._elapsed_s = max(self._elapsed_s, due)
            for at, woken in self._sleepers:
                if at <= self._elapsed_s and not woken.done():
                    woken.set_result(None)
            self._sleepers = [(at, woken) for at, woken in self._sleepers if not woken.done()]
            await settle()
        self._elapsed_s = until
        await settle()


async def settle(turns: int = 10) -> None:
    """Give every ready task some turns of the event loop."""
    for _ in range(turns):
        await asyncio.sleep(0)


@dataclass(slots=True)
class ServiceProcess:
    """A service in a process of its own."""

    process: asyncio.subprocess.Process
    base_url: str = ""
    lines: list[str] = field(default_factory=list)
    _reader: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    @property
    def output(self) -> str:
        """What it has written to standard output and standard error so far."""
        return "\n".join(self.lines)

    def events(self, name: str) -> list[dict[str, object]]:
        """Return the log lines with this event name, parsed."""
        return [event for event in map(_parsed, self.lines) if event.get("event") == name]

    def sigterm(self) -> None:
        """Ask it to leave."""
        self.process.send_signal(signal.SIGTERM)

    async def wait(self, timeout_s: float = STOP_TIMEOUT_S) -> int:
        """Return its exit code; TimeoutError when it does not end in time."""
        async with asyncio.timeout(timeout_s):
            code = await self.process.wait()
            if self._reader is not None:
                await self._reader
        return code

    @classmethod
    async def start(cls, module: str | Path, env: Mapping[str, str], timeout_s: float) -> Self:
        """Start `python -m module`, or a script by its path, on a free port, and wait until it answers /health."""
        target = [str(module)] if isinstance(module, Path) else ["-m", module]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *target,
            env={**os.environ, "TILLHAND_PORT": "0", "TILLHAND_LOG_FORMAT": "json", **env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        service = cls(process)
        listening = asyncio.Event()
        service._reader = asyncio.create_task(service._read(listening))
        try:
            async with asyncio.timeout(timeout_s):
                await listening.wait()
        except BaseException:
            await service.stop()
            raise
        if not service.base_url:
            await service.stop()
            raise RuntimeError(f"{module} did not start:\n{service.output}")
        return service

    async def stop(self) -> None:
        """End it if it still runs: first asked, then killed."""
        if self.process.returncode is None:
            self.sigterm()
            try:
                await self.wait()
            except TimeoutError:
                self.process.kill()
        await self.wait()

    async def _read(self, listening: asyncio.Event) -> None:
        assert self.process.stdout is not None  # noqa: S101  # opened with a pipe
        async for raw in self.process.stdout:
            line = raw.decode(errors="replace").rstrip()
            self.lines.append(line)
            event = _parsed(line)
            if event.get("event") == "listening":
                self.base_url = f"http://{event['host']}:{event['port']}"
                listening.set()
        listening.set()


@asynccontextmanager
async def service_process(
    module: str | Path, env: Mapping[str, str] | None = None, *, timeout_s: float = START_TIMEOUT_S
) -> AsyncIterator[ServiceProcess]:
    """Run a service (a module's name or a script's path) as a process of its own; yield it once it answers /health."""
    service = await ServiceProcess.start(module, env or {}, timeout_s)
    try:
        async with httpx.AsyncClient(base_url=service.base_url, timeout=timeout_s) as http:
            (await http.get("/health")).raise_for_status()
        yield service
    finally:
        await service.stop()


def _parsed(line: str) -> dict[str, object]:
    try:
        parsed = json.loads(line)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
