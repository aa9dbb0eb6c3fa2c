"""What several of the chassis's tests talk to."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes.shop import QUICK
from tillhand_common.http import Resilience, UpstreamClient
from tillhand_common.testing import FakeUpstream


@pytest.fixture
async def upstream() -> AsyncIterator[FakeUpstream]:
    """Return a server that misbehaves on demand."""
    async with FakeUpstream.start() as started:
        yield started


@pytest.fixture
async def shop(upstream: FakeUpstream) -> AsyncIterator[UpstreamClient]:
    """Return a client of that server which retries without waiting."""
    async with UpstreamClient("shop", upstream.base_url, resilience=Resilience("shop", retry=QUICK)) as client:
        yield client
