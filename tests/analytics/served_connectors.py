"""A real services/mcp over the mock upstream, and the sources that read through it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from tillhand_analytics.adapters.sources.connectors import Connectors
from tillhand_analytics.adapters.sources.live import LiveSources
from tillhand_analytics.adapters.sources.mock import MockSources
from tillhand_analytics.store.database import Database
from tillhand_analytics.store.keeping import SqliteKeeper
from tillhand_common import keys
from tillhand_common.clock import SystemClock
from tillhand_common.http import Timeouts, UpstreamClient
from tillhand_common.testing import running
from tillhand_mcp.app import create_app
from tillhand_mcp.mock.app import create_mock
from tillhand_mcp.mock.serving import serving
from tillhand_mcp.mock.shopify import Limits, routes
from tillhand_mcp.mock.state import Mock
from tillhand_mcp.mock.world import World
from tillhand_mcp.settings import McpSettings
from tillhand_mockshop.generator import LAST_DAY
from tillhand_mockshop.model import Shop

WAIT: Final = timedelta(days=3)
"""After so long everybody has counted the last day."""
NOW: Final = datetime.combine(LAST_DAY + WAIT, time(12), UTC)
AT_ONCE: Final = Limits(maximum_available=1e6, restore_rate=1e6, bulk_created_s=0, bulk_running_s=0)


class ThatDay(SystemClock):
    """Time that passes as it does, on the day after the shop has ended."""

    def __init__(self) -> None:
        self._began = self.monotonic()

    def now(self) -> datetime:
        """The moment."""
        return NOW + timedelta(seconds=self.monotonic() - self._began)


@dataclass(frozen=True, slots=True)
class Served:
    """The address of services/mcp, a key that it takes, and what is behind it."""

    url: str
    key: SecretStr
    mock: Mock
    folder: Path

    def sources(self, *, days: int, mock: MockSources | None = None, key: SecretStr | None = None) -> LiveSources:
        """What reads through it; what it keeps lies in the test's folder."""
        client = UpstreamClient("mcp", self.url, bearer=key or self.key, timeouts=Timeouts(read_s=60, total_s=60))
        keeper = SqliteKeeper(Database(self.folder / "analytics.sqlite3"))
        return LiveSources(Connectors(client), keeper, ThatDay(), days=days, has_token=True, mock=mock)


@asynccontextmanager
async def served(shop: Shop, folder: Path, **more: object) -> AsyncIterator[Served]:
    """Serve both for as long as the context lasts."""
    app = create_mock(World(shop, ThatDay()), shopify=lambda world: routes(world, AT_ONCE))
    mock: Mock = app.state.mock
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(serving(app))
        settings = McpSettings(
            data_dir=folder / "mcp",
            mock_url=upstream,
            catalogue_sync="off",
            rate_limit="off",
            **more,  # type: ignore[arg-type]  # settings by name
        )
        url = await stack.enter_async_context(running(create_app(settings)))
        key = keys.read_token(folder / "mcp", "service") or ""
        yield Served(url, SecretStr(key), mock, folder)
