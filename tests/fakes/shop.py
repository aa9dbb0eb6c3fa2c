"""Clients of a scripted upstream called shop, and what its tests ask of them."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from tillhand_common import context
from tillhand_common.errors import UpstreamError
from tillhand_common.http import Resilience, RetryPolicy, Timeouts, UpstreamClient
from tillhand_common.testing import FakeUpstream

QUICK = RetryPolicy(attempts=3, base_s=0.001, cap_s=0.002)
ONCE = RetryPolicy(attempts=1)


def once(upstream: FakeUpstream, **timeouts: float) -> UpstreamClient:
    """Return a client that makes one attempt."""
    resilience = Resilience("shop", retry=ONCE)
    return UpstreamClient("shop", upstream.base_url, resilience=resilience, timeouts=Timeouts(**timeouts))


@asynccontextmanager
async def serving_a_request(left_s: float | None = None) -> AsyncIterator[context.RequestInfo]:
    """Run the block as part of a request that has `left_s` seconds left."""
    info = context.from_headers("harbour-1", "00-" + "a" * 32 + "-" + "b" * 16 + "-01", "vendor=1")
    info.deadline = None if left_s is None else time.monotonic() + left_s
    context.enter(info)
    yield info


async def fails(call: Callable[[], Awaitable[object]], kind: type[UpstreamError]) -> UpstreamError:
    """Return the error of exactly this kind that a call raises."""
    with pytest.raises(UpstreamError) as caught:
        await call()
    assert type(caught.value) is kind
    return caught.value
