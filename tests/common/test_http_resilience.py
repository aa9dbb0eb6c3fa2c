"""What the client repeats, when it gives up, and when it stops calling at all."""

import asyncio

import pytest

from tests.common.test_retry import RecordingClock
from tests.fakes.shop import ONCE, QUICK, fails, once, serving_a_request
from tillhand_common.errors import (
    CircuitOpen,
    IndeterminateWrite,
    UpstreamError,
    UpstreamRejected,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from tillhand_common.http import Resilience, RetryBudget, Timeouts, UpstreamClient
from tillhand_common.testing import FakeUpstream, Reply
from tillhand_common.upstream_request import Method, Repetition
from tillhand_common.upstream_response import UpstreamResponse

# --- what is repeated ---


@pytest.mark.parametrize("reply", [Reply(503), Reply(502), Reply(failure="reset"), Reply(429)])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_harmless_call_is_repeated(
    shop: UpstreamClient, upstream: FakeUpstream, method: Method, reply: Reply
) -> None:
    upstream.script(reply, reply, Reply.json({"ok": True}))
    assert (await shop.request(method, "/")).json() == {"ok": True}
    assert len(upstream.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 501, 505])
async def test_an_answer_that_would_be_the_same_again_is_not(
    shop: UpstreamClient, upstream: FakeUpstream, status: int
) -> None:
    upstream.script(Reply(status))
    with pytest.raises(UpstreamError):
        await shop.request("GET", "/")
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(
    "reply",
    [Reply(failure="reset"), Reply(failure="hang"), Reply(502), Reply(504)],
    ids=["reset", "hang", "502", "504"],
)
async def test_a_write_without_a_key_whose_answer_is_lost_is_indeterminate_and_never_repeated(
    upstream: FakeUpstream, method: Method, reply: Reply
) -> None:
    upstream.script(reply)
    resilience = Resilience("shop", retry=QUICK)
    async with UpstreamClient("shop", upstream.base_url, resilience=resilience, timeouts=Timeouts(read_s=0.1)) as shop:
        await fails(lambda: shop.request(method, "/orders", json={}), IndeterminateWrite)
    assert len(upstream.requests) == 1


async def test_a_write_cut_by_its_total_time_is_indeterminate(upstream: FakeUpstream) -> None:
    upstream.script(Reply(failure="hang"))
    async with once(upstream) as shop:
        await fails(lambda: shop.request("POST", "/orders", timeout_s=0.5), IndeterminateWrite)


async def test_a_write_with_a_key_is_repeated_with_the_same_key(shop: UpstreamClient, upstream: FakeUpstream) -> None:
    upstream.script(Reply(failure="reset"), Reply(504))
    await shop.request("POST", "/orders", json={"sku": "A1"}, idempotency_key="k1")
    assert [request.headers["idempotency-key"] for request in upstream.requests] == ["k1"] * 3
    assert len({request.body for request in upstream.requests}) == 1


async def test_a_write_without_a_key_is_repeated_only_when_it_was_turned_away(
    shop: UpstreamClient, upstream: FakeUpstream
) -> None:
    upstream.script(Reply(429), Reply.json({}, 201))
    assert (await shop.request("POST", "/orders")).status == 201
    upstream.script(Reply(503))
    await fails(lambda: shop.request("POST", "/orders"), UpstreamUnavailable)
    assert len(upstream.requests) == 3


async def test_an_outage_costs_one_tenth_more_calls_and_the_reserve(upstream: FakeUpstream) -> None:
    upstream.default = Reply(503)
    resilience = Resilience(
        "shop", failure_threshold=10_000, retry=QUICK, budget=RetryBudget(calls_per_retry=10, reserve=5)
    )
    async with UpstreamClient("shop", upstream.base_url, resilience=resilience) as shop:
        for _ in range(200):
            await fails(lambda: shop.request("GET", "/"), UpstreamUnavailable)
    assert len(upstream.requests) == 200 + 5 + 19
    assert len(upstream.requests) <= 200 * 1.1 + 5


async def test_a_thousand_calls_to_a_dead_upstream_make_at_most_eleven_hundred_attempts(upstream: FakeUpstream) -> None:
    upstream.default = Reply(503)
    async with UpstreamClient("shop", upstream.base_url) as shop:
        for _ in range(1000):
            with pytest.raises(UpstreamError):
                await shop.request("GET", "/")
    assert 0 < len(upstream.requests) <= 1100


@pytest.mark.parametrize("pause_s", [0.0, 1.0, 31.0, 3600.0])
async def test_no_pace_of_calls_to_a_dead_upstream_makes_more_attempts(pause_s: float) -> None:
    """The breaker rests for 30 s: calls that come more slowly are each let through as a probe."""
    clock, attempts = RecordingClock(), 0

    async def dead(_left_s: float) -> None:
        nonlocal attempts
        attempts += 1
        raise UpstreamUnavailable("shop")

    resilience = Resilience("shop", clock=clock)
    for _ in range(1000):
        with pytest.raises(UpstreamError):
            await resilience.call(dead, limit_s=30, repeatable=Repetition(harmless=True).may_cure)
        await clock.sleep(pause_s)
    assert 0 < attempts <= 1100


async def test_a_thousand_calls_at_once_that_all_fail_make_no_more_attempts_either() -> None:
    attempts, all_sent = 0, asyncio.Event()

    async def dead(_left_s: float) -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 1000:
            all_sent.set()
        await all_sent.wait()
        raise UpstreamUnavailable("shop")

    resilience = Resilience("shop", clock=RecordingClock())
    harmless = Repetition(harmless=True).may_cure
    async with asyncio.timeout(30):
        calls = (resilience.call(dead, limit_s=30, repeatable=harmless) for _ in range(1000))
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(outcome, UpstreamError) for outcome in outcomes)
    assert 1000 <= attempts <= 1100


# --- deadline and timeouts ---


async def test_no_call_outlasts_the_deadline_of_the_request_it_serves(upstream: FakeUpstream) -> None:
    upstream.default = Reply(failure="hang")
    async with serving_a_request(1.0), UpstreamClient("shop", upstream.base_url) as shop, asyncio.timeout(5):
        await fails(lambda: shop.request("GET", "/"), UpstreamTimeout)
        assert len(upstream.requests) == 1
        await fails(lambda: shop.request("GET", "/"), UpstreamTimeout)
        assert len(upstream.requests) == 1


async def test_an_upstream_that_drips_is_cut_by_the_total_time() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        try:
            while not writer.is_closing():
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with (
        server,
        UpstreamClient("shop", f"http://127.0.0.1:{port}", resilience=Resilience("shop", retry=ONCE)) as shop,
        asyncio.timeout(5),
    ):
        await fails(lambda: shop.request("GET", "/", timeout_s=0.2), UpstreamTimeout)


async def test_cancellation_passes_through_and_leaves_the_breaker_alone(upstream: FakeUpstream) -> None:
    upstream.default = Reply(failure="hang")
    resilience = Resilience("shop", failure_threshold=1)
    async with UpstreamClient("shop", upstream.base_url, resilience=resilience) as shop:
        task = asyncio.create_task(shop.request("GET", "/"))
        await upstream.received(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert shop.breaker.state == "closed"


# --- breaker ---


@pytest.mark.parametrize("reply", [Reply(503), Reply(failure="reset")], ids=["503", "reset"])
async def test_the_breaker_opens_and_calls_stop_going_out(upstream: FakeUpstream, reply: Reply) -> None:
    upstream.default = reply
    resilience = Resilience("shop", failure_threshold=3, retry=ONCE)
    async with UpstreamClient("shop", upstream.base_url, resilience=resilience) as shop:
        for _ in range(3):
            await fails(lambda: shop.request("GET", "/"), UpstreamUnavailable)
        error = await fails(lambda: shop.request("GET", "/"), CircuitOpen)
    assert len(upstream.requests) == 3
    assert 0 < float(error.headers["retry-after"]) <= 30


async def test_rejections_and_throttling_never_open_the_breaker(upstream: FakeUpstream) -> None:
    def throttled(answer: UpstreamResponse) -> None:
        if b"THROTTLED" in answer.body:
            raise UpstreamThrottled(answer.upstream, upstream_status=answer.status)

    resilience = Resilience("shop", failure_threshold=1, retry=ONCE)
    async with UpstreamClient("shop", upstream.base_url, resilience=resilience) as shop:
        for reply in (Reply(400), Reply(404), Reply(429), Reply(body=b'{"errors": "THROTTLED"}')):
            upstream.script(reply)
            with pytest.raises(UpstreamRejected):
                await shop.request("POST", "/graphql", check=throttled)
        assert shop.breaker.state == "closed"


async def test_throttling_that_came_with_status_200_is_waited_out(shop: UpstreamClient, upstream: FakeUpstream) -> None:
    def throttled(answer: UpstreamResponse) -> None:
        if b"THROTTLED" in answer.body:
            raise UpstreamThrottled(answer.upstream, upstream_status=answer.status, retry_after_s=0.001)

    upstream.script(Reply(body=b"THROTTLED"), Reply(body=b"fine"))
    assert (await shop.request("POST", "/graphql", check=throttled)).body == b"fine"
