"""Objectives through the public door: by the service's own counters, by a peer's, and by a Prometheus server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.shops import HeldSources
from tillhand_analytics.adapters.prometheus import PrometheusObserver
from tillhand_analytics.app import create_app
from tillhand_analytics.domain.provenance import Stamp
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.ports.sources import Loaded
from tillhand_analytics.service.objectives import Objectives
from tillhand_analytics.service.reading import Reading
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_analytics.store.counted import FileLedgers
from tillhand_common.metrics import CONTENT_TYPE, Metrics
from tillhand_common.red import METHODS, STATUSES
from tillhand_common.slos import load_slos
from tillhand_common.testing import FakeClock, FakeUpstream, Reply, client

SLOS = Path(__file__).resolve().parents[2] / "slos"


@asynccontextmanager
async def service(shop: Shop, folder: Path, **settings: Any) -> AsyncIterator[tuple[httpx.AsyncClient, Any]]:  # noqa: ANN401  # settings
    app = create_app(
        AnalyticsSettings(data_dir=folder, **{"analytics_slos": SLOS, **settings}), sources=HeldSources(shop)
    )
    async with client(app) as http:
        yield http, app


@pytest.fixture
async def peer() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream.start(Reply(503)) as upstream:
        yield upstream


def found(body: dict[str, Any], service: str, name: str) -> dict[str, Any]:
    (one,) = [each for each in body["objectives"] if (each["service"], each["id"]) == (service, name)]
    return dict(one)


def how(body: dict[str, Any], service: str) -> dict[str, Any]:
    (one,) = [each for each in body["provenance"]["services"] if each["service"] == service]
    return dict(one)


async def test_every_objective_is_told_with_its_promise(shop: Shop, tmp_path: Path) -> None:
    async with service(shop, tmp_path) as (http, _):
        answer = await http.get("/v1/slo")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    slos = load_slos(SLOS)
    assert [(each["service"], each["id"], each["promise"]) for each in body["objectives"]] == [
        (name, objective.id, objective.promise) for name in sorted(slos) for objective in slos[name].objectives
    ]
    assert [each["window"] for each in body["objectives"][0]["burn_rates"]] == [
        "5m",
        "30m",
        "1h",
        "2h",
        "6h",
        "1d",
        "3d",
    ]


async def test_the_service_s_own_requests_are_counted_since_it_began(shop: Shop, tmp_path: Path) -> None:
    async with service(shop, tmp_path) as (http, app):
        for _ in range(3):
            assert (await http.get("/v1/status")).status_code == 200
        await http.get("/health")
        await app.state.analytics.objectives.look()
        body = (await http.get("/v1/slo")).json()
    assert body["provenance"]["measured"] == "counters"
    own = found(body, "analytics", "availability")
    assert (own["state"], own["measured"], own["budget_left"]) == ("met", 1.0, 1.0)
    assert own["covers_window"] is False
    assert own["covered_s"] > 0
    assert how(body, "analytics")["problem"] == ""


async def test_a_peer_without_an_address_is_told_by_the_setting_that_it_lacks(shop: Shop, tmp_path: Path) -> None:
    async with service(shop, tmp_path) as (http, app):
        await app.state.analytics.objectives.look()
        body = (await http.get("/v1/slo")).json()
    assert how(body, "rag") == {"service": "rag", "looked_at": None, "problem": "TILLHAND_RAG_URL is not set"}
    assert found(body, "rag", "availability")["state"] == "no_data"


def page(served: int, failed: int) -> Reply:
    metrics = Metrics("rag")
    requests = metrics.counter(
        "http_requests_total", "Requests.", {"method": METHODS, "route": ("/v1/search",), "status": STATUSES}
    )
    requests.labels("POST", "/v1/search", "200").inc(served)
    requests.labels("POST", "/v1/search", "500").inc(failed)
    return Reply(body=metrics.render(), headers={"content-type": CONTENT_TYPE})


async def test_a_peer_that_fails_burns_its_budget(shop: Shop, tmp_path: Path, peer: FakeUpstream) -> None:
    peer.fixed["/metrics"] = page(90, 10)
    async with service(shop, tmp_path, rag_url=peer.base_url) as (http, app):
        await app.state.analytics.objectives.look()
        body = (await http.get("/v1/slo")).json()
        burnt = found(body, "rag", "availability")
        assert burnt["measured"] == pytest.approx(0.9)
        assert burnt["budget_left"] == pytest.approx(-99)
        assert burnt["state"] in {"missed", "burning"}
        assert how(body, "rag")["problem"] == ""


async def test_a_peer_that_shows_no_counters_is_told(shop: Shop, tmp_path: Path, peer: FakeUpstream) -> None:
    peer.fixed["/metrics"] = Reply(body=b"<html>")
    async with service(shop, tmp_path, rag_url=peer.base_url) as (http, app):
        await app.state.analytics.objectives.look()
        body = (await http.get("/v1/slo")).json()
    assert "could not be read" in how(body, "rag")["problem"]


def vector(*samples: tuple[dict[str, str], float]) -> Reply:
    result = [{"metric": labels, "value": [1.0, str(value)]} for labels, value in samples]
    return Reply.json({"status": "success", "data": {"resultType": "vector", "result": result}})


async def test_a_prometheus_server_is_asked_where_one_is_set(shop: Shop, tmp_path: Path, peer: FakeUpstream) -> None:
    labels = {"service": "rag", "objective": "availability"}
    peer.script(
        vector(
            ({"__name__": "tillhand:slo_budget_used:ratio", **labels}, 0.4),
            ({"__name__": "tillhand:slo_errors:ratio_rate1h", **labels}, 0.002),
        ),
        vector(({"job": "tillhand-rag"}, 3600.0)),
    )
    async with service(shop, tmp_path, analytics_prometheus_url=peer.base_url) as (http, _):
        body = (await http.get("/v1/slo")).json()
    assert body["provenance"]["measured"] == "prometheus"
    rag = found(body, "rag", "availability")
    assert (rag["state"], rag["budget_left"], rag["covered_s"]) == ("met", pytest.approx(0.6), 3600.0)
    rates = {each["window"]: each["rate"] for each in rag["burn_rates"]}
    assert rates["1h"] == pytest.approx(2.0)
    assert rates["5m"] is None


async def test_counters_are_told_with_the_reason_when_the_server_fails(
    shop: Shop, tmp_path: Path, peer: FakeUpstream
) -> None:
    async with service(shop, tmp_path, analytics_prometheus_url=peer.base_url) as (http, app):
        await app.state.analytics.objectives.look()
        body = (await http.get("/v1/slo")).json()
    assert body["provenance"]["measured"] == "counters"
    assert "Prometheus could not be asked" in body["provenance"]["problem"]
    assert found(body, "analytics", "availability")["covered_s"] > 0


async def test_without_objectives_that_is_told_and_figures_are_served(shop: Shop, tmp_path: Path) -> None:
    async with service(shop, tmp_path, analytics_slos=tmp_path / "none") as (http, _):
        answer = await http.get("/v1/slo")
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:tillhand:problem:no-objectives")
        assert "no file of objectives" in answer.json()["detail"]
        assert (await http.get("/v1/status")).status_code == 200


class LiveSources(HeldSources):
    """Says of the shop that it is live, and of Search Console that it lags."""

    async def load(self) -> Loaded:
        loaded = await super().load()
        return Loaded(loaded.shop, tuple(map(self._live, loaded.stamps)))

    def _live(self, stamp: Stamp) -> Stamp:
        return replace(stamp, mode="mock" if stamp.source == "bing" else "live")


async def test_the_age_of_live_data_is_looked_at_and_that_of_mocks_is_not(shop: Shop, tmp_path: Path) -> None:
    metrics, clock = Metrics("analytics"), FakeClock(datetime(2026, 11, 2, 11, tzinfo=UTC))
    observer = PrometheusObserver(metrics)
    reading = Reading(LiveSources(shop), clock=clock, observer=observer, every_s=60, again_s=60)
    await reading.current()
    objectives = Objectives(
        *({}, {}), recorded=None, reading=reading, ages=observer, clock=clock, ledgers=FileLedgers(tmp_path), kept={}
    )
    await objectives.look()

    def count(source: str, **le: str) -> float:
        name = "bucket" if le else "count"
        return metrics.value(f"tillhand_data_age_seconds_{name}", {"source": source, **le})

    # Complete through 31 October in Berlin, whose 1 November begins at 23:00 UTC: 36 hours before.
    assert (count("shopify"), count("bing")) == (1, 0)
    assert count("shopify", le="129600.0") == 1
    assert count("shopify", le="108000.0") == 0
