"""Fetching what strangers wrote, against real servers that misbehave on demand."""

import asyncio
import gzip
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from tests.fakes.internet import FakeInternet
from tillhand_common.egress import Egress, EgressPolicy
from tillhand_common.egress_errors import (
    AnswerOversized,
    AnswerUnreadable,
    EgressError,
    FetchTimedOut,
    HostUnreachable,
    RedirectRefused,
    UrlRefused,
)
from tillhand_common.testing import FakeUpstream, Reply
from tillhand_common.web_address import WebAddress

SHOP = "http://shop.example"


@pytest.fixture
async def internet(upstream: FakeUpstream) -> FakeInternet:
    internet = FakeInternet()
    internet.serve(upstream, "shop.example", "other.example")
    return internet


@pytest.fixture
async def egress(internet: FakeInternet) -> AsyncIterator[Egress]:
    async with opened(internet, EgressPolicy(max_bytes=100_000)) as egress:
        yield egress


@asynccontextmanager
async def opened(internet: FakeInternet, policy: EgressPolicy) -> AsyncIterator[Egress]:
    async with Egress(policy, resolve=internet.resolve, network=internet) as egress:
        yield egress


async def read(egress: Egress, url: str = f"{SHOP}/page") -> bytes:
    async with asyncio.timeout(10), egress.open(WebAddress.parse(url)) as answer:
        return await answer.read()


async def fails(egress: Egress, kind: type[EgressError], url: str = f"{SHOP}/page?token=made-up") -> EgressError:
    with pytest.raises(EgressError) as failed:
        await read(egress, url)
    assert type(failed.value) is kind, failed.value
    assert "made-up" not in str(failed.value.document())
    return failed.value


# --- what goes out and what comes back ---


async def test_a_page_comes_back_with_its_head(egress: Egress, upstream: FakeUpstream) -> None:
    upstream.script(Reply(body="größe".encode("latin-1"), headers={"Content-Type": "text/html; charset=latin-1"}))
    async with egress.open(WebAddress.parse(f"{SHOP}/a b".replace(" ", "%20")), headers={"Accept": "*/*"}) as answer:
        assert (answer.status, str(answer.url)) == (200, f"{SHOP}/a%20b")
        assert answer.headers["content-type"] == "text/html; charset=latin-1"
        assert await answer.read() == "größe".encode("latin-1")
    (request,) = upstream.requests
    assert (request.method, request.target) == ("GET", "/a%20b")
    assert request.headers == {
        "host": "shop.example",
        "user-agent": "Tillhand",
        "accept": "*/*",
        "accept-encoding": "gzip",
    }


async def test_a_status_is_the_callers_to_judge(egress: Egress, upstream: FakeUpstream) -> None:
    upstream.script(Reply(404, b"gone"))
    async with egress.open(WebAddress.parse(f"{SHOP}/page")) as answer:
        assert answer.status == 404


async def test_connections_are_kept(egress: Egress, upstream: FakeUpstream) -> None:
    for _ in range(3):
        await read(egress)
    assert upstream.connections == 1


async def test_proxies_of_the_environment_are_not_used(
    internet: FakeInternet, upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with opened(internet, EgressPolicy()) as egress:
        await read(egress)
    assert internet.dialled == [("8.8.4.4", 80)]
    assert upstream.requests[0].target == "/page"


async def test_only_listed_ports_are_asked(internet: FakeInternet, egress: Egress) -> None:
    await fails(egress, UrlRefused, "http://shop.example:6379/")
    assert not internet.dialled
    async with opened(internet, EgressPolicy(ports=frozenset({80, 8080}))) as egress_with_port:
        await read(egress_with_port, "http://shop.example:8080/")
    assert internet.dialled == [("8.8.4.4", 8080)]


# --- redirects ---


def leads_to(location: str, status: int = 302) -> Reply:
    return Reply(status, headers={"location": location})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_and_the_end_is_told(egress: Egress, upstream: FakeUpstream, status: int) -> None:
    upstream.script(leads_to("/a", status), leads_to("//other.example/b?c", status), Reply(body=b"here"))
    async with egress.open(WebAddress.parse(SHOP)) as answer:
        assert (str(answer.url), await answer.read()) == ("http://other.example/b?c", b"here")
    assert [request.headers["host"] for request in upstream.requests] == ["shop.example"] * 2 + ["other.example"]


async def test_every_hop_is_entered_and_left(egress: Egress, upstream: FakeUpstream) -> None:
    log: list[str] = []

    @asynccontextmanager
    async def hop(address: WebAddress) -> AsyncIterator[None]:
        log.append(f"> {address}")
        yield
        log.append(f"< {address}")

    upstream.script(leads_to("http://other.example/"))
    async with egress.open(WebAddress.parse(f"{SHOP}/"), hop=hop):
        log.append("answer")
    assert log == [f"> {SHOP}/", f"< {SHOP}/", "> http://other.example/", "answer", "< http://other.example/"]


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/",
        "ftp://shop.example/",
        "http://made-up@shop.example/",
        "http://[",
        "\\\\x",
    ],
)
async def test_a_redirect_to_something_that_is_no_page_is_not_followed(
    egress: Egress, upstream: FakeUpstream, location: str
) -> None:
    upstream.script(leads_to(location))
    await fails(egress, RedirectRefused)
    assert len(upstream.requests) == 1


async def test_a_circle_ends(egress: Egress, upstream: FakeUpstream) -> None:
    upstream.default = leads_to("/page")
    await fails(egress, RedirectRefused)
    assert len(upstream.requests) == 6


async def test_a_redirect_to_another_port_is_checked_like_any_address(egress: Egress, upstream: FakeUpstream) -> None:
    upstream.script(leads_to("http://shop.example:22/"))
    await fails(egress, UrlRefused)


async def test_a_redirect_without_a_place_is_an_answer(egress: Egress, upstream: FakeUpstream) -> None:
    upstream.script(Reply(302))
    async with egress.open(WebAddress.parse(SHOP)) as answer:
        assert answer.status == 302


# --- size and time ---


def endless(piece: bytes) -> Iterator[bytes]:
    return itertools.repeat(piece)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"x" * 100_001),
        Reply(headers={"content-length": "999999999999"}, body=b"x"),
        Reply(pieces=endless(b"x" * 10_000)),
        Reply(body=gzip.compress(bytes(50_000_000)), headers={"content-encoding": "gzip"}),
        Reply(body=gzip.compress(b"") * 6_000, headers={"content-encoding": "gzip"}),
    ],
    ids=["huge", "declared", "endless", "bomb", "empty members"],
)
async def test_a_body_that_is_too_large_is_cut(egress: Egress, upstream: FakeUpstream, reply: Reply) -> None:
    upstream.script(reply)
    await fails(egress, AnswerOversized)


async def test_what_is_packed_is_unpacked(egress: Egress, upstream: FakeUpstream) -> None:
    upstream.script(Reply(body=gzip.compress(b"page"), headers={"content-encoding": "GZip"}))
    assert await read(egress) == b"page"


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(gzip.compress(b"page")), "gzip, gzip"),
        (b"page", "br"),
        (b"page", "gzip"),
        (gzip.compress(b"page")[:-9], "gzip"),
    ],
    ids=["twice", "unknown", "not packed", "cut"],
)
async def test_what_is_packed_otherwise_is_not_guessed(
    egress: Egress, upstream: FakeUpstream, body: bytes, coding: str
) -> None:
    upstream.script(Reply(body=body, headers={"content-encoding": coding}))
    await fails(egress, AnswerUnreadable)


@pytest.mark.parametrize(
    ("reply", "policy"),
    [
        (Reply(failure="hang"), EgressPolicy(read_s=0.1)),
        (Reply(failure="hang"), EgressPolicy(total_s=0.1)),
        (Reply(pieces=endless(b"x")), EgressPolicy(total_s=0.1)),
        (Reply(pieces=[b"x", asyncio.Event()]), EgressPolicy(read_s=0.1)),
    ],
    ids=["silent", "silent to the end", "dripping", "stalled"],
)
async def test_a_host_that_takes_its_time_is_left(
    internet: FakeInternet, upstream: FakeUpstream, reply: Reply, policy: EgressPolicy
) -> None:
    upstream.script(reply)
    async with opened(internet, policy) as egress:
        await fails(egress, FetchTimedOut)


async def test_redirects_share_the_time_that_one_fetch_has(internet: FakeInternet, upstream: FakeUpstream) -> None:
    upstream.default = leads_to("/next")
    async with opened(internet, EgressPolicy(total_s=0.3, max_redirects=1_000_000)) as egress:
        await fails(egress, FetchTimedOut)


@pytest.mark.parametrize("failure", ["reset", "truncate"])
async def test_a_broken_connection_is_told(egress: Egress, upstream: FakeUpstream, failure: str) -> None:
    upstream.script(Reply(body=b"half of it", failure="reset" if failure == "reset" else "truncate"))
    error = await fails(egress, HostUnreachable)
    assert error.transient


async def test_another_protocol_is_no_answer(egress: Egress, upstream: FakeUpstream) -> None:
    upstream.script(Reply(101, headers={"upgrade": "x", "connection": "upgrade"}))
    await fails(egress, HostUnreachable)
