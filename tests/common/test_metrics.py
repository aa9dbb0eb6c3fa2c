"""Metrics: bounded by construction, and rendered as OpenMetrics."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.common.sample_service import create
from tillhand_common.metrics import CONTENT_TYPE, Metrics
from tillhand_common.settings import CommonSettings
from tillhand_common.testing import client

RANDOM_PATHS = 10_000


@asynccontextmanager
async def sample(data_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client of the sample service."""
    settings = CommonSettings(data_dir=data_dir, rate_limit="off", log_level="error")
    async with client(create(settings)) as http:
        yield http


def values(metrics: Metrics | str) -> dict[str, float]:
    """Return every sample as `name{labels}` and its value."""
    text = metrics if isinstance(metrics, str) else metrics.render().decode()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if " # " not in line}


async def test_ten_thousand_random_paths_add_no_series(tmp_path: Path) -> None:
    async with sample(tmp_path) as http:
        await http.get("/v1/boats/argo")
        await http.get("/nowhere")
        await http.get("/metrics")
        before = values((await http.get("/metrics")).text)
        app = http._transport.app  # type: ignore[attr-defined]  # noqa: SLF001  # as fast as can be: no client in between
        for number in range(RANDOM_PATHS):
            await _get(app, f"/{number}/of/nothing" if number % 2 else f"/v1/boats/{number}")
        after = values((await http.get("/metrics")).text)
    assert after.keys() == before.keys()
    requests = 'http_requests_total{method="GET",route="%s",status="%d"}'
    assert after[requests % ("unmatched", 404)] == before[requests % ("unmatched", 404)] + RANDOM_PATHS / 2
    assert after[requests % ("/v1/boats/{boat_id}", 200)] == 1 + RANDOM_PATHS / 2


async def test_a_made_up_method_adds_no_series_of_its_own(tmp_path: Path) -> None:
    async with sample(tmp_path) as http:
        for method in ("BREW", "PROPFIND", "WHEN"):
            await http.request(method, "/v1/boats/argo")
        found = values((await http.get("/metrics")).text)
    assert found['http_requests_total{method="other",route="/v1/boats/{boat_id}",status="405"}'] == 3


async def test_the_page_is_openmetrics_with_the_trace_of_a_sampled_request_as_exemplar(tmp_path: Path) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    async with sample(tmp_path) as http:
        await http.get("/v1/boats/argo", headers={"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"})
        answer = await http.get("/metrics")
    assert answer.headers["content-type"] == CONTENT_TYPE
    parsed = text_string_to_metric_families(answer.text)  # type: ignore[no-untyped-call]  # untyped library
    families = {family.name: family for family in parsed}
    exemplars = [s.exemplar for s in families["http_request_duration_seconds"].samples if s.exemplar]
    assert [exemplar.labels for exemplar in exemplars] == [{"trace_id": trace_id}]
    build = families["tillhand_build_info"].samples[0]
    assert build.labels == {"service": "sample", "version": "1.2.3"}


async def test_plain_routes_and_probes_have_their_names(tmp_path: Path) -> None:
    async with sample(tmp_path) as http:
        await http.get("/openapi.json")
        await http.get("/health")
        found = values((await http.get("/metrics")).text)
    assert found['http_requests_total{method="GET",route="/openapi.json",status="200"}'] == 1
    assert found['http_requests_total{method="GET",route="/health",status="200"}'] == 1


def test_a_label_outside_its_set_is_dropped_and_counted() -> None:
    metrics = Metrics("sample")
    colours = {"colour": frozenset({"red", "blue"})}
    counter = metrics.counter("paint_total", "Paint used.", colours)
    gauge = metrics.gauge("paint_left", "Paint left.", colours)
    histogram = metrics.histogram("paint_seconds", "Time to dry.", colours, buckets=(1, 2))
    counter.labels("red").inc(3)
    for _ in range(2):
        counter.labels("mauve").inc()
    gauge.labels("mauve").set(5)
    gauge.labels("mauve").inc()
    gauge.labels("mauve").dec()
    histogram.labels("mauve").observe(1)
    found = values(metrics)
    assert found['paint_total{colour="red"}'] == 3
    assert not [name for name in found if "mauve" in name]
    refused = {name: value for name, value in found.items() if name.startswith("tillhand_metrics_refused_total")}
    assert refused['tillhand_metrics_refused_total{metric="paint_total"}'] == 2
    assert refused['tillhand_metrics_refused_total{metric="paint_left"}'] == 3
    assert refused['tillhand_metrics_refused_total{metric="paint_seconds"}'] == 1


def test_a_metric_has_no_more_series_than_the_cap() -> None:
    metrics = Metrics("sample", series_cap=10)
    counter = metrics.counter("sails_total", "Sails.", {"mast": {str(n) for n in range(100)}})
    for number in range(100):
        counter.labels(str(number)).inc()
    found = values(metrics)
    assert len([name for name in found if name.startswith("sails_total")]) == 10
    assert found['tillhand_metrics_refused_total{metric="sails_total"}'] == 90


def test_a_wrong_number_of_labels_is_a_mistake_of_ours() -> None:
    counter = Metrics("sample").counter("sails_total", "Sails.", {"mast": ("main",)})
    with pytest.raises(ValueError, match="takes 1 label values"):
        counter.labels("main", "fore")


def test_a_watched_gauge_is_read_when_it_is_scraped() -> None:
    metrics = Metrics("sample")
    left = [3.0]
    metrics.watch("barrels", "Barrels left.", lambda: left[0])
    assert values(metrics)["barrels"] == 3
    left[0] = 2
    assert values(metrics)["barrels"] == 2


def test_every_metric_is_in_the_catalogue_with_its_labels() -> None:
    metrics = Metrics("sample")
    metrics.counter("sails_total", "Sails.", {"mast": ("main",)})
    metrics.watch("barrels", "Barrels left.", lambda: 1)
    described = {name: (kind, labels) for name, kind, _, labels in metrics.describe()}
    assert described["sails_total"] == ("counter", ("mast",))
    assert described["barrels"] == ("gauge", ())
    assert "tillhand_metrics_refused_total" in described


async def _get(app: object, path: str) -> None:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_message: object) -> None:
        return

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    await app(scope, receive, send)  # type: ignore[operator]  # an ASGI application
