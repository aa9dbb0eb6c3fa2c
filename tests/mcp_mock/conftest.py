"""What the tests of the mock share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from tests.mcp_mock.tiny_shop import NOW, tiny_world
from tillhand_common.testing import FakeClock
from tillhand_mcp.mock.app import create_mock
from tillhand_mcp.mock.world import ACCESS_TOKEN, World
from tillhand_mcp.schemas import location

wants_schemas = pytest.mark.skipif(
    not (location.folder() / "NOTICE").is_file(), reason="the vendors' schemas are not here: python tools/schemas.py"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, in this folder, what wants schemas that have not been fetched."""
    for item in items:
        if "tests/mcp_mock/" in item.path.as_posix():
            item.add_marker(wants_schemas)


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands at noon after the shop's last day."""
    return FakeClock(NOW)


@pytest.fixture
def world(clock: FakeClock) -> World:
    """Return a world over the small shop."""
    return tiny_world(clock)


@pytest.fixture
def app(world: World) -> Starlette:
    """Return the mock without the shop's own interface."""
    return create_mock(world)


@pytest.fixture
async def http(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client without a socket, signed in at Google."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://mock.test",
        headers={"authorization": f"Bearer {ACCESS_TOKEN}"},
    ) as client:
        yield client
