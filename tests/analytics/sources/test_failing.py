"""What becomes of a reading where sources fail, refuse, or tell less than there is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.analytics.sources.reading import DAYS, LAST, SUMS, WEB, bing, day, ga4, gates, google, modes, reading
from tests.fakes.connectors import Failing, FakeConnectors, searches, visits
from tillhand_analytics import errors
from tillhand_analytics.adapters.sources.live import LiveSources
from tillhand_analytics.domain.gates import banner
from tillhand_common.testing import FakeClock


async def test_a_source_that_fails_is_lacking_and_never_made_up(server: FakeConnectors, sources: LiveSources) -> None:
    server.fail("ga4_report", reason="upstream-unavailable")
    loaded = await sources.load()
    assert "ga4" not in modes(loaded)
    assert "It does not answer" in loaded.lacking["ga4"].detail
    gate = (await gates(sources))["ga4"]
    assert (gate.state, gate.mode, gate.reason) == ("present", None, "ga4: It does not answer.")
    assert "ga4" in banner(list((await gates(sources)).values()))


async def test_what_was_read_before_stands_in_marked_as_stale(
    server: FakeConnectors, sources: LiveSources, clock: FakeClock
) -> None:
    server.tools |= {"ga4_report": ga4, "search_console_analytics": google, "bing_query_stats": bing}
    before = await sources.load()
    server.fail("ga4_report", "search_console_analytics", "bing_query_stats", reason="upstream-timeout")
    await clock.advance(60)
    loaded = await sources.load()
    stale = {stamp.source: stamp.stale for stamp in loaded.stamps}
    assert stale == {"shopify": False, "ga4": True, "search_console": True, "bing": True}
    assert loaded.lacking == {}
    assert np.array_equal(loaded.shop.visits.sessions, before.shop.visits.sessions)
    assert np.array_equal(loaded.shop.searches.clicks, before.shop.searches.clicks)
    assert {gate.state for gate in (await gates(sources)).values()} == {"verified", "present"}


@pytest.mark.parametrize(("last", "state"), [(None, "rejected"), ("2026-11-01T00:00:00Z", "expired")])
async def test_credentials_that_are_not_taken_are_told_apart_from_an_outage(
    server: FakeConnectors, sources: LiveSources, last: str | None, state: str
) -> None:
    server.last_success_at = last
    server.fail("search_console_analytics", reason="connector-unavailable")
    loaded = await sources.load()
    assert isinstance(loaded.lacking["search_console"], errors.CredentialsRejected)
    assert (await gates(sources))["search_console"].state == state


async def test_a_quota_that_is_spent_leaves_the_newest_days_and_the_rest_for_later(
    server: FakeConnectors, sources: LiveSources
) -> None:
    allowed = 2

    def rationed(asked: Mapping[str, Any]) -> Mapping[str, Any] | Failing:
        nonlocal allowed
        if asked["dimensions"] != ["DATE"]:
            if not allowed:
                return Failing("upstream-throttled")
            allowed -= 1
        return google(asked)

    server.tools["search_console_analytics"] = rationed
    loaded = await sources.load()
    (stamp,) = [each for each in loaded.stamps if each.source == "search_console"]
    assert stamp.truncated
    assert sorted(set(loaded.shop.searches.day.tolist())) == [LAST - timedelta(days=back) for back in range(16, 2, -1)]
    gate = (await gates(sources))["search_console"]
    assert (gate.state, gate.reason) == ("verified", "search_console: It does not answer.")
    allowed, asked = 99, len(server.asked("search_console_analytics"))
    whole = await sources.load()
    again = server.asked("search_console_analytics")[asked:]
    assert max(each["end_date"] for each in again if each["dimensions"] != ["DATE"]) == day(17)
    assert len(set(whole.shop.searches.day.tolist())) == DAYS - 3
    assert not any(stamp.truncated for stamp in whole.stamps)


async def test_a_shop_that_lacks_a_credential_is_not_read_and_not_made_up(
    server: FakeConnectors, sources: LiveSources
) -> None:
    server.states["shopify"] = "blocked"
    with pytest.raises(errors.SourceUnavailable, match="TILLHAND_SHOPIFY"):
        await sources.load()
    gate = (await gates(sources))["shopify"]
    assert (gate.state, gate.mode) == ("absent", None)
    assert "TILLHAND_SHOPIFY" in gate.reason


async def test_a_shop_that_does_not_answer_is_an_error_that_names_it(
    server: FakeConnectors, sources: LiveSources
) -> None:
    server.fail("shopify_bulk_export", reason="upstream-timeout")
    with pytest.raises(errors.SourceUnavailable, match="shopify: It does not answer"):
        await sources.load()
    assert (await gates(sources))["shopify"].state == "present"


@pytest.mark.parametrize("kind", ["products", "inventory", "orders"])
@pytest.mark.parametrize("content", [b"not json\n", b'{"id": 1}\n', b"[]\n", b'"text"\n'])
async def test_an_export_that_makes_no_sense_is_an_error_of_the_source(
    server: FakeConnectors, sources: LiveSources, kind: str, content: bytes
) -> None:
    server.exports[kind] = content
    with pytest.raises(errors.SourceUnavailable, match="shopify: "):
        await sources.load()


async def test_a_key_that_the_connectors_do_not_take_is_told_as_such(
    server: FakeConnectors, tmp_path: Path, clock: FakeClock
) -> None:
    async with reading(server, tmp_path, clock, key="another") as sources:
        with pytest.raises(errors.SourceUnavailable, match="TILLHAND_ANALYTICS_TOKEN"):
            await sources.load()
        assert all("TILLHAND_ANALYTICS_TOKEN" in gate.reason for gate in await sources.gates())


async def test_connectors_that_are_away_are_an_error_and_no_mock(tmp_path: Path, clock: FakeClock) -> None:
    server = FakeConnectors(url="http://127.0.0.1:9")
    async with reading(server, tmp_path, clock) as sources:
        assert {gate.mode for gate in await sources.gates()} == {None}
        with pytest.raises(errors.SourceUnavailable, match="connectors: "):
            await sources.load()


async def test_revenue_in_other_money_is_left_out_and_told(server: FakeConnectors, sources: LiveSources) -> None:
    at = f"{LAST - timedelta(days=2):%Y%m%d}"
    server.tools["ga4_report"] = lambda _: visits((at, *WEB, *SUMS), currency="USD")
    loaded = await sources.load()
    assert (loaded.shop.visits.sessions.tolist(), loaded.shop.visits.revenue_minor.tolist()) == ([10], [0])
    assert "not in the shop's currency EUR" in (await gates(sources))["ga4"].reason


async def test_figures_that_are_not_exact_are_marked(server: FakeConnectors, sources: LiveSources) -> None:
    at = f"{LAST - timedelta(days=2):%Y%m%d}"
    server.tools["ga4_report"] = lambda _: visits((at, *WEB, *SUMS), sampled=True)
    (stamp,) = [stamp for stamp in (await sources.load()).stamps if stamp.source == "ga4"]
    assert stamp.truncated


async def test_addresses_that_visitors_left_are_kept_nowhere(
    server: FakeConnectors, sources: LiveSources, tmp_path: Path
) -> None:
    at = f"{LAST - timedelta(days=4):%Y%m%d}"
    page = "/thanks?mail=jo.doe%40mail.example&tel=%2B49 170 1234567"
    server.tools["ga4_report"] = lambda _: visits((at, WEB[0], page, *WEB[2:], *SUMS))
    query = ["https://jars.example/", "order of jo@mail.example", "deu", "MOBILE"]
    server.tools["search_console_analytics"] = lambda _: searches(([day(5), *query], 1, 9, 3.5))
    shop = (await sources.load()).shop
    assert shop.visits.pages == ("/thanks?mail=[removed]&tel=[removed]",)
    assert shop.searches.queries == ("order of [removed]",)
    kept = (tmp_path / "kept.sqlite3").read_bytes()
    assert b"mail.example" not in kept
