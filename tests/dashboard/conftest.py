"""The console, with nothing beside it, and who comes to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.fakes.visitor import Visitor
from tillhand_common.testing import FakeClock, client
from tillhand_dashboard.app import create_app
from tillhand_dashboard.settings import DashboardSettings


@pytest.fixture
def settings(tmp_path: Path) -> DashboardSettings:
    """Everything as it is by default."""
    return DashboardSettings(data_dir=tmp_path)


@pytest.fixture
def clock() -> FakeClock:
    """Time that a test sets forward."""
    return FakeClock()


@pytest.fixture
async def http(settings: DashboardSettings, clock: FakeClock) -> AsyncIterator[httpx.AsyncClient]:
    """The running console."""
    async with client(create_app(settings, clock=clock)) as opened:
        yield opened


@pytest.fixture
def visitor(http: httpx.AsyncClient) -> Visitor:
    """Somebody who is not signed in."""
    return Visitor(http)


@pytest.fixture
def link(http: httpx.AsyncClient, settings: DashboardSettings) -> str:
    """The link of the first start."""
    return settings.link_file.read_text().strip()


@pytest.fixture
async def operator(visitor: Visitor, link: str) -> Visitor:
    """Somebody who has signed in with it."""
    await visitor.enter(link)
    return visitor
