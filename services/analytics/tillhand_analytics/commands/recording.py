"""Records what the connectors answer, to be read in their place."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tillhand_analytics.adapters.sources import recorded
from tillhand_analytics.app.sources import connected
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.clock import SystemClock
from tillhand_common.lifecycle import StartupError
from tillhand_common.settings import load


def record(folder: Path, settings: AnalyticsSettings | None = None) -> dict[str, Any]:
    """Read all sources once, mocks of the connectors too, and write what they answered into `folder`.

    No file holds names or addresses of people: none is asked for, and what visitors typed into addresses and searches
    is scrubbed. Raises `StartupError` without connectors, `SourceUnavailable` where the shop cannot be read.
    """
    settings = settings or load(AnalyticsSettings)
    if not settings.mcp_url:
        raise StartupError("TILLHAND_MCP_URL is needed: what is recorded comes through the connectors.")
    return asyncio.run(_recorded(folder, settings))


async def _recorded(folder: Path, settings: AnalyticsSettings) -> dict[str, Any]:
    sources = connected(settings, SystemClock(), None, mock=None)
    try:
        taken = await sources.take()
    finally:
        await sources.aclose()
    sizes = await asyncio.to_thread(recorded.write, folder, taken)
    return {
        "folder": str(folder),
        "first_day": taken.window.first_day.isoformat(),
        "last_day": taken.window.last_day.isoformat(),
        "sources": {source: read.mode for source, read in taken.reads.items()},
        "problems": {source: problem.detail for source, problem in taken.problems.items()},
        "files": dict(sorted(sizes.items())),
    }
