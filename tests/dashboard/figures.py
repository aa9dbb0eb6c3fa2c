"""The console beside real analytics and approvals, over a small made-up shop in which one title is hostile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.approvals.shop import TOOL, shop
from tests.dashboard.platform import Beside, console
from tests.fakes.shops import HeldSources
from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.app import create_app
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.keys import KeyStore, store_path
from tillhand_common.testing import running
from tillhand_mcp.adapters.analytics.purchasing import PurchaseOrder
from tillhand_mockshop.generator import build

ORDERING: Final = {
    "name": "purchase_order_send",
    "version": "1",
    "risk": "high",
    "subject": "/supplier",
    "schema": PurchaseOrder.model_json_schema(),
}
HOSTILE: Final = '<img src=x onerror=alert(1) hx-get="/sign-in/out" hx-trigger="load"> \u202eknab'
SKUS: Final = 60
PROPOSES: Final = frozenset({"analytics:read", "approvals:propose", "act_as"})


@asynccontextmanager
async def beside_figures(folder: Path) -> AsyncIterator[tuple[Beside, HeldSources]]:
    """The console with an operator signed in, and what analytics reads from."""
    made = columns(build(skus=SKUS, days=200))
    titles = (HOSTILE, *made.variants.titles[1:])
    sources = HeldSources(replace(made, variants=replace(made.variants, titles=titles)))
    async with AsyncExitStack() as stack:
        approvals = await stack.enter_async_context(shop(folder))
        assert (await approvals.register(TOOL, ORDERING)).status_code == 200
        approvals_url = str(approvals.http.base_url)
        settings = AnalyticsSettings(data_dir=folder, approvals_url=approvals_url, rate_limit="off")
        analytics_url = await stack.enter_async_context(running(create_app(settings, sources=sources)))
        key = KeyStore(store_path(folder, None)).create("proposing", "service", scopes=PROPOSES).token
        addresses = {
            "approvals_url": approvals_url,
            "analytics_url": analytics_url,
            "dashboard_proposing_key": key,
        }
        yield await stack.enter_async_context(console(folder, approvals, addresses)), sources
