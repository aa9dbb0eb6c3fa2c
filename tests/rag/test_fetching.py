"""Single documents from the web."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest

from tests.fakes.web import EAGER, SHOP, Site, a_site, html
from tillhand_common.testing import FakeUpstream, Reply
from tillhand_rag.adapters.fetching import Web, shown
from tillhand_rag.adapters.parsing import FormatParser
from tillhand_rag.ports.fetching import Fetched, FetchLimits, FetchProblem, NotModified, Validators


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with asyncio.timeout(30), a_site() as site:
        yield site


async def fetched(site: Site, url: str = f"{SHOP}/page", known: Validators | None = None) -> Fetched:
    document = await site.web.fetch(url, known=known)
    assert isinstance(document, Fetched)
    return document


async def test_a_document_comes_as_a_parser_wants_it(site: Site) -> None:
    site.put(
        {
            "/guides/rope?id=7": html(
                "<h1>Größe</h1><p>Ropes of every size.</p>".encode("latin-1"),
                **{"content-type": "text/html; charset=ISO-8859-1"},
            )
        }
    )
    document = await fetched(site, f"{SHOP}/guides/rope?id=7#size")
    assert (document.url, document.filename) == (f"{SHOP}/guides/rope?id=7", "rope.html")
    (parsed,) = FormatParser().parse(document.data, filename=document.filename, media_type=document.media_type)
    assert "Größe" in parsed.text


async def test_the_address_of_a_document_is_where_redirects_end(site: Site) -> None:
    site.put(
        {
            "/old": Reply(301, headers={"location": "/new.md"}),
            "/new.md": Reply(body=b"# Rope", headers={"content-type": "text/plain"}),
        }
    )
    document = await fetched(site, f"{SHOP}/old")
    assert (document.url, document.filename) == (f"{SHOP}/new.md", "new.md")


async def test_an_unchanged_document_is_not_sent_again(site: Site) -> None:
    moment = "Wed, 21 Oct 2026 07:28:00 GMT"
    site.put({"/page": html("<p>Rope</p>", etag='W/"7"', **{"last-modified": moment})})
    document = await fetched(site)
    assert document.validators == Validators('W/"7"', moment)
    site.put({"/page": Reply(304)})
    assert await site.web.fetch(f"{SHOP}/page", known=document.validators) == NotModified(f"{SHOP}/page")
    request = site.server.requests[-1]
    assert (request.headers["if-none-match"], request.headers["if-modified-since"]) == ('W/"7"', moment)


async def test_not_modified_is_no_answer_to_who_knows_nothing(site: Site) -> None:
    site.put({"/page": Reply(304)})
    assert (await site.failure()).slug == "page-refused"
    assert "if-none-match" not in site.server.requests[-1].headers


@pytest.mark.parametrize("value", ["x" * 600, "gr\xfcn"])
async def test_a_validator_that_cannot_be_sent_back_is_not_kept(site: Site, value: str) -> None:
    site.put({"/page": html("<p>Rope</p>", etag=value)})
    document = await fetched(site)
    assert document.validators == Validators()
    await fetched(site, known=document.validators)


@pytest.mark.parametrize(
    ("reply", "slug"),
    [
        (Reply(404), "page-gone"),
        (Reply(410), "page-gone"),
        (Reply(403), "page-forbidden"),
        (Reply(429, headers={"retry-after": "30"}), "host-failing"),
        (Reply(500), "host-failing"),
        (Reply(204), "page-refused"),
        (Reply(206, b"part"), "page-refused"),
        (Reply(418), "page-refused"),
        (Reply(headers={"content-type": "image/png"}), "media-type-unsupported"),
        (Reply(headers={"content-type": "Video/mp4; codecs=x"}), "media-type-unsupported"),
        (Reply(failure="reset"), "host-unreachable"),
        (Reply(302, headers={"location": "file:///etc/passwd"}), "redirect-refused"),
        (Reply(302, headers={"location": "http://127.0.0.1/"}), "address-refused"),
        (Reply(302, headers={"location": "/page?token=made-up"}), "redirect-refused"),
        (Reply(body=b"x" * 5_000), "answer-oversized"),
        (Reply(body=gzip.compress(bytes(10_000_000)), headers={"content-encoding": "gzip"}), "answer-oversized"),
        (Reply(body=b"x", headers={"content-encoding": "br"}), "answer-unreadable"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.status,
)
async def test_each_failure_has_its_reason(reply: Reply, slug: str) -> None:
    async with a_site(FetchLimits(gap_s=0, max_bytes=1_000)) as site:
        site.put({"/page?token=made-up": reply})
        failure = await site.failure(f"{SHOP}/page?token=made-up")
    assert failure.slug == slug
    assert "made-up" not in repr(failure)
    assert failure.gone == (slug == "page-gone")
    assert failure.transient == (slug in {"host-failing", "host-unreachable"})
    assert failure.retry_after_s == (30.0 if reply.status == 429 else None)


async def test_a_body_that_drips_is_left_in_time() -> None:
    async with a_site(FetchLimits(gap_s=0, timeout_s=0.2)) as site:
        site.put({"/page": Reply(pieces=(b"x" for _ in iter(int, 1)))})
        assert (await site.failure()).slug == "fetch-timed-out"


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("http://user:made-up@shop.example/", "url-refused"),
        ("ftp://shop.example/", "url-refused"),
        ("http://shop.example:22/", "url-refused"),
        ("http://0x7f.1/", "url-refused"),
        ("http://127.0.0.1/", "address-refused"),
        ("http://[::1]/", "address-refused"),
        ("http://inside.example/", "address-refused"),
        ("http://nobody.example/", "host-unreachable"),
    ],
)
async def test_an_address_that_cannot_be_fetched_says_why(site: Site, url: str, slug: str) -> None:
    site.internet.name("inside.example", ["10.0.0.7"])
    failure = await site.failure(url)
    assert failure.slug == slug
    assert "made-up" not in repr(failure)
    assert not site.server.requests


async def test_a_listed_private_host_is_fetched_for_real() -> None:
    async with FakeUpstream.start(Reply(404)) as server:
        server.fixed["/page"] = html("<p>Rope</p>")
        port = int(server.base_url.rpartition(":")[2])
        limits = FetchLimits(gap_s=0, private_hosts=("127.0.0.0/8",), ports=(port,))
        async with Web(limits) as web:
            assert isinstance(await web.fetch(f"{server.base_url}/page"), Fetched)
        async with Web(FetchLimits(gap_s=0, ports=(port,))) as web:
            with pytest.raises(FetchProblem, match="address-refused"):
                await web.fetch(f"{server.base_url}/page")


def test_a_list_of_private_hosts_that_cannot_be_read_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="entry 1"):
        Web(FetchLimits(private_hosts=("10.0.0.0/99",)))


def test_an_address_is_shown_without_its_query() -> None:
    assert shown(f"{SHOP}/a?token=made-up#x") == f"{SHOP}/a"
    assert "made-up" not in shown("http://a:made-up@b/")


async def test_the_agent_is_the_one_that_is_set() -> None:
    async with a_site(FetchLimits(gap_s=0, user_agent="HarbourBot/2.0 (+http://harbour.example)")) as site:
        site.put(
            {"/page": html("<p>Rope</p>"), "/robots.txt": Reply(body=b"User-agent: harbourbot\nDisallow: /private")}
        )
        await fetched(site)
        assert (await site.failure(f"{SHOP}/private")).slug == "robots-disallowed"
    assert {request.headers["user-agent"] for request in site.server.requests} == {
        "HarbourBot/2.0 (+http://harbour.example)"
    }
    assert EAGER.user_agent == "Tillhand"
