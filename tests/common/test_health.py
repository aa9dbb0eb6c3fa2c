"""Alive and ready: what the probes say, and that they wait for nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI
from structlog.testing import capture_logs

from tillhand_common import logs
from tillhand_common.app import ServiceSpec, create_app
from tillhand_common.health import OK, Check, CheckResult, Readiness
from tillhand_common.keys import KeyStore, store_path
from tillhand_common.settings import CommonSettings
from tillhand_common.testing import FakeClock, client, running, settle


class Lever:
    """A check whose result a test sets."""

    def __init__(self, result: CheckResult = OK) -> None:
        self.result = result
        self.runs = 0

    async def __call__(self) -> CheckResult:
        """Return the present result."""
        self.runs += 1
        return self.result


def service(data_dir: Path, *checks: Check, clock: FakeClock | None = None) -> FastAPI:
    """Return a service that has nothing but checks."""
    spec = ServiceSpec(
        "harbour", "1", "Harbour", "", CommonSettings(data_dir=data_dir), checks=checks, clock=clock or FakeClock()
    )
    return create_app(spec)


@asynccontextmanager
async def opened(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client once each check has run."""
    async with client(app) as http:
        await settle()
        yield http


async def test_ready_shows_each_check_with_status_time_and_age(tmp_path: Path) -> None:
    clock = FakeClock()
    store = Check("store", Lever(CheckResult("ok", "open", {"documents": 3})), interval_s=60)
    async with opened(service(tmp_path, store, clock=clock)) as http:
        await clock.advance(7)
        answer = await http.get("/ready")
    assert answer.status_code == 200
    document = answer.json()
    assert (document["status"], document["service"], document["time"]) == (
        "ready",
        "harbour",
        "2026-01-01T00:00:07.000Z",
    )
    assert document["checks"]["store"] == {
        "status": "ok",
        "critical": True,
        "detail": "open",
        "time": "2026-01-01T00:00:00.000Z",
        "age_s": 7,
        "duration_ms": 0,
        "data": {"documents": 3},
    }


async def test_a_failing_critical_check_makes_the_service_not_ready(tmp_path: Path) -> None:
    clock, store = FakeClock(), Lever()
    async with opened(service(tmp_path, Check("store", store, interval_s=5), clock=clock)) as http:
        assert (await http.get("/ready")).status_code == 200
        store.result = CheckResult("failed", "the disk is full")
        await clock.advance(5)
        answer = await http.get("/ready")
        store.result = OK
        await clock.advance(5)
        assert (await http.get("/ready")).status_code == 200
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert (document["type"], document["readiness"]) == ("urn:tillhand:problem:not-ready", "not-ready")
    assert document["checks"]["store"]["detail"] == "the disk is full"


@pytest.mark.parametrize("status", ["degraded", "failed"])
async def test_what_is_not_critical_only_degrades(tmp_path: Path, status: str) -> None:
    upstream = Lever(CheckResult("degraded" if status == "degraded" else "failed", "breaker open"))
    async with opened(service(tmp_path, Check("upstream", upstream, critical=False), Check("store", Lever()))) as http:
        answer = await http.get("/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")


async def test_traffic_is_asked_for_without_what_only_people_need(tmp_path: Path) -> None:
    assistant = Check("assistant", Lever(CheckResult("failed")), traffic=False)
    async with opened(service(tmp_path, assistant, Check("store", Lever()))) as http:
        everything, traffic = await http.get("/ready"), await http.get("/ready?for=traffic")
    assert everything.status_code == 503
    assert traffic.status_code == 200
    assert list(traffic.json()["checks"]) == ["store"]


async def test_a_service_whose_critical_check_has_not_run_yet_is_not_ready_and_says_so_at_once(tmp_path: Path) -> None:
    async def never() -> CheckResult:
        await asyncio.Event().wait()
        return OK

    async with asyncio.timeout(10), opened(service(tmp_path, Check("model", never, timeout_s=600))) as http:
        answer = await http.get("/ready")
        assert (await http.get("/health")).status_code == 200
    assert answer.status_code == 503
    assert answer.json()["checks"]["model"] == {"status": "pending", "critical": True, "detail": "not checked yet"}


async def test_a_check_that_raises_or_hangs_has_failed_and_tells_no_foreign_text(tmp_path: Path) -> None:
    async def raises() -> CheckResult:
        raise ConnectionError("password=hunter2")

    async def hangs() -> CheckResult:
        await asyncio.Event().wait()
        return OK

    app = service(tmp_path, Check("raises", raises), Check("hangs", hangs, timeout_s=0.01))
    async with client(app) as http:
        await app.state.chassis.readiness.refresh()
        answer = await http.get("/ready")
    checks = answer.json()["checks"]
    assert checks["raises"]["detail"] == "ConnectionError"
    assert checks["hangs"]["detail"] == "no answer within 0.01 s"
    assert "hunter2" not in answer.text


@pytest.fixture
def lines() -> Iterator[list[MutableMapping[str, Any]]]:
    """Return what is logged, whatever level an earlier test's service has set."""
    logs.configure_events("harbour", "info", "json")
    with capture_logs() as written:
        yield written
    structlog.reset_defaults()


@pytest.mark.parametrize(("critical", "level"), [(True, "error"), (False, "warning")])
async def test_a_check_that_fails_leaves_one_line_above_info(
    lines: list[MutableMapping[str, Any]], critical: bool, level: str
) -> None:
    store, readiness = Lever(), Readiness(FakeClock())
    readiness.add(Check("store", store, critical=critical))
    for result in (OK, CheckResult("failed"), CheckResult("failed"), CheckResult("degraded"), OK):
        store.result = result
        await readiness.refresh()
    assert [(line["log_level"], line["was"], line["status"]) for line in lines] == [
        ("info", "pending", "ok"),
        (level, "ok", "failed"),
        ("info", "failed", "degraded"),
        ("info", "degraded", "ok"),
    ]
    assert {(line["event"], line["check"]) for line in lines} == {("check_changed", "store")}


async def test_ready_runs_no_check_itself(tmp_path: Path) -> None:
    store = Lever()
    async with opened(service(tmp_path, Check("store", store))) as http:
        for _ in range(20):
            await http.get("/ready")
    assert store.runs == 1


async def test_a_check_added_while_the_service_runs_is_watched_at_once() -> None:
    clock, lever = FakeClock(), Lever()
    readiness = Readiness(clock)
    readiness.start()
    readiness.add(Check("late", lever, interval_s=1))
    await clock.advance(3)
    assert lever.runs == 4
    await readiness.stop()


def test_two_checks_of_one_name_are_a_mistake_of_ours() -> None:
    readiness = Readiness(FakeClock())
    readiness.add(Check("store", Lever()))
    with pytest.raises(ValueError, match="already a check named store"):
        readiness.add(Check("store", Lever()))


async def test_figures_are_told_to_whoever_has_a_key_or_is_local_and_the_verdict_to_everybody(tmp_path: Path) -> None:
    app = service(tmp_path, Check("store", Lever(CheckResult("ok", "open", {"documents": 3}))))
    token = KeyStore(store_path(tmp_path)).create("monitor", "agent").token
    async with opened(app) as http:
        local = await http.get("/ready")
        proxied = {"x-forwarded-for": "203.0.113.7"}
        stranger = await http.get("/ready", headers=proxied)
        bad_key = await http.get("/ready", headers={"authorization": "Bearer no"})
        known = await http.get("/ready", headers={**proxied, "authorization": f"Bearer {token}"})
    assert [answer.status_code for answer in (local, stranger, bad_key, known)] == [200] * 4
    told = [answer.json()["checks"]["store"] for answer in (local, stranger, bad_key, known)]
    assert [check.pop("data", None) for check in told] == [{"documents": 3}, None, None, {"documents": 3}]
    assert told[1] == {**told[0], "age_s": told[1]["age_s"]}


@pytest.mark.parametrize("path", ["/health", "/ready"])
async def test_probes_answer_head_like_get_without_a_body(tmp_path: Path, path: str) -> None:
    async with (
        running(service(tmp_path, clock=FakeClock())) as url,
        httpx.AsyncClient(base_url=url) as http,
    ):
        head, get = await http.head(path), await http.get(path)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(get.content)), b"")


async def test_health_says_who_answers(tmp_path: Path) -> None:
    async with opened(service(tmp_path)) as http:
        answer = await http.get("/health")
    assert answer.json() == {"status": "ok", "service": "harbour", "version": "1"}


async def test_an_unknown_purpose_of_ready_is_refused(tmp_path: Path) -> None:
    async with opened(service(tmp_path)) as http:
        assert (await http.get("/ready?for=fun")).status_code == 422


async def test_what_checks_find_is_a_metric(tmp_path: Path) -> None:
    clock, store = FakeClock(), Lever(CheckResult("failed", "the disk is full"))
    checks = (Check("store", store, interval_s=5), Check("feed", Lever(CheckResult("degraded")), critical=False))
    async with opened(service(tmp_path, *checks, clock=clock)) as http:
        failed = (await http.get("/metrics")).text
        store.result = OK
        await clock.advance(5)
        mended = (await http.get("/metrics")).text
    assert 'tillhand_check_state{check="store",critical="true"} 2.0' in failed
    assert 'tillhand_check_state{check="feed",critical="false"} 1.0' in failed
    assert 'tillhand_check_state{check="store",critical="true"} 0.0' in mended
