"""An agent with a real client of the protocol, for the demonstration: lists tools, calls them, waits for people."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp_types import TextContent

PENDING: Final = "pending_approval"


@dataclass(frozen=True, slots=True)
class Told:
    """What a tool answered."""

    failed: bool
    text: str
    structured: Mapping[str, Any]


class Agent:
    """One client of the connectors."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def tools(self) -> list[str]:
        """The names of all tools, through all pages."""
        names: list[str] = []
        cursor: str | None = None
        while True:
            page = await self._client.list_tools(cursor=cursor)
            names += [tool.name for tool in page.tools]
            cursor = page.next_cursor
            if cursor is None:
                return names

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Told:
        """Call a tool."""
        found = await self._client.call_tool(name, dict(arguments))
        text = "\n".join(block.text for block in found.content if isinstance(block, TextContent))
        return Told(bool(found.is_error), text, found.structured_content or {})

    async def outcome(self, task_id: str, within_s: float) -> Told:
        """What has become of a proposed change, once that is known. Raises `TimeoutError`."""
        async with asyncio.timeout(within_s):
            while True:
                told = await self.call("approval_status", {"task_id": task_id})
                if told.structured.get("status") not in {PENDING, "working"}:
                    return told
                await asyncio.sleep(0.2)


@asynccontextmanager
async def agent(url: str, key: str) -> AsyncIterator[Agent]:
    """An agent at `url`, by its own key."""
    logging.getLogger("mcp").setLevel(logging.CRITICAL)
    headers = {"authorization": f"Bearer {key}"}
    async with (
        create_mcp_http_client(headers=headers) as http,
        Client(streamable_http_client(url, http_client=http), read_timeout_seconds=60) as client,
    ):
        yield Agent(client)
