"""What a sitemap, and the sitemaps below it, list."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.fakes.web import EAGER, SHOP, Site, a_site
from tillhand_common.testing import Reply
from tillhand_rag.ports.fetching import SitemapEntry, SitemapListing

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
SITEMAP = f"{SHOP}/sitemap.xml"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with asyncio.timeout(30), a_site() as site:
        yield site


def xml(text: str | bytes) -> Reply:
    return Reply(body=text.encode() if isinstance(text, str) else text, headers={"content-type": "application/xml"})


def urlset(*locations: str) -> str:
    return f"<urlset {NAMESPACE}>" + "".join(f"<url><loc>{at}</loc></url>" for at in locations) + "</urlset>"


def index(*locations: str) -> Reply:
    listed = "".join(f"<sitemap><loc>{at}</loc></sitemap>" for at in locations)
    return xml(f'<?xml version="1.0"?><sitemapindex {NAMESPACE}>{listed}</sitemapindex>')


def pages(listing: SitemapListing) -> list[str]:
    return [entry.url.removeprefix(SHOP) for entry in listing.entries]


def slugs(listing: SitemapListing) -> list[str]:
    return [failure.slug for failure in listing.failures]


# --- what a file holds ---


async def test_pages_come_in_their_order_with_their_times(site: Site) -> None:
    site.put(
        {
            "/sitemap.xml": xml(f"""<?xml version="1.0" encoding="UTF-8"?>
        <urlset {NAMESPACE} xmlns:image="http://image.example/1">
          <url><loc> {SHOP}/b?x=1&amp;y=2 </loc><lastmod>2026-03-01T10:00:00+02:00</lastmod></url>
          <url><loc><![CDATA[{SHOP}/a]]></loc><lastmod>2026-03-02</lastmod>
               <image:image><image:loc>{SHOP}/picture</image:loc></image:image><image:loc>{SHOP}/other</image:loc></url>
          <url><loc>{SHOP}/a#again</loc></url>
          <url><loc>{SHOP}/größe</loc><lastmod>last week</lastmod></url>
          <url><lastmod>2026-03-02</lastmod></url>
        </urlset>""")
        }
    )
    listing = await site.web.urls(SITEMAP)
    assert listing.complete
    assert [(entry.url.removeprefix(SHOP), entry.last_modified) for entry in listing.entries] == [
        ("/b?x=1&y=2", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("/a", datetime(2026, 3, 2, tzinfo=UTC)),
        ("/gr%C3%B6%C3%9Fe", None),
    ]


@pytest.mark.parametrize(
    "file",
    [
        urlset(f"{SHOP}/a").encode(),
        urlset(f"{SHOP}/a").replace(NAMESPACE, "").encode(),
        b"\xef\xbb\xbf" + urlset(f"{SHOP}/a").encode(),
        f'<?xml version="1.0" encoding="UTF-16"?>{urlset(f"{SHOP}/a")}'.encode("utf-16"),
        gzip.compress(urlset(f"{SHOP}/a").encode()),
        f"\n{SHOP}/a\r\n\n".encode(),
        gzip.compress(f"{SHOP}/a".encode()),
    ],
    ids=["xml", "without namespace", "with mark", "utf-16", "gzip", "lines", "packed lines"],
)
async def test_every_form_of_a_sitemap_is_read(site: Site, file: bytes) -> None:
    site.put({"/sitemap.xml": xml(file)})
    assert await site.web.urls(SITEMAP) == SitemapListing(entries=(SitemapEntry(f"{SHOP}/a"),))


BOMB = '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {name} "{f"&{former};" * 10}">' for former, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "file",
    [
        b"<!doctype html><html><body>Not here</body></html>",
        b"<rss><channel><item/></channel></rss>",
        b"<urlset><url>",
        b"no sitemap at all",
        b"",
        f"{BOMB}]>{urlset(f'{SHOP}/&i;')}".encode(),
        f'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>{urlset("&f;")}'.encode(),
        f'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">{urlset()}'.encode(),
        gzip.compress(bytes(10_000_000)),
        gzip.compress(b"<urlset/>")[:-4],
        b"<urlset x='" + b"x" * 70_000 + b"'/>",
        b'<?xml version="1.0" encoding="made-up"?><urlset/>',
    ],
    ids="html rss cut text empty bomb file dtd archive damaged tag encoding".split(),
)
async def test_what_is_no_sitemap_is_told_and_nothing_grows(file: bytes) -> None:
    async with a_site(replace(EAGER, max_sitemap_bytes=100_000)) as site:
        site.put({"/sitemap.xml": xml(file)})
        listing = await site.web.urls(SITEMAP)
    assert (pages(listing), slugs(listing), listing.complete) == ([], ["sitemap-unreadable"], False)
    assert "made-up" not in listing.failures[0].detail
    assert site.asked == ["/sitemap.xml"]


async def test_a_sitemap_that_is_too_large_is_not_read() -> None:
    async with a_site(replace(EAGER, max_sitemap_bytes=1_000)) as site:
        site.put({"/sitemap.xml": xml(urlset(*[f"{SHOP}/a"] * 100))})
        assert slugs(await site.web.urls(SITEMAP)) == ["answer-oversized"]


# --- sitemaps of sitemaps ---


async def test_sitemaps_below_are_read_and_a_circle_ends(site: Site) -> None:
    site.put(
        {
            "/sitemap.xml": index(f"{SHOP}/one.xml", f"{SHOP}/two.xml.gz", SITEMAP),
            "/one.xml": index(f"{SHOP}/three.xml", SITEMAP, f"{SHOP}/one.xml"),
            "/two.xml.gz": xml(gzip.compress(urlset(f"{SHOP}/b", f"{SHOP}/a").encode())),
            "/three.xml": xml(urlset(f"{SHOP}/a", f"{SHOP}/c")),
        }
    )
    listing = await site.web.urls(SITEMAP)
    assert (pages(listing), listing.complete) == (["/b", "/a", "/c"], True)
    assert site.asked == ["/sitemap.xml", "/one.xml", "/two.xml.gz", "/three.xml"]


async def test_one_sitemap_that_fails_leaves_the_others(site: Site) -> None:
    site.put(
        {
            "/sitemap.xml": index(f"{SHOP}/gone.xml", f"{SHOP}/good.xml", f"{SHOP}/bad.xml"),
            "/good.xml": xml(urlset(f"{SHOP}/a")),
            "/bad.xml": xml("<oops>"),
        }
    )
    listing = await site.web.urls(SITEMAP)
    assert (pages(listing), slugs(listing)) == (["/a"], ["page-gone", "sitemap-unreadable"])
    assert [failure.url for failure in listing.failures] == [f"{SHOP}/gone.xml", f"{SHOP}/bad.xml"]
    assert not listing.complete


async def test_sitemaps_are_followed_to_a_depth() -> None:
    async with a_site(replace(EAGER, max_sitemap_depth=1)) as site:
        site.put({"/sitemap.xml": index(f"{SHOP}/1.xml"), "/1.xml": index(f"{SHOP}/2.xml")})
        listing = await site.web.urls(SITEMAP)
    assert (slugs(listing), site.asked) == (["sitemap-too-deep"], ["/sitemap.xml", "/1.xml"])


async def test_only_so_many_sitemaps_are_read() -> None:
    async with a_site(replace(EAGER, max_sitemaps=3)) as site:
        site.put({"/sitemap.xml": index(*(f"{SHOP}/{number}.xml" for number in range(9)))})
        listing = await site.web.urls(SITEMAP)
    assert listing.truncated
    assert len(site.asked) <= 3


@pytest.mark.parametrize("as_lines", [False, True])
async def test_only_so_many_pages_are_listed(as_lines: bool) -> None:
    listed = [f"{SHOP}/{number}" for number in range(5)]
    async with a_site(replace(EAGER, max_sitemap_urls=3)) as site:
        site.put({"/sitemap.xml": xml("\n".join(listed) if as_lines else urlset(*listed))})
        listing = await site.web.urls(SITEMAP)
    assert (pages(listing), listing.truncated, listing.complete) == (["/0", "/1", "/2"], True, False)


# --- whose pages ---


async def test_pages_of_others_are_left_out_and_counted(site: Site) -> None:
    site.put(
        {
            "/sitemap.xml": xml(
                urlset(
                    "https://www.shop.example/a",
                    "http://other.example/b",
                    "http://shop.example.evil/c",
                    "file:///etc/passwd",
                    "http://127.0.0.1/d",
                    "http://shop.example:8080/e",
                    "/relative",
                )
            )
        }
    )
    listing = await site.web.urls(SITEMAP)
    assert pages(listing) == ["https://www.shop.example/a", "/relative"]
    assert (listing.foreign, listing.complete) == (5, True)


async def test_sitemaps_elsewhere_are_not_read(site: Site) -> None:
    site.put(
        {
            "/sitemap.xml": index("http://other.example/1.xml", f"{SHOP}/2.xml"),
            "/2.xml": Reply(302, headers={"location": "http://127.0.0.1/3.xml"}),
        }
    )
    listing = await site.web.urls(SITEMAP)
    assert (listing.foreign, slugs(listing)) == (1, ["address-refused"])
    assert site.asked == ["/sitemap.xml", "/2.xml"]


async def test_a_sitemap_that_redirects_to_another_site_is_not_taken_for_ours(site: Site) -> None:
    site.internet.serve(site.server, "other.example", address="8.8.8.8")
    site.put(
        {
            "/sitemap.xml": index(f"{SHOP}/1.xml"),
            "/1.xml": Reply(302, headers={"location": "http://other.example/2.xml"}),
            "/2.xml": xml(urlset(f"{SHOP}/a")),
        }
    )
    listing = await site.web.urls(SITEMAP)
    assert (pages(listing), slugs(listing)) == ([], ["redirect-refused"])


async def test_robots_are_heard_about_sitemaps_too(site: Site) -> None:
    site.put({"/robots.txt": Reply(body=b"User-agent: *\nDisallow: /sitemap")})
    assert slugs(await site.web.urls(SITEMAP)) == ["robots-disallowed"]


async def test_an_address_that_cannot_be_read_is_a_failure_like_any_other(site: Site) -> None:
    assert slugs(await site.web.urls("ftp://shop.example/")) == ["url-refused"]
