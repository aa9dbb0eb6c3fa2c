"""What the connectors do without being a running service; the command line enters here."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from tillhand_mcp.commands.connecting import GUIDES, checked, missing
from tillhand_mcp.commands.inspecting import inspect, settings

if TYPE_CHECKING:
    from tillhand_mcp.commands.agents import Agent

__all__ = ["GUIDES", "agent", "bridge", "checked", "inspect", "missing", "settings"]


async def bridge(url: str, key: str | None) -> None:
    """Speak the protocol over standard input and output, and go on over HTTP to `url`, until the input ends."""
    from tillhand_mcp.commands import bridging  # noqa: PLC0415  # loads the protocol's library, which others do without

    await bridging.bridge(url, key)


def agent(url: str, key: str) -> AbstractAsyncContextManager[Agent]:
    """An agent with a real client of the protocol, for a demonstration."""
    from tillhand_mcp.commands import agents  # noqa: PLC0415  # as above

    return agents.agent(url, key)
