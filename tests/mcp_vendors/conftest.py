"""What the tests of the vendors' connectors share."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.mcp_vendors.stage import How, QuickClock, Stage, built, staged
from tillhand_common.http import UpstreamClient
from tillhand_mcp.adapters.shopify.connector import ShopifyConnector
from tillhand_mcp.ports.connector import Connector
from tillhand_mcp.schemas import location
from tillhand_mcp.schemas.shopify import admin_schema
from tillhand_mockshop.generator import build
from tillhand_mockshop.model import Shop

HERE = "tests/mcp_vendors/"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, in this folder, what wants schemas that have not been fetched: the mock of Shopify executes its own."""
    if (location.folder() / "NOTICE").is_file():
        return
    missing = pytest.mark.skip(reason="the vendors' schemas are not here: python tools/schemas.py")
    for item in items:
        if HERE in item.path.as_posix():
            item.add_marker(missing)


@pytest.fixture(scope="session")
def goods() -> Iterator[Shop]:
    """A small shop, made once; it and the schema are kept out of the collector, which runs after every test."""
    made = build(skus=60, days=60)
    admin_schema()
    gc.collect()
    gc.freeze()
    yield made
    gc.unfreeze()


@pytest.fixture
def clock() -> QuickClock:
    """Time that passes when it is waited for."""
    return QuickClock()


@pytest.fixture
async def stage(goods: Shop, clock: QuickClock) -> AsyncIterator[Stage]:
    """The mock of all vendors."""
    async with staged(goods, clock) as served:
        yield served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for what connectors keep."""
    return tmp_path


class Connect:
    """Opens connectors of ours, and closes them when the test has ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: list[Connector] = []

    def __call__(self, name: str, base_url: str, how: How | None = None) -> tuple[Connector, UpstreamClient]:
        """A connector over any upstream, and its client."""
        made, http = built(name, base_url, self._folder, how or How())
        self._opened.append(made)
        return made, http

    def shopify(self, base_url: str, how: How | None = None) -> ShopifyConnector:
        """That of a shop."""
        made, _ = self("shopify", base_url, how)
        assert isinstance(made, ShopifyConnector)
        return made

    async def aclose(self) -> None:
        """Close them."""
        for each in self._opened:
            await each.aclose()


@pytest.fixture
async def connect(folder: Path) -> AsyncIterator[Connect]:
    """What opens connectors."""
    opened = Connect(folder)
    yield opened
    await opened.aclose()


@pytest.fixture
def shop(stage: Stage, clock: QuickClock, connect: Connect) -> ShopifyConnector:
    """The connector of the mock's shop."""
    return connect.shopify(stage.url, How(clock))
