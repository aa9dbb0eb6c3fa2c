"""Whether a connector's credentials are all there, and whether the vendor takes them."""

from __future__ import annotations

from contextlib import AsyncExitStack

from tillhand_common.clock import SystemClock
from tillhand_common.settings import load
from tillhand_mcp.app.vendors import vendors
from tillhand_mcp.commands.guides import GUIDES
from tillhand_mcp.domain.origins import ConnectorState
from tillhand_mcp.settings import McpSettings


async def checked(name: str) -> ConnectorState:
    """How one of `GUIDES` stands, by the cheapest call that proves its credentials; no mock is asked.

    Raises `SettingsError`, and `StartupError` for credentials that cannot be read.
    """
    settings = load(McpSettings).model_copy(update={"mocks": "never", "force_mocks": False})
    async with AsyncExitStack() as stack:
        found = vendors(settings, SystemClock(), None, str, stack)
        connectors = {each.id: each for each in (found.shopify, found.ga4, found.search_console, found.bing)}
        for each in connectors.values():
            stack.push_async_callback(each.aclose)
        return await connectors[GUIDES[name].connector].check()
