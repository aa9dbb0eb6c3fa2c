"""The console beside the real connectors and analytics, all of them with made-up data."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.approvals.shop import shop
from tests.dashboard.figures import SKUS
from tests.dashboard.platform import Beside, console
from tests.fakes.shops import HeldSources
from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.app import create_app as analytics
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.testing import running
from tillhand_mcp.app import create_app
from tillhand_mcp.settings import McpSettings
from tillhand_mockshop.generator import build


@asynccontextmanager
async def beside_connectors(folder: Path) -> AsyncIterator[Beside]:
    """The console with an operator signed in."""
    sources = HeldSources(columns(build(skus=SKUS, days=200)))
    async with (
        shop(folder) as approvals,
        running(analytics(AnalyticsSettings(data_dir=folder, rate_limit="off"), sources=sources)) as figures,
        running(
            create_app(McpSettings(data_dir=folder, analytics_url=figures, force_mocks=True, rate_limit="off"))
        ) as url,
        console(
            folder,
            approvals,
            {"approvals_url": str(approvals.http.base_url), "mcp_url": url, "analytics_url": figures},
        ) as beside,
    ):
        yield beside
