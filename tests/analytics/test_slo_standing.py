"""Where objectives stand: met, at risk, burning, missed, or nobody knows."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from shutil import which

import pytest

from tests.analytics.slo_objectives import AVAILABILITY, SLOS
from tillhand_analytics.adapters.metrics_page import MetricsPage
from tillhand_analytics.adapters.prometheus_server import PrometheusServer
from tillhand_analytics.domain.slo.counting import events
from tillhand_analytics.domain.slo.history import Window
from tillhand_analytics.domain.slo.standing import Standing, standing, standings
from tillhand_common.clock import SystemClock
from tillhand_common.errors import UpstreamProtocolError
from tillhand_common.http import UpstreamClient
from tillhand_common.metrics import CONTENT_TYPE, Metrics
from tillhand_common.slo_burns import MINUTES_PER_DAY, WINDOWS
from tillhand_common.testing import FakeUpstream, Reply

WHOLE = 28 * MINUTES_PER_DAY
DAY_S = 86_400


def stands(bad_share: float | None, **windows: Window) -> Standing:
    """The availability objective, with the same share of failures in every window but those given, such as `w5`."""
    even = {minutes: Window(bad_share, 1000.0, minutes * 60.0) for minutes in (*WINDOWS, WHOLE)}
    given = {int(name.removeprefix("w")): window for name, window in windows.items()}
    return standing(SLOS, AVAILABILITY, even | given)


def test_an_objective_without_failures_is_met_and_has_its_whole_budget() -> None:
    found = stands(0.0)
    assert (found.state, found.budget_left, found.measured, found.alert) == ("met", 1.0, 1.0, None)
    assert found.covers_window
    assert [each.window for each in found.burn_rates] == ["5m", "30m", "1h", "2h", "6h", "1d", "3d"]


def test_a_budget_that_is_nearly_used_up_is_at_risk() -> None:
    found = stands(0.0, **{f"w{WHOLE}": Window(0.0008, 1000, WHOLE * 60.0)})
    assert found.state == "at_risk"
    assert found.budget_left == pytest.approx(0.2)


def test_a_budget_that_is_overdrawn_is_missed_though_nothing_burns_now() -> None:
    found = stands(0.0, **{f"w{WHOLE}": Window(0.003, 1000, WHOLE * 60.0)})
    assert found.state == "missed"
    assert found.budget_left == pytest.approx(-2.0)


def test_the_fastest_alert_that_would_fire_is_named() -> None:
    found = stands(0.0145)
    assert (found.state, found.alert, found.severity) == ("burning", "TillhandErrorBudgetBurnFast", "page")
    slower = stands(0.0145, w5=Window(0.0, 100, 300))
    assert (slower.state, slower.alert) == ("burning", "TillhandErrorBudgetBurnBrisk")


def test_too_few_requests_set_nothing_on_fire() -> None:
    few = {f"w{minutes}": Window(1.0, 9, minutes * 60.0) for minutes in WINDOWS}
    assert stands(0.0, **few).state == "met"


def test_without_events_nobody_knows() -> None:
    found = standing(SLOS, AVAILABILITY, {})
    assert (found.state, found.budget_left, found.measured, found.covered_s) == ("no_data", None, None, 0.0)
    assert not found.covers_window


def test_all_objectives_of_all_services_are_told_in_order() -> None:
    other = SLOS.model_copy(update={"service": "aaa"})
    found = standings({"analytics": SLOS, "aaa": other}, lambda *_: Window(0.0, 1.0, 1.0))
    assert [(each.service, each.objective.id) for each in found] == [
        (service, objective.id) for service in ("aaa", "analytics") for objective in SLOS.objectives
    ]


@pytest.fixture
async def upstream() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream.start() as upstream:
        yield upstream


async def test_a_peer_s_page_is_read_without_a_key(upstream: FakeUpstream) -> None:
    metrics = Metrics("rag")
    metrics.data_age(("shopify",)).labels("shopify").observe(1)
    upstream.fixed["/metrics"] = Reply(body=metrics.render(), headers={"content-type": CONTENT_TYPE})
    async with UpstreamClient("rag", upstream.base_url) as http:
        page = await MetricsPage(http, SystemClock()).read()
    assert events(page.counters, SLOS.objectives[2]).total == 1
    assert "authorization" not in upstream.requests[0].headers


async def test_a_peer_that_shows_something_else_is_told(upstream: FakeUpstream) -> None:
    upstream.default = Reply(body=b"<html>")
    async with UpstreamClient("rag", upstream.base_url) as http:
        with pytest.raises(UpstreamProtocolError, match="OpenMetrics"):
            await MetricsPage(http, SystemClock()).read()


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "error", "error": "no"},
        {"status": "success", "data": {"resultType": "matrix", "result": []}},
        {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1]}]}},
        [],
    ],
)
async def test_a_server_that_answers_something_else_is_told(upstream: FakeUpstream, answer: object) -> None:
    upstream.default = Reply.json(answer)
    async with UpstreamClient("prometheus", upstream.base_url) as http:
        with pytest.raises(UpstreamProtocolError):
            await PrometheusServer(http).windows({"analytics": SLOS})


RECORDED = """# TYPE tillhand:slo_errors:ratio_rate5m gauge
tillhand:slo_errors:ratio_rate5m{{service="analytics",objective="availability"}} 0.5 {now}
# TYPE tillhand:slo_errors:ratio_rate1h gauge
tillhand:slo_errors:ratio_rate1h{{service="analytics",objective="availability"}} 0.25 {now}
tillhand:slo_errors:ratio_rate1h{{service="analytics",objective="latency"}} NaN {now}
# TYPE tillhand:slo_requests:increase5m gauge
tillhand:slo_requests:increase5m{{service="analytics",objective="availability"}} 20 {now}
# TYPE tillhand:slo_budget_used:ratio gauge
tillhand:slo_budget_used:ratio{{service="analytics",objective="availability"}} 0.5 {now}
# TYPE up gauge
up{{job="tillhand-analytics"}} 1 {begun}
up{{job="tillhand-analytics"}} 1 {now}
# EOF
"""


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[str]:
    """A real server over two days of recorded series."""
    now = time.time()
    (tmp_path / "series.txt").write_text(RECORDED.format(now=now - 5, begun=now - 2 * DAY_S))
    (tmp_path / "prometheus.yml").write_text("{}\n")
    create = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "series.txt", "data"]
    subprocess.run(create, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    options = ("--config.file=prometheus.yml", "--storage.tsdb.path=data", f"--web.listen-address={address}")
    with subprocess.Popen(["prometheus", *options], cwd=tmp_path, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert any("ready to receive web requests" in line for line in running.stderr), "it ended before it was ready"
        try:
            yield f"http://{address}"
        finally:
            running.terminate()


@pytest.mark.skipif(not (which("prometheus") and which("promtool")), reason="Debian's package prometheus is not there")
async def test_a_real_server_tells_what_its_rules_recorded_and_for_how_long(prometheus: str) -> None:
    async with UpstreamClient("prometheus", prometheus) as http:
        found = await PrometheusServer(http).windows({"analytics": SLOS})
    availability = {minutes: found["analytics", "availability", minutes] for minutes in (5, 60, WHOLE)}
    assert availability[5] == Window(0.5, 20.0, 300.0)
    assert (availability[60].bad_share, availability[60].events) == (0.25, None)
    assert availability[WHOLE].bad_share == pytest.approx(0.0005)
    assert availability[WHOLE].covered_s == pytest.approx(2 * DAY_S, rel=0.01)
    assert found["analytics", "latency", 60].bad_share is None
    stands = standings({"analytics": SLOS}, lambda *key: found[key])
    assert stands[0].alert == "TillhandErrorBudgetBurnFast"
    assert not stands[0].covers_window
