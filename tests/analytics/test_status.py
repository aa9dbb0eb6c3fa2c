"""Whether figures are real, and how the service says so."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.fakes.shops import HeldSources
from tillhand_analytics import errors
from tillhand_analytics.app import create_app
from tillhand_analytics.domain.gates import Gate, banner
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.testing import client, settle


async def status(http: httpx.AsyncClient) -> dict[str, object]:
    answer = await http.get("/v1/status")
    assert answer.status_code == 200
    body: dict[str, object] = answer.json()
    return body


async def test_without_credentials_everything_says_that_it_is_made_up(tmp_path: Path) -> None:
    async with client(create_app(AnalyticsSettings(data_dir=tmp_path))) as http:
        found = await status(http)
        assert found["has_analytics_token"] is False
        assert "Made-up data" in str(found["banner"])
        gates = found["gates"]
        assert isinstance(gates, list)
        assert {(gate["state"], gate["mode"]) for gate in gates} == {("absent", "mock")}


async def test_live_data_has_no_banner(shop: Shop, tmp_path: Path) -> None:
    sources = HeldSources(shop, mode="live", has_token=True)
    async with client(create_app(AnalyticsSettings(data_dir=tmp_path), sources=sources)) as http:
        found = await status(http)
        assert (found["banner"], found["has_analytics_token"]) == ("", True)
    assert sources.closed


async def test_a_source_that_fails_is_told_and_the_service_goes_on(shop: Shop, tmp_path: Path) -> None:
    sources = HeldSources(shop, mode="live", failure=errors.SourceUnavailable("shopify does not answer."))
    async with client(create_app(AnalyticsSettings(data_dir=tmp_path), sources=sources)) as http:
        await settle()
        found = await status(http)
        assert (found["mode"], found["failure"]) == (None, "shopify does not answer.")
        assert (await http.get("/health")).status_code == 200


def test_the_banner_says_the_worst_first() -> None:
    live = Gate("shopify", "verified", "live")
    mocked = Gate("bing", "absent", "mock")
    expired = Gate("ga4", "expired", "live", "the token has expired")
    assert banner([live]) == ""
    assert banner([live, mocked]) == "Partly made-up data: bing answer from a mock."
    assert banner([live, mocked, expired]) == "Not up to date: ga4: the token has expired."
    assert "forced" in banner([live], forced=True)
