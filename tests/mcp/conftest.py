"""A served face, and the SDK's client of it in both eras."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from tests.mcp.fixtures.service import Service, serving
from tests.mcp.fixtures.toolbox import FakeToolbox

ERAS = ("2026-07-28", "legacy")


@pytest.fixture
def toolbox() -> FakeToolbox:
    """Return the tools that are served."""
    return FakeToolbox()


@pytest.fixture
async def service(toolbox: FakeToolbox, tmp_path: Path) -> AsyncIterator[Service]:
    """Serve them."""
    async with serving(toolbox, tmp_path) as served:
        yield served


@pytest.fixture
def key(service: Service) -> str:
    """Return an agent's key."""
    return service.key("agent-one")


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    """Return how the client speaks."""
    return str(request.param)


class Connect(Protocol):
    """Opens clients."""

    def __call__(self, era: str, token: str = ..., **more: Any) -> AbstractAsyncContextManager[Client]:  # noqa: ANN401  # the client's own options
        ...


@pytest.fixture
def connect(service: Service, key: str) -> Connect:
    """Return what opens the SDK's client with a key."""

    @asynccontextmanager
    async def opened(era: str, token: str = key, **more: Any) -> AsyncIterator[Client]:  # noqa: ANN401  # the client's own
        async with httpx2.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=10) as http:
            transport = streamable_http_client(service.url, http_client=http)
            async with Client(transport, mode=era, read_timeout_seconds=10, **more) as client:
                yield client

    return opened
