"""The platform for a demonstration: its own folder, its own ports, mocks only."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tillhand_cli.api import Api, open_api
from tillhand_cli.members import APPROVALS, MCP, RAG, Member
from tillhand_cli.output import Output
from tillhand_cli.processes import start, until_ready
from tillhand_common import keys

HOST: Final = "127.0.0.1"
READY_WITHIN_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Stage:
    """Who takes part: the services, as the operator speaks to them, the agent's key, and the mock upstream."""

    folder: Path
    rag: Api
    approvals: Api
    as_agent: Api
    mock: Api
    mcp_url: str
    agent_key: str


@asynccontextmanager
async def opened(folder: Path, out: Output) -> AsyncIterator[Stage]:
    """The platform, ready, and stopped at the end. Raises CommandError."""
    ports = free_ports(4)
    members = [at_port(member, port) for member, port in zip((RAG, APPROVALS, MCP), ports, strict=False)]
    environment = {
        **{name: "" for name in os.environ if name.startswith("TILLHAND_")},  # empty is as good as unset
        "TILLHAND_DATA_DIR": str(folder),
        "TILLHAND_UNDO_S": "0",
        "TILLHAND_MOCK_PORT": str(ports[-1]),
        "MCP_FORCE_MOCKS": "true",
    }
    async with AsyncExitStack() as stack:
        started = []
        for member in members:
            out.note(f"Starting {member.name} ({member.purpose}) …")
            service = await start(member, host=HOST, logs=folder / "logs", environment=environment)
            stack.push_async_callback(service.stop)
            environment[f"TILLHAND_{member.name.upper()}_URL"] = service.url
            started.append(service)
        for service in started:
            await until_ready(service, READY_WITHIN_S)
        operator, agent = (keys.read_token(folder, kind) or "" for kind in ("operator", "agent"))
        rag, approvals, mcp = (service.url for service in started)
        yield Stage(
            folder=folder,
            rag=await stack.enter_async_context(open_api(rag, operator)),
            approvals=await stack.enter_async_context(open_api(approvals, operator)),
            as_agent=await stack.enter_async_context(open_api(approvals, agent)),
            mock=await stack.enter_async_context(open_api(f"http://{HOST}:{ports[-1]}", None)),
            mcp_url=f"{mcp}/mcp",
            agent_key=agent,
        )


def at_port(member: Member, port: int) -> Member:
    """The member on another port, whatever the environment says of its usual one."""
    os.environ.pop(f"TILLHAND_{member.name.upper()}_PORT", None)
    return replace(member, default_port=port)


def free_ports(count: int) -> Sequence[int]:
    """Ports on which nobody listens, all different."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
