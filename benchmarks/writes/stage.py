"""What the proof is played on: approvals, connectors and a mock shop, each a process that can be killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.writes.wire import HOST, Wire, wired
from tillhand_cli.members import Member
from tillhand_cli.processes import Running, start, until_ready
from tillhand_cli.soak.service import free_port
from tillhand_common import keys

READY_WITHIN_S: Final = 60.0
LEASE_S: Final = 5
AGAIN_S: Final = 0.1


@dataclass
class Service:
    """A process that can be killed and started again; `up` while it answers."""

    member: Member
    folder: Path
    environment: dict[str, str]
    running: Running | None = None
    kills: int = 0
    up: asyncio.Event = field(default_factory=asyncio.Event)

    async def begin(self) -> None:
        """Start it, and wait until it is ready."""
        logs = self.folder / "logs" / str(self.kills)
        self.running = await start(self.member, host=HOST, logs=logs, environment=self.environment)
        await until_ready(self.running, READY_WITHIN_S)
        self.up.set()

    async def kill(self) -> None:
        """End it with SIGKILL, at once, and start it again."""
        assert self.running is not None
        self.up.clear()
        self.running.process.kill()
        await self.running.process.wait()
        self.kills += 1
        await self.begin()

    async def end(self) -> None:
        """Stop it."""
        if self.running is not None:
            await self.running.stop()


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs, and the ways in."""

    approvals: Service
    mcp: Service
    wire: Wire
    http: httpx.AsyncClient
    upstream: str
    tokens: dict[str, str]

    async def asked(self, who: str, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # any JSON
        """What the approvals say to somebody, through their restarts; a problem document where they refuse."""
        headers = {"authorization": f"Bearer {self.tokens[who]}"}
        while True:
            try:
                url = f"{self.approvals.member.url}{path}"
                answer = await self.http.request(method, url, json=body, headers=headers)
                if answer.status_code < 500:
                    return answer.json()
            except httpx.TransportError:
                pass
            await asyncio.sleep(AGAIN_S)

    async def called(self, tool: str, arguments: object, reason: str) -> httpx.Response | None:
        """The answer to an agent's call; none where the connection broke."""
        await self.mcp.up.wait()
        headers = {"authorization": f"Bearer {self.tokens['agent']}"}
        body = {"arguments": {**dict(arguments), "reason": reason}}  # type: ignore[call-overload]  # a mapping
        try:
            return await self.http.post(f"{self.mcp.member.url}/v1/tools/{tool}", json=body, headers=headers)
        except httpx.TransportError:
            return None

    async def script(self, faults: object) -> None:
        """Have the mock shop misbehave."""
        (await self.http.post(f"{self.upstream}/mock/faults", json=faults)).raise_for_status()

    async def well(self) -> None:
        """Have it behave again."""
        (await self.http.delete(f"{self.upstream}/mock/faults")).raise_for_status()

    async def journal(self) -> list[dict[str, Any]]:
        """Everything that was written at the mock shop."""
        found: list[dict[str, Any]] = (await self.http.get(f"{self.upstream}/mock/journal")).json()["writes"]
        return found


@asynccontextmanager
async def opened(folder: Path, skus: int) -> AsyncIterator[Stage]:
    """All of it, ready; stopped at the end."""
    keys.bootstrap(folder)
    tokens: dict[str, str] = {kind: keys.read_token(folder, kind) or "" for kind in keys.KINDS}
    ports = [free_port() for _ in range(4)]
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=90, trust_env=False))
        upstream = await stack.enter_async_context(_upstream(ports[0], skus))
        wire = await stack.enter_async_context(wired(ports[1], ports[2]))
        approvals = Service(Member("proof_approvals", "tillhand_approvals", ports[2], ""), folder, _common(folder))
        where = {
            "TILLHAND_APPROVALS_URL": f"http://{HOST}:{ports[1]}",
            "TILLHAND_MOCK_URL": upstream,
            "TILLHAND_CATALOGUE_SYNC": "off",
        }
        mcp = Service(Member("proof_mcp", "tillhand_mcp", ports[3], ""), folder, _common(folder) | where)
        for each in (approvals, mcp):
            stack.push_async_callback(each.end)
            await each.begin()
        yield Stage(approvals, mcp, wire, http, upstream, tokens)


def _common(folder: Path) -> dict[str, str]:
    inherited = {name: "" for name in os.environ if name.startswith("TILLHAND_")}  # empty is as good as unset
    own = {"DATA_DIR": str(folder), "UNDO_S": "0", "RATE_LIMIT": "off", "LEASE_S": str(LEASE_S), "LOG_LEVEL": "warning"}
    return inherited | {f"TILLHAND_{name}": value for name, value in own.items()}


@asynccontextmanager
async def _upstream(port: int, skus: int) -> AsyncIterator[str]:
    command = [sys.executable, "-m", "benchmarks.writes.upstream", "--port", str(port), "--skus", str(skus)]
    process = await asyncio.create_subprocess_exec(*command)
    try:
        address = f"http://{HOST}:{port}"
        await _answering(process, address)
        yield address
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _answering(process: asyncio.subprocess.Process, address: str) -> None:
    async with asyncio.timeout(READY_WITHIN_S), httpx.AsyncClient(trust_env=False) as http:
        while process.returncode is None:
            with contextlib.suppress(httpx.TransportError):
                (await http.get(f"{address}/mock/health")).raise_for_status()
                return
            await asyncio.sleep(AGAIN_S)
    raise RuntimeError("the mock shop did not start")
