"""What the connectors do without being a running service; the command line enters here."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from tillhand_mcp.commands.guides import GUIDES, missing
from tillhand_mcp.commands.inspecting import inspect, settings

if TYPE_CHECKING:
    from tillhand_mcp.commands.agents import Agent
    from tillhand_mcp.domain.origins import ConnectorState

__all__ = ["GUIDES", "agent", "bridge", "checked", "inspect", "missing", "settings"]


async def bridge(url: str, key: str | None) -> None:
    """Speak the protocol over standard input and output, and go on over HTTP to `url`, until the input ends."""
    from tillhand_mcp.commands import bridging  # noqa: PLC0415  # loads the protocol's library, which others do without

    await bridging.bridge(url, key)


def agent(url: str, key: str) -> AbstractAsyncContextManager[Agent]:
    """An agent with a real client of the protocol, for a demonstration."""
    from tillhand_mcp.commands import agents  # noqa: PLC0415  # as above

    return agents.agent(url, key)


async def checked(name: str) -> ConnectorState:
    """How the connector of one of `GUIDES` stands, by a call to the vendor; no mock is asked."""
    from tillhand_mcp.commands import connecting  # noqa: PLC0415  # as above

    return await connecting.checked(name)
