"""The mock shop as columns, made once, and the service over it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.fakes.shops import HeldSources
from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.app import create_app
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.testing import client
from tillhand_mockshop import generator


@pytest.fixture(scope="session")
def shop() -> Shop:
    """The default mock shop."""
    return columns(generator.shop())


@pytest.fixture
async def analytics(shop: Shop, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The service over it, asked from this machine without a key."""
    async with client(create_app(AnalyticsSettings(data_dir=tmp_path), sources=HeldSources(shop))) as http:
        yield http
