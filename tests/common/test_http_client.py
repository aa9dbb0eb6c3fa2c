"""The client for other systems, against a real server that misbehaves on demand."""

import asyncio
import gzip
import logging
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from tests.fakes.shop import ONCE, fails, once, serving_a_request
from tillhand_common.errors import (
    CircuitOpen,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from tillhand_common.http import Resilience, RetryPolicy, Timeouts, UpstreamClient, UpstreamMetrics
from tillhand_common.metrics import Metrics
from tillhand_common.server import bind
from tillhand_common.testing import FakeUpstream, Reply
from tillhand_common.upstream_response import retry_after_s

# --- what goes out and what comes back ---


async def test_an_answer_comes_back_whole(shop: UpstreamClient, upstream: FakeUpstream) -> None:
    upstream.script(Reply.json({"sku": "A1"}, 201, {"x-page": "2"}))
    answer = await shop.request("POST", "/products", json={"title": "Rope"}, params={"dry": "no"})
    assert (answer.status, answer.json(), answer.headers["X-Page"]) == (201, {"sku": "A1"}, "2")
    (request,) = upstream.requests
    assert (request.method, request.target, request.body) == ("POST", "/products?dry=no", b'{"title":"Rope"}')


async def test_trace_request_id_and_key_go_out(upstream: FakeUpstream) -> None:
    async with (
        serving_a_request() as info,
        UpstreamClient("shop", upstream.base_url, bearer=SecretStr("made-up"), headers={"x-app": "1"}) as shop,
    ):
        await shop.request("POST", "/", content=b"", idempotency_key="k1", headers={"x-more": "2"})
    (request,) = upstream.requests
    assert request.headers["x-request-id"] == "harbour-1"
    assert request.headers["traceparent"] == str(info.trace)
    assert request.headers["tracestate"] == "vendor=1"
    assert request.headers["authorization"] == "Bearer made-up"
    assert (request.headers["x-app"], request.headers["x-more"]) == ("1", "2")
    assert request.headers["idempotency-key"] == "k1"


async def test_connections_are_kept_and_cookies_are_not(shop: UpstreamClient, upstream: FakeUpstream) -> None:
    upstream.default = Reply(headers={"set-cookie": "session=1; Path=/"})
    for _ in range(5):
        await shop.request("GET", "/")
    assert upstream.connections == 1
    assert all("cookie" not in request.headers for request in upstream.requests)


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example/", "products", ""])
async def test_a_path_cannot_lead_to_another_host(shop: UpstreamClient, path: str) -> None:
    with pytest.raises(ValueError, match="slash"):
        await shop.request("GET", path)


@pytest.mark.parametrize("base_url", ["ftp://shop.example", "shop.example", "https://user:word@shop.example"])
def test_a_base_url_is_http_and_holds_no_credentials(base_url: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        UpstreamClient("shop", base_url)


async def test_a_form_goes_out_the_same_in_every_attempt(shop: UpstreamClient, upstream: FakeUpstream) -> None:
    upstream.script(Reply(503))
    await shop.request(
        "PUT", "/upload", data={"collection": "manuals"}, files={"file": ("rope.md", b"# Rope", "text/markdown")}
    )
    first, second = upstream.requests
    assert b'name="collection"' in first.body
    assert b"# Rope" in first.body
    assert (first.body, first.headers) == (second.body, second.headers)


# --- how calls fail ---


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(400), UpstreamRejected),
        (Reply(404), UpstreamRejected),
        (Reply(302, headers={"location": "/elsewhere"}), UpstreamRejected),
        (Reply(429), UpstreamThrottled),
        (Reply(500), UpstreamUnavailable),
        (Reply(503), UpstreamUnavailable),
        (Reply(failure="reset"), UpstreamUnavailable),
        (Reply(body=b"half of it", failure="truncate"), UpstreamUnavailable),
        (Reply(failure="hang"), UpstreamTimeout),
        (Reply(body=b"no gzip", headers={"content-encoding": "gzip"}), UpstreamProtocolError),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else f"{value.status} {value.failure}",
)
async def test_each_failure_has_its_kind(upstream: FakeUpstream, reply: Reply, kind: type[UpstreamError]) -> None:
    upstream.script(reply)
    async with once(upstream, read_s=0.1) as shop:
        error = await fails(lambda: shop.request("GET", "/orders", params={"token": "made-up-secret"}), kind)
    text = f"{error} {error.document()}"
    assert "shop" in text
    assert "made-up-secret" not in text
    assert "127.0.0.1" not in text


async def test_a_rejection_carries_what_the_upstream_said_inside_the_process_only(
    shop: UpstreamClient, upstream: FakeUpstream
) -> None:
    upstream.script(Reply.json({"error": "no such sku"}, 404))
    error = await fails(lambda: shop.request("GET", "/products/1"), UpstreamRejected)
    assert isinstance(error, UpstreamRejected)
    assert (error.upstream_status, error.body) == (404, b'{"error": "no such sku"}')
    assert "no such sku" not in str(error.document())


async def test_an_accepted_status_is_an_answer(shop: UpstreamClient, upstream: FakeUpstream) -> None:
    upstream.script(Reply(404))
    assert (await shop.request("GET", "/products/1", accept=frozenset({404}))).status == 404


async def test_nobody_listening_is_unavailable_and_was_never_sent() -> None:
    with bind("127.0.0.1", 0) as taken:  # bound and not listening: connections are refused
        port = taken.getsockname()[1]
        async with UpstreamClient(
            "shop", f"http://127.0.0.1:{port}", resilience=Resilience("shop", retry=ONCE)
        ) as shop:
            error = await fails(lambda: shop.request("POST", "/orders"), UpstreamUnavailable)
    assert isinstance(error, UpstreamUnavailable)
    assert not error.sent


async def test_an_answer_that_is_too_large_is_cut(upstream: FakeUpstream) -> None:
    plain = Reply(body=b"x" * 1001)
    compressed = Reply(body=gzip.compress(b"x" * 1001), headers={"content-encoding": "gzip"})
    async with UpstreamClient("shop", upstream.base_url, max_response_bytes=1000) as shop:
        for reply in (plain, compressed):
            upstream.script(reply)
            await fails(lambda: shop.request("GET", "/"), UpstreamProtocolError)
        upstream.script(Reply(body=b"x" * 1000))
        assert len((await shop.request("GET", "/")).body) == 1000


async def test_an_answer_that_is_not_json_is_a_protocol_error(shop: UpstreamClient, upstream: FakeUpstream) -> None:
    upstream.script(Reply(body=b"<html>"))
    answer = await shop.request("GET", "/")
    with pytest.raises(UpstreamProtocolError):
        answer.json()


# --- redirects ---


async def test_a_redirect_to_another_host_takes_no_credentials_along(upstream: FakeUpstream) -> None:
    async with (
        FakeUpstream.start(Reply.json({"here": True})) as other,
        UpstreamClient(
            "shop",
            upstream.base_url,
            bearer=SecretStr("made-up"),
            headers={"x-shop-token": "made-up"},
            redirects="any",
        ) as shop,
    ):
        upstream.script(Reply(302, headers={"location": f"{other.base_url}/there"}))
        assert (await shop.request("GET", "/", headers={"x-call-token": "made-up"})).json() == {"here": True}
        (request,) = other.requests
    assert "made-up" not in str(request.headers)
    assert request.headers["host"] == other.base_url.removeprefix("http://")


async def test_redirects_are_followed_only_where_that_was_asked_for(upstream: FakeUpstream) -> None:
    elsewhere = Reply(302, headers={"location": "http://evil.example/"})
    here = Reply(302, headers={"location": "/here"})
    async with UpstreamClient("shop", upstream.base_url, redirects="same-origin") as shop:
        upstream.script(here, Reply.json({"here": True}))
        assert (await shop.request("GET", "/")).json() == {"here": True}
        assert upstream.requests[-1].target == "/here"
        for method, reply in (("GET", elsewhere), ("POST", here)):
            upstream.script(reply)
            error = await fails(lambda method=method: shop.request(method, "/"), UpstreamRejected)  # type: ignore[misc]  # a table
            assert "evil" not in str(error.document())
        upstream.default = here
        await fails(lambda: shop.request("GET", "/"), UpstreamProtocolError)


# --- streams ---


async def test_a_stream_is_read_as_it_comes(shop: UpstreamClient, upstream: FakeUpstream) -> None:
    upstream.script(Reply(503), Reply(body=b"one\ntwo\nthree"))
    async with shop.stream("GET", "/lines") as answer:
        assert answer.status == 200
        assert [line async for line in answer.lines()] == ["one", "two", "three"]
    assert len(upstream.requests) == 2


async def test_a_stream_that_is_refused_raises_before_it_begins(shop: UpstreamClient, upstream: FakeUpstream) -> None:
    upstream.script(Reply(403, b"no"))
    with pytest.raises(UpstreamRejected) as caught:
        async with shop.stream("GET", "/lines"):
            pytest.fail("the stream began")
    assert caught.value.body == b"no"


async def test_a_stream_that_breaks_says_so_after_what_it_delivered(
    shop: UpstreamClient, upstream: FakeUpstream
) -> None:
    upstream.script(Reply(body=b"x" * 1000, failure="truncate"))
    received = b""

    async def read() -> None:
        nonlocal received
        async with shop.stream("GET", "/") as answer:
            async for chunk in answer.chunks():
                received += chunk

    await fails(read, UpstreamUnavailable)
    assert received == b"x" * 500


async def test_a_stream_left_early_gives_its_connection_back(upstream: FakeUpstream) -> None:
    upstream.default = Reply(body=b"line\n" * 100_000)
    async with (
        UpstreamClient("shop", upstream.base_url, max_connections=1, timeouts=Timeouts(pool_s=5)) as shop,
        asyncio.timeout(10),
    ):
        for _ in range(3):
            async with shop.stream("GET", "/") as answer:
                async for _line in answer.lines():
                    break
        assert (await shop.request("GET", "/")).status == 200


# --- what can be seen ---


async def test_attempts_retries_and_the_breaker_are_counted(upstream: FakeUpstream) -> None:
    metrics = Metrics("sample")
    known = UpstreamMetrics(metrics, ["shop"])
    resilience = Resilience("shop", failure_threshold=2, retry=RetryPolicy(attempts=2, base_s=0), metrics=known)
    async with UpstreamClient("shop", upstream.base_url, resilience=resilience) as shop:
        await shop.request("GET", "/")
        upstream.default = Reply(503)
        await fails(lambda: shop.request("GET", "/"), UpstreamUnavailable)
        await fails(lambda: shop.request("GET", "/"), CircuitOpen)
    lines = metrics.render().decode().splitlines()
    assert 'upstream_requests_total{outcome="ok",upstream="shop"} 1.0' in lines
    assert 'upstream_requests_total{outcome="unavailable",upstream="shop"} 2.0' in lines
    assert 'upstream_requests_total{outcome="circuit_open",upstream="shop"} 1.0' in lines
    assert 'upstream_request_duration_seconds_count{upstream="shop"} 3.0' in lines
    assert 'upstream_retries_total{upstream="shop"} 1.0' in lines
    assert 'upstream_breaker_state{upstream="shop"} 2.0' in lines


async def test_no_log_line_holds_a_query_or_a_key(
    upstream: FakeUpstream, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    upstream.script(Reply.json({}), Reply(503))
    resilience = Resilience("shop", failure_threshold=1, retry=ONCE)
    async with UpstreamClient(
        "shop", upstream.base_url, bearer=SecretStr("made-up-secret"), resilience=resilience
    ) as shop:
        await shop.request("GET", "/", params={"token": "made-up-secret"})
        await fails(lambda: shop.request("GET", "/", params={"token": "made-up-secret"}), UpstreamUnavailable)
    out, err = capfd.readouterr()
    assert "made-up-secret" not in caplog.text + out + err
    assert "upstream_breaker" in out + caplog.text


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("9" * 400, 365 * 86_400.0),
        ("Thu, 01 Jan 2026 00:00:09 GMT", 9.0),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0.0),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("²", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": value}, datetime(2026, 1, 1, tzinfo=UTC)) == seconds
