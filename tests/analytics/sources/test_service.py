"""The service over its connectors: what it tells of them, and what it does where they fail."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
import pytest

from tests.analytics.sources.reading import ga4, google
from tests.fakes.connectors import KEY, FakeConnectors
from tests.fakes.shops import HeldSources
from tillhand_analytics import errors
from tillhand_analytics.app import create_app
from tillhand_analytics.domain.provenance import Method, Source
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.ports.sources import Loaded
from tillhand_analytics.service.figures import Figures, Question
from tillhand_analytics.service.reading import Reading
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.testing import FakeClock, client, settle

SOURCES: Final[tuple[Source, ...]] = ("shopify", "ga4", "search_console", "bing")


class Silent:
    """Is told, and keeps nothing."""

    def figure(self, name: str, how: str, seconds: float) -> None:
        """Nothing."""

    def loaded(self, outcome: str, seconds: float, stamps: object) -> None:
        """Nothing."""


def settings(folder: Path, server: FakeConnectors, **more: object) -> AnalyticsSettings:
    """Those of a service that reads through the server."""
    given = {"data_dir": folder, "mcp_url": server.url, "analytics_token": KEY, **more}
    return AnalyticsSettings.model_validate(given)


async def test_what_is_read_through_the_connectors_is_live(server: FakeConnectors, tmp_path: Path) -> None:
    server.tools |= {"ga4_report": ga4, "search_console_analytics": google}
    async with client(create_app(settings(tmp_path, server))) as http:
        status = await read(http)
        assert (status["mode"], status["banner"], status["has_analytics_token"]) == ("live", "", True)
        assert {gate["state"] for gate in status["gates"]} == {"verified"}
        assert [each["source"] for each in status["sources"]] == list(SOURCES)


async def read(http: httpx.AsyncClient) -> dict[str, Any]:
    """The status, once the sources were read or could not be: a figure waits for that."""
    await http.get("/v1/sales/kpis")
    found: dict[str, Any] = (await http.get("/v1/status")).json()
    return found


async def test_connectors_that_do_not_answer_are_told_and_the_service_goes_on(tmp_path: Path) -> None:
    gone = FakeConnectors(url="http://127.0.0.1:9")
    async with client(create_app(settings(tmp_path, gone))) as http:
        status = await read(http)
        assert str(status["failure"]).startswith("connectors: ")
        assert status["mode"] is None
        assert (await http.get("/health")).status_code == 200


async def test_without_a_key_the_status_says_so(server: FakeConnectors, tmp_path: Path) -> None:
    app = create_app(AnalyticsSettings(data_dir=tmp_path, mcp_url=server.url, analytics_token=None))
    async with client(app) as http:  # the key of this folder, which its first start has made, is not the server's
        status = await read(http)
        assert "TILLHAND_ANALYTICS_TOKEN" in str(status["failure"])


async def test_forced_mocks_ask_nobody(server: FakeConnectors, tmp_path: Path) -> None:
    async with client(create_app(settings(tmp_path, server, force_mocks=True))) as http:
        status = await read(http)
        assert (status["mode"], status["forced_mocks"], server.calls) == ("mock", True, [])


def question(*uses: Source) -> Question[int]:
    """How many visits there were."""
    return Question("seo.visits", uses, Method("sum"), lambda shop: int(shop.visits.sessions.sum()))


async def test_a_source_that_lacks_makes_its_figures_an_error_and_no_zeros(shop: Shop) -> None:
    class Lacking(HeldSources):
        async def load(self) -> Loaded:
            """Without Analytics."""
            return replace(await super().load(), lacking={"ga4": errors.QuotaSpent("ga4: its quota is spent.")})

    clock = FakeClock()
    reading = Reading(Lacking(shop), clock=clock, observer=Silent(), every_s=900, again_s=15)
    figures = Figures(reading, clock, Silent())
    with pytest.raises(errors.QuotaSpent, match="quota"):
        await figures.of(question("shopify", "ga4"))
    assert (await figures.of(question("shopify"))).value > 0


async def test_a_new_day_makes_figures_anew_though_nothing_new_was_told(shop: Shop) -> None:
    loaded = await HeldSources(shop).load()
    tomorrow = replace(loaded, shop=replace(shop, last_day=shop.last_day + np.timedelta64(1, "D")))
    assert tomorrow.digest != loaded.digest


async def test_what_fails_at_first_is_tried_again_soon_and_then_less_often(shop: Shop) -> None:
    sources, clock = HeldSources(shop, failure=errors.SourceUnavailable("gone")), FakeClock()
    reading = Reading(sources, clock=clock, observer=Silent(), every_s=900, again_s=15)
    running = asyncio.create_task(reading.run())
    for waited_s, readings in ((0, 1), (1, 2), (2, 3), (4, 4), (8, 5), (15, 6), (14, 6), (1, 7)):
        await clock.advance(waited_s)
        assert sources.readings == readings
    running.cancel()
    await settle()


async def test_who_asks_during_a_long_first_reading_is_told_to_come_back(shop: Shop) -> None:
    class Slow(HeldSources):
        async def load(self) -> Loaded:
            """Never."""
            await asyncio.Event().wait()
            raise AssertionError

    reading = Reading(Slow(shop), clock=FakeClock(), observer=Silent(), every_s=900, again_s=15, first_wait_s=0.01)
    with pytest.raises(errors.NoData):
        await reading.current()
