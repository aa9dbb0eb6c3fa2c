"""A platform of its own: all five services on free ports over one folder, with mocks only."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from tillhand_cli.api import open_api
from tillhand_cli.demo.stage import HOST, READY_WITHIN_S, Stage, at_port, free_ports
from tillhand_cli.evidence.scene import without_settings
from tillhand_cli.members import MEMBERS
from tillhand_cli.processes import Running, start, until_ready
from tillhand_common import keys

KINDS: Final = ("operator", "agent", "service")


class OwnPlatform:
    """The services' processes. They end with it, whatever happens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        *ports, self._mock = free_ports(len(MEMBERS) + 1)
        self._members = [at_port(member, port) for member, port in zip(MEMBERS, ports, strict=True)]
        self._running: dict[str, Running] = {}
        self._opened = AsyncExitStack()

    @property
    def urls(self) -> Mapping[str, str]:
        """Where each service answers."""
        return {member.name: member.url for member in self._members}

    @property
    def environment(self) -> dict[str, str]:
        """What the services are told, and nothing that this process was told."""
        return {
            **without_settings(os.environ),
            "TILLHAND_DATA_DIR": str(self.folder),
            "TILLHAND_UNDO_S": "0",
            "TILLHAND_MOCK_PORT": str(self._mock),
            "MCP_FORCE_MOCKS": "true",
        }

    async def start(self) -> float:
        """Start all services; the seconds until all were ready. Raises CommandError."""
        begun = time.monotonic()
        for member in self._members:
            others = {f"TILLHAND_{name.upper()}_URL": url for name, url in self.urls.items() if name != member.name}
            self._running[member.name] = await start(
                member, host=HOST, logs=self.folder / "logs", environment={**self.environment, **others}
            )
        for service in self._running.values():
            await until_ready(service, READY_WITHIN_S)
        return time.monotonic() - begun

    async def stop(self) -> None:
        """Stop all of them."""
        await asyncio.gather(*(service.stop() for service in self._running.values()))
        self._running.clear()

    async def aclose(self) -> None:
        """Stop everything."""
        await self._opened.aclose()
        await self.stop()

    def keys(self) -> dict[str, str]:
        """The tokens that the first start has made."""
        return {kind: keys.read_token(self.folder, kind) or "" for kind in KINDS}

    def log(self, service: str) -> str:
        """What a service has logged since it was last started."""
        return (self.folder / "logs" / f"{service}.log").read_text(encoding="utf-8", errors="replace")

    async def stage(self) -> Stage:
        """The same platform for the demonstration's story."""
        tokens, enter = self.keys(), self._opened.enter_async_context
        return Stage(
            folder=self.folder,
            rag=await enter(open_api(self.urls["rag"], tokens["operator"])),
            approvals=await enter(open_api(self.urls["approvals"], tokens["operator"])),
            as_agent=await enter(open_api(self.urls["approvals"], tokens["agent"])),
            mock=await enter(open_api(f"http://{HOST}:{self._mock}", None)),
            mcp_url=f"{self.urls['mcp']}/mcp",
            agent_key=tokens["agent"],
        )
