"""Pages that are linked from one page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import pytest

from tests.fakes.web import EAGER, SHOP, Site, a_site, html, linking
from tillhand_common.testing import Reply
from tillhand_rag.ports.fetching import Fetched, FetchFailure, Known, NotModified, Validators


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with asyncio.timeout(30), a_site() as site:
        yield site


async def crawled(site: Site, start: str = f"{SHOP}/", depth: int = 1, known: Known | None = None) -> list[str]:
    """What came, as `path` for a page, `path=` for an unchanged one and `path: slug` for a failure."""
    lines = []
    async with aclosing(site.web.crawl(start, depth=depth, known=known)) as steps:
        async for page in steps:
            path = page.url.removeprefix(SHOP)
            if isinstance(page.outcome, FetchFailure):
                path += f": {page.outcome.slug}"
            lines.append(f"{path}=" if isinstance(page.outcome, NotModified) else path)
    return lines


async def test_without_depth_there_is_one_page(site: Site) -> None:
    site.put({"/": linking("/a")})
    assert await crawled(site, depth=0) == ["/"]


async def test_links_are_followed_nearest_first_and_each_page_comes_once(site: Site) -> None:
    site.put(
        {
            "/": linking("/a", "/b", "/a#part", "#top", "/"),
            "/a": linking("/c", "/b"),
            "/b": linking("/", "/c", "/d"),
            "/c": linking("/e"),
            "/d": html("<p>Deep</p>"),
            "/e": html("<p>Too deep</p>"),
        }
    )
    assert await crawled(site, depth=2) == ["/", "/a", "/b", "/c", "/d"]
    assert sorted(site.asked) == ["/", "/a", "/b", "/c", "/d"]


async def test_only_pages_of_the_same_origin_are_asked_for(site: Site) -> None:
    site.put(
        {
            "/": linking(
                "http://other.example/",
                "https://shop.example/",
                "http://www.shop.example/",
                "http://shop.example:8080/",
                "//127.0.0.1/",
                "mailto:a@shop.example",
                "javascript:void(0)",
                "file:///etc/passwd",
                "http://[",
                "/picture.PNG",
                "/all.zip",
                "/a",
            )
        }
    )
    assert await crawled(site) == ["/", "/a: page-gone"]


async def test_the_first_redirect_says_where_the_site_is_and_later_ones_may_not_leave(site: Site) -> None:
    site.put(
        {
            "/start": Reply(301, headers={"location": "http://www.shop.example/home"}),
            "/home": linking("/away", "/near", "/also-near"),
            "/away": Reply(302, headers={"location": f"{SHOP}/near"}),
            "/also-near": Reply(302, headers={"location": "/near"}),
            "/near": html("<p>Here</p>"),
        }
    )
    www = "http://www.shop.example"
    assert await crawled(site, f"{SHOP}/start") == ["/start", f"{www}/away: redirect-refused", f"{www}/near"]


async def test_a_page_that_fails_leaves_the_others(site: Site) -> None:
    site.put(
        {
            "/robots.txt": Reply(body=b"User-agent: *\nDisallow: /b"),
            "/": linking("/a", "/b", "/c", "/d"),
            "/a": Reply(500),
            "/c": Reply(failure="truncate", body=b"half of it"),
            "/d": html("<p>Whole</p>"),
        }
    )
    assert await crawled(site) == ["/", "/a: host-failing", "/b: robots-disallowed", "/c: host-unreachable", "/d"]


@pytest.mark.parametrize("start", ["ftp://shop.example/", "http://127.0.0.1/", "http://shop.example/none"])
async def test_a_start_that_cannot_be_fetched_is_all_there_is(site: Site, start: str) -> None:
    assert len(await crawled(site, start, depth=3)) == 1


async def test_a_crawl_ends_at_its_number_of_pages_and_says_so() -> None:
    async with a_site(replace(EAGER, max_pages=4)) as site:
        site.put({"/": linking(*(f"/{number}" for number in range(9)))})
        lines = await crawled(site)
    assert lines == ["/", "/0: page-gone", "/1: page-gone", "/2: page-gone", "/: crawl-limit"]


async def test_a_site_without_end_ends_at_the_depth() -> None:
    async with a_site(replace(EAGER, max_depth=2)) as site:
        site.put({f"/{'x/' * depth}": linking("x/") for depth in range(9)})
        assert await crawled(site, depth=99) == ["/", "/x/", "/x/x/"]


async def test_what_is_known_is_asked_about_where_links_do_not_matter(site: Site) -> None:
    site.put({"/": linking("/a"), "/a": Reply(304)})
    assert await crawled(site, known=lambda _: Validators(etag='"1"')) == ["/", "/a="]
    by_target = {request.target: request.headers.get("if-none-match") for request in site.server.requests}
    assert (by_target["/"], by_target["/a"]) == (None, '"1"')


async def test_who_stops_listening_stops_the_crawl(site: Site) -> None:
    site.put({"/": linking(*(f"/{number}" for number in range(50)))})
    async with aclosing(site.web.crawl(f"{SHOP}/", depth=1)) as steps:
        async for page in steps:
            assert isinstance(page.outcome, Fetched)
            break
    assert site.asked == ["/"]


# --- which links there are ---


@pytest.mark.parametrize(
    ("page", "links"),
    [
        (b'<base href="/deep/"><a href="a">', ["/deep/a"]),
        (b'<base href="http://other.example/"><a href="a">', []),
        (b'<base href="http://["><a href="a">', ["/a"]),
        (b'<a href=" /a\n/b ">', ["/a/b"]),
        (b'<a href="/a b">', ["/a%20b"]),
        (b'<a rel="external NoFollow" href="/a"><a rel="next" href="/b">', ["/b"]),
        (b'<meta name="Robots" content="noindex,nofollow"><a href="/a">', []),
        (b'<a>no</a><a href>no</a><area href="/map">', ["/map"]),
        (b"<div>" * 5_000 + b'<a href="/a">', []),
        ("<meta charset=utf-8><a href='/größe'>".encode(), ["/gr%C3%B6%C3%9Fe"]),
        ("<meta charset=windows-1251><a href='/рope'>".encode("cp1251"), ["/%D1%80ope"]),  # noqa: RUF001  # Cyrillic
    ],
    ids="base foreign-base bad-base breaks space rel meta area nested utf-8 windows-1251".split(),
)
async def test_links_are_read_as_browsers_do(site: Site, page: bytes, links: list[str]) -> None:
    site.put({"/": Reply(body=page, headers={"content-type": "text/html"})})
    assert await crawled(site) == ["/", *(f"{link}: page-gone" for link in links)]


async def test_what_is_no_page_has_no_links(site: Site) -> None:
    site.put({"/": Reply(body=b'<a href="/a">', headers={"content-type": "text/plain"})})
    assert await crawled(site) == ["/"]
