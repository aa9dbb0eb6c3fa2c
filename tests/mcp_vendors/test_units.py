"""Points, tokens and the tokens of an hour: what is allowed is known from answers, and waited for, not tried."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import SecretStr

from tests.mcp_vendors.conftest import Connect
from tests.mcp_vendors.stage import How, QuickClock, asked, deadline
from tillhand_common.errors import UpstreamProtocolError, UpstreamThrottled, UpstreamTimeout
from tillhand_common.http import UpstreamResponse
from tillhand_common.testing import FakeClock, FakeUpstream, Reply, settle
from tillhand_mcp.adapters.google.quota import PropertyQuota
from tillhand_mcp.adapters.upstreams.bucket import SLACK_S, CostBucket
from tillhand_mcp.adapters.upstreams.tokens import EARLY_S, FixedToken, RenewedTokens, Token, granted


def told(bucket: CostBucket, left: float, *, asked: float = 100.0) -> None:
    bucket.learned("read", asked=asked, size=1000.0, rate=50.0, left=left)


async def test_what_was_never_seen_goes_out_at_once() -> None:
    bucket = CostBucket("fake", FakeClock())
    assert bucket.quota() is None
    async with bucket.spend("read"):
        pass
    assert bucket.waits == 0


async def test_a_call_waits_until_it_is_affordable() -> None:
    clock = FakeClock()
    bucket = CostBucket("fake", clock)
    told(bucket, 40)
    assert bucket.wait_s(100) == pytest.approx(60 / 50 + SLACK_S)
    entered = asyncio.Event()

    async def call() -> None:
        async with bucket.spend("read"):
            entered.set()

    task = asyncio.ensure_future(call())
    await clock.advance(1.2)
    assert not entered.is_set()
    await clock.advance(0.01)
    assert entered.is_set()
    await task
    assert bucket.waits == 1
    assert bucket.waited_s == pytest.approx(1.2 + SLACK_S)


async def test_what_calls_under_way_may_use_is_kept_back_and_given_back() -> None:
    bucket = CostBucket("fake", FakeClock())
    told(bucket, 250)
    async with bucket.spend("read"), bucket.spend("read"):
        assert bucket.wait_s(50) == 0
        assert bucket.wait_s(100) > 0
    assert bucket.wait_s(250) == 0


async def test_calls_are_let_through_in_the_order_in_which_they_came() -> None:
    clock = FakeClock()
    bucket = CostBucket("fake", clock)
    told(bucket, 0)
    order: list[int] = []

    async def call(number: int) -> None:
        async with bucket.spend("read"):
            order.append(number)
            told(bucket, 0)

    tasks = [asyncio.ensure_future(call(number)) for number in range(4)]
    for _ in range(4):
        await clock.advance(2 + 2 * SLACK_S)
    await asyncio.gather(*tasks)
    assert order == [0, 1, 2, 3]


async def test_one_who_stops_waiting_holds_nothing_and_nobody_up() -> None:
    clock = FakeClock()
    bucket = CostBucket("fake", clock)
    told(bucket, 0)

    async def call() -> None:
        async with bucket.spend("read"):
            pass

    first, second = asyncio.ensure_future(call()), asyncio.ensure_future(call())
    await settle()
    first.cancel()
    await settle()
    await clock.advance(2 + 2 * SLACK_S)
    await second
    assert bucket.wait_s(100) == 0


async def test_a_turn_that_would_come_too_late_is_refused_with_when_to_ask_again() -> None:
    bucket = CostBucket("fake", FakeClock(), longest_wait_s=1.0)
    told(bucket, 0)
    with pytest.raises(UpstreamThrottled) as throttled:
        async with bucket.spend("read"):
            raise AssertionError
    assert throttled.value.retry_after_s == pytest.approx(2 + SLACK_S)
    patient = CostBucket("fake", FakeClock())
    told(patient, 0)
    with deadline(1.0), pytest.raises(UpstreamThrottled):
        async with patient.spend("read"):
            raise AssertionError


async def test_waiting_behind_others_ends_with_the_deadline_too() -> None:
    bucket = CostBucket("fake", FakeClock())
    told(bucket, 0)

    async def call() -> None:
        async with bucket.spend("read"):
            pass

    first = asyncio.ensure_future(call())
    await settle()
    with deadline(0.05), pytest.raises(UpstreamThrottled):
        async with asyncio.timeout(1):
            await call()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_a_price_only_rises_and_the_bucket_never_holds_more_than_its_size() -> None:
    clock = FakeClock()
    bucket = CostBucket("fake", clock)
    told(bucket, 900, asked=800)
    told(bucket, 900, asked=10)
    async with bucket.spend("read"):
        assert bucket.wait_s(200) > 0
    await clock.advance(3600)
    quota = bucket.quota()
    assert quota is not None
    assert (quota.left, quota.limit, quota.restores_at) == (1000.0, 1000.0, clock.now())
    assert bucket.wait_s(5000) == 0  # no call is worth more than the bucket can hold


async def test_a_bucket_that_does_not_fill_is_not_waited_for() -> None:
    bucket = CostBucket("fake", FakeClock())
    bucket.learned("read", asked=10, size=100, rate=0, left=0)
    assert bucket.wait_s(10) == 0


async def test_a_throttled_call_waits_as_long_as_its_own_price_takes(connect: Connect) -> None:
    """What it kept back for itself does not count against it."""
    clock = QuickClock()

    def cost(left: int) -> dict[str, Any]:
        status = {"maximumAvailable": 1000.0, "currentlyAvailable": left, "restoreRate": 50.0}
        return {"cost": {"requestedQueryCost": 100, "throttleStatus": status}}

    good = {"data": {"locations": {"nodes": []}}, "extensions": cost(1000)}
    throttled = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": cost(40)}
    async with FakeUpstream.start(Reply.json(good)) as upstream:
        made = connect.shopify(upstream.base_url, How(clock))
        await asked(made)
        upstream.script(Reply.json(throttled))
        began = clock.monotonic()
        await asked(made)
        assert clock.monotonic() - began == pytest.approx(60 / 50 + SLACK_S)
        assert len(upstream.requests) == 3


class Grant:
    """Gives tokens, each another, when it is let."""

    def __init__(self, lifetime_s: float = 3600.0) -> None:
        self.given = 0
        self.lifetime_s = lifetime_s
        self.gate = asyncio.Event()
        self.fails: Exception | None = None

    async def __call__(self) -> Token:
        self.given += 1
        number = self.given
        await self.gate.wait()
        if self.fails is not None:
            raise self.fails
        return Token(SecretStr(f"token-{number}"), self.lifetime_s)


def letting(lifetime_s: float = 3600.0) -> Grant:
    grant = Grant(lifetime_s)
    grant.gate.set()
    return grant


async def test_many_who_want_a_token_cause_one_grant() -> None:
    grant = Grant()
    tokens = RenewedTokens(grant, FakeClock())
    wanted = [asyncio.ensure_future(tokens.current()) for _ in range(20)]
    await settle()
    grant.gate.set()
    assert (set(await asyncio.gather(*wanted)), grant.given) == ({"token-1"}, 1)


async def test_a_token_is_renewed_in_good_time() -> None:
    clock = FakeClock()
    grant = letting(600)
    tokens = RenewedTokens(grant, clock)
    assert await tokens.current() == "token-1"
    await clock.advance(600 - EARLY_S - 0.1)
    assert await tokens.current() == "token-1"
    await clock.advance(0.1)
    assert await tokens.current() == "token-2"


async def test_a_token_that_was_refused_is_forgotten_once() -> None:
    tokens = RenewedTokens(grant := letting(), FakeClock())
    first = await tokens.current()
    for _ in range(20):  # everybody who was refused says so
        tokens.forget(first)
        assert await tokens.current() == "token-2"
    tokens.forget("another")
    assert (await tokens.current(), grant.given) == ("token-2", 2)


async def test_a_grant_that_fails_or_is_broken_off_is_tried_again() -> None:
    grant = letting()
    grant.fails = UpstreamTimeout("fake")
    tokens = RenewedTokens(grant, FakeClock())
    with pytest.raises(UpstreamTimeout):
        await tokens.current()
    grant.fails = None
    grant.gate.clear()
    left = asyncio.ensure_future(tokens.current())
    await settle()
    left.cancel()
    await asyncio.gather(left, return_exceptions=True)
    grant.gate.set()
    assert await tokens.current() == "token-3"


async def test_a_token_that_lives_shorter_than_a_call_is_used_once() -> None:
    tokens = RenewedTokens(grant := letting(10), FakeClock())
    assert [await tokens.current(), await tokens.current()] == ["token-1", "token-2"]
    assert grant.given == 2


async def test_a_fixed_token_stays() -> None:
    tokens = FixedToken(SecretStr("fixed"))
    tokens.forget("fixed")
    assert await tokens.current() == "fixed"


@pytest.mark.parametrize("body", [b"{}", b"[]", b"x", b'{"access_token": ""}', b'{"access_token": 5}', b"null"])
def test_an_answer_without_a_token_is_the_upstreams_fault(body: bytes) -> None:
    with pytest.raises(UpstreamProtocolError):
        granted(UpstreamResponse("fake", 200, {}, body), 60.0)


@pytest.mark.parametrize(
    ("body", "lives"), [(b'{"access_token": "t"}', 60), (b'{"access_token":"t","expires_in":9}', 9)]
)
def test_a_token_lives_as_long_as_is_said(body: bytes, lives: float) -> None:
    assert granted(UpstreamResponse("fake", 200, {}, body), 60.0).lifetime_s == lives


async def test_an_hours_tokens_are_known_from_answers_and_come_back_with_the_hour() -> None:
    clock = QuickClock()
    quota = PropertyQuota("fake", clock)
    assert quota.quota() is None
    quota.admit()
    quota.learned({"tokensPerHour": {"consumed": 10, "remaining": 90}})
    found = quota.quota()
    assert found is not None
    assert (found.left, found.limit, found.restores_at) == (90.0, 100.0, clock.now().replace(hour=13))
    await clock.advance(60)
    quota.learned({"tokensPerHour": {"consumed": 90}})
    with pytest.raises(UpstreamThrottled) as throttled:
        quota.admit()
    assert throttled.value.retry_after_s == 3540.0
    await clock.advance(3540)
    quota.admit()
    found = quota.quota()
    assert found is not None
    assert found.left == found.limit == 100.0


@pytest.mark.parametrize("said", [None, {}, {"tokensPerDay": {"remaining": 0}}])
def test_an_answer_that_tells_no_quota_changes_nothing(said: dict[str, Any] | None) -> None:
    quota = PropertyQuota("fake", FakeClock())
    quota.learned(said)
    quota.admit()
    assert quota.quota() is None
