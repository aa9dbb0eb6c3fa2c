"""Sources over a server that answers as services/mcp does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.analytics.sources.reading import NOW, reading
from tests.fakes.connectors import FakeConnectors
from tillhand_analytics.adapters.sources.live import LiveSources
from tillhand_common.testing import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def server() -> AsyncIterator[FakeConnectors]:
    async with FakeConnectors().start() as found:
        yield found


@pytest.fixture
async def sources(server: FakeConnectors, tmp_path: Path, clock: FakeClock) -> AsyncIterator[LiveSources]:
    async with reading(server, tmp_path, clock) as found:
        yield found
