"""What robots.txt says, and how politely a site is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.fakes.web import SHOP, Site, a_site, html
from tillhand_common.testing import FakeUpstream, Reply, settle
from tillhand_rag.ports.fetching import FetchLimits


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with asyncio.timeout(30), a_site(FetchLimits(gap_s=0.5, robots_ttl_s=3_600)) as site:
        site.put({"/page": html("<p>Rope</p>"), "/other": html("<p>Twine</p>"), "/private/page": html("<p>Ours</p>")})
        yield site


def robots(*lines: str, status: int = 200) -> Reply:
    return Reply(status, "\n".join(lines).encode(), {"content-type": "text/plain"})


def times_asked(site: Site) -> int:
    return len(site.server.requests) - len(site.asked)


# --- what may be fetched ---


async def test_what_a_site_disallows_is_not_fetched(site: Site) -> None:
    site.put({"/robots.txt": robots("User-agent: *", "Disallow: /private", "Allow: /private/open")})
    assert (await site.failure(f"{SHOP}/private/page")).slug == "robots-disallowed"
    assert (await site.failure(f"{SHOP}/public/%2e%2e/private/page")).slug == "robots-disallowed"
    await site.web.fetch(f"{SHOP}/page")
    assert site.asked == ["/page"]


async def test_what_is_said_to_us_by_name_counts(site: Site) -> None:
    site.put({"/robots.txt": robots("User-agent: *", "Disallow: /", "", "User-agent: Tillhand", "Disallow: /private")})
    await site.web.fetch(f"{SHOP}/page")
    assert not (await site.failure(f"{SHOP}/private/page")).transient


async def test_a_redirect_to_what_is_disallowed_is_not_followed(site: Site) -> None:
    site.put(
        {
            "/robots.txt": robots("User-agent: *", "Disallow: /private"),
            "/way": Reply(302, headers={"location": "/private/page"}),
        }
    )
    assert (await site.failure(f"{SHOP}/way")).slug == "robots-disallowed"
    assert site.asked == ["/way"]


async def test_the_host_that_a_redirect_leads_to_has_its_own_say(site: Site) -> None:
    async with FakeUpstream.start(Reply(404)) as other:
        other.fixed["/robots.txt"] = robots("User-agent: *", "Disallow: /")
        site.internet.serve(other, "other.example", address="8.8.8.8")
        site.put({"/way": Reply(302, headers={"location": "http://other.example/page"})})
        failure = await site.failure(f"{SHOP}/way")
    assert (failure.slug, failure.url) == ("robots-disallowed", "http://other.example/page")
    assert [request.target for request in other.requests] == ["/robots.txt"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_a_site_without_rules_allows_everything(site: Site, status: int) -> None:
    site.put({"/robots.txt": Reply(status)})
    await site.web.fetch(f"{SHOP}/private/page")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500),
        Reply(503),
        Reply(429),
        Reply(301, headers={"location": "/robots.txt"}),
        Reply(body=b"#" * 600_000),
        robots(*(f"User-agent: a{number}" for number in range(2_000)), *["Disallow: /x"] * 2_000),
    ],
    ids=["500", "503", "429", "circle", "huge", "expensive"],
)
async def test_rules_that_cannot_be_read_allow_nothing_for_now(site: Site, reply: Reply) -> None:
    site.put({"/robots.txt": reply})
    failure = await site.failure()
    assert (failure.slug, failure.transient) == ("robots-unavailable", True)
    assert "/page" not in site.asked


async def test_rules_that_could_not_be_read_are_asked_for_again_a_minute_later(site: Site) -> None:
    site.put({"/robots.txt": Reply(503)})
    await site.failure()
    site.put({"/robots.txt": Reply(404)})
    assert (await site.failure(f"{SHOP}/other")).url == f"{SHOP}/other"
    assert times_asked(site) == 1
    site.clock.at_s += 61
    await site.web.fetch(f"{SHOP}/page")
    assert times_asked(site) == 2


async def test_rules_are_kept_for_their_time_and_then_read_anew(site: Site) -> None:
    await site.web.fetch(f"{SHOP}/page")
    await site.web.fetch(f"{SHOP}/other")
    assert times_asked(site) == 1
    site.clock.at_s += 3_601
    site.put({"/robots.txt": robots("User-agent: *", "Disallow: /")})
    assert (await site.failure()).slug == "robots-disallowed"


async def test_rules_are_read_once_however_many_want_them(site: Site) -> None:
    gate = asyncio.Event()
    site.put({"/robots.txt": Reply(404).held(gate)})
    fetches = [asyncio.create_task(site.web.fetch(f"{SHOP}/page")) for _ in range(5)]
    await site.server.received(1)
    gate.set()
    await asyncio.gather(*fetches)
    assert times_asked(site) == 1


# --- politeness ---


async def test_requests_to_a_host_lie_apart(site: Site) -> None:
    for _ in range(3):
        await site.web.fetch(f"{SHOP}/page")
    assert site.clock.waits == [0.5, 0.5, 0.5]


@pytest.mark.parametrize(("asked", "waited"), [("2", 2.0), ("0.1", 0.5), ("3600", 10.0), ("never", 0.5)])
async def test_the_delay_that_a_site_asks_for_is_kept_up_to_a_bound(site: Site, asked: str, waited: float) -> None:
    site.put({"/robots.txt": robots("User-agent: *", f"Crawl-delay: {asked}")})
    for _ in range(3):
        await site.web.fetch(f"{SHOP}/page")
    assert site.clock.waits == [0.5, waited, waited]


async def test_hosts_do_not_wait_for_one_another(site: Site) -> None:
    async with FakeUpstream.start(Reply(404)) as other:
        other.fixed["/page"] = html("<p>Twine</p>")
        site.internet.serve(other, "other.example", address="8.8.8.8")
        await asyncio.gather(site.web.fetch(f"{SHOP}/page"), site.web.fetch("http://other.example/page"))
    assert len(site.clock.waits) <= 2


async def test_a_host_has_two_connections_at_most(site: Site) -> None:
    gate = asyncio.Event()
    site.put({"/page": html("<p>Rope</p>").held(gate)})
    fetches = [asyncio.create_task(site.web.fetch(f"{SHOP}/page")) for _ in range(4)]
    await site.server.received(3)
    await settle(50)
    assert site.asked == ["/page"] * 2
    gate.set()
    await asyncio.gather(*fetches)
    assert site.asked == ["/page"] * 4
    assert site.server.connections <= 3
