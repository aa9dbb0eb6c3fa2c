"""What a measurement works with: the running platform, the folder of the report, and other programs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, Unpack

from tillhand_cli.bench.load import load_client
from tillhand_cli.demo.stage import Stage
from tillhand_common.http import Method, Options, UpstreamClient, UpstreamResponse

ANY_STATUS: Final = frozenset(range(400, 600))
CONNECTIONS: Final = 16
STOP_WITHIN_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Ended:
    """A program that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """What it printed as JSON. Raises ValueError when it is none."""
        found: dict[str, Any] = json.loads(self.out)
        return found


class Platform(Protocol):
    """The services, as they can be started and stopped."""

    folder: Path

    @property
    def urls(self) -> Mapping[str, str]:
        """Where each service answers."""
        ...

    def log(self, service: str) -> str:
        """What a service has logged since it was last started."""
        ...

    async def stage(self) -> Stage:
        """The same platform for the demonstration's story."""
        ...

    async def start(self) -> float:
        """Start all services; the seconds until all were ready."""
        ...

    async def stop(self) -> None:
        """Stop all of them."""
        ...


@dataclass(slots=True)
class Scene:
    """Everything that measurements share. `project` is the source tree, where there is one here."""

    platform: Platform
    out: Path
    project: Path | None
    soak_minutes: float | None
    keys: Mapping[str, str] = field(default_factory=dict)
    ready_s: float = 0.0
    kept: dict[str, Any] = field(default_factory=dict)
    """What one measurement leaves for another."""

    def client(self, service: str, who: str | None = None, **cookies: str) -> UpstreamClient:
        """A client that reports each answer as it is. `who` is whose key it shows: operator, agent or service."""
        return load_client(
            self.platform.urls[service],
            self.keys[who] if who else None,
            connections=CONNECTIONS,
            headers={"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {},
        )

    async def ask(
        self, service: str, path: str, *, method: Method = "GET", who: str | None = None, **options: Unpack[Options]
    ) -> UpstreamResponse:
        """One request, whose answer is returned whatever its status."""
        options["accept"] = ANY_STATUS
        async with self.client(service, who) as client:
            return await client.request(method, path, **options)

    def write(self, name: str, content: str | bytes) -> str:
        """Keep a file beside the report; its name."""
        path = self.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return name

    def write_json(self, name: str, content: object) -> str:
        """Keep a document beside the report; its name."""
        return self.write(name, json.dumps(content, ensure_ascii=False, indent=2) + "\n")

    async def run(self, *command: str, within_s: float, **environment: str) -> Ended:
        """Run a program of the project to its end; it ends with this one, and after `within_s` at the latest."""
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=self.project,
            env={**os.environ, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(within_s):
                out, err = await process.communicate()
        finally:
            await _ended(process)
        return Ended(process.returncode or 0, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


async def _ended(process: asyncio.subprocess.Process) -> None:
    """The process and what it has started, gone."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_WITHIN_S):
                await process.wait()


def without_settings(environment: Mapping[str, str], names: Sequence[str] = ("TILLHAND_",)) -> dict[str, str]:
    """Every setting of this environment as empty, which is as good as unset."""
    return {name: "" for name in environment if name.startswith(tuple(names))}
