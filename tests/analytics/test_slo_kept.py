"""What was counted of objectives outlives the process that counted it, and no more is claimed than was seen."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analytics.slo_objectives import AVAILABILITY, LATENCY, SLOS
from tests.fakes.shops import HeldSources
from tillhand_analytics.adapters.prometheus import PrometheusObserver
from tillhand_analytics.app import create_app
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.slo.ledger import Ledger
from tillhand_analytics.domain.slo.pages import Page, Series
from tillhand_analytics.service.objectives import KEEP_S, Objectives
from tillhand_analytics.service.reading import Reading
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_analytics.store.counted import FileLedgers
from tillhand_common.metrics import Metrics
from tillhand_common.testing import FakeClock, client

OBJECTIVES = Path(__file__).resolve().parents[2] / "slos"
DAY_MINUTES = 24 * 60
WHOLE = 28 * DAY_MINUTES


def served(ok: float, failed: float = 0) -> dict[Series, float]:
    def series(status: str) -> Series:
        labels = {"method": "GET", "route": "/v1/sales", "status": status}
        return "http_requests_total", frozenset(labels.items())

    return {series("200"): ok, series("503"): failed}


def reopened(ledger: Ledger) -> Ledger:
    """The ledger of the next process."""
    return Ledger(SLOS, ledger.kept())


def test_a_service_that_went_on_meanwhile_is_counted_without_a_gap() -> None:
    ledger = Ledger(SLOS)
    ledger.look(Page(2_000, 1_000, served(100)))
    after = reopened(ledger)
    after.look(Page(9_000, 1_000, served(150, 10)))
    found = after.window("availability", WHOLE, 9_000)
    assert (found.events, found.covered_s) == (160, 8_000)
    assert found.bad_share == pytest.approx(10 / 160)


def test_the_time_in_which_a_service_did_not_run_is_not_covered() -> None:
    ledger = Ledger(SLOS)
    ledger.look(Page(2_000, 1_000, served(100)))
    after = reopened(ledger)
    after.look(Page(9_060, 9_000, served(7)))
    after.look(Page(9_120, 9_000, served(8)))
    whole, hour = (after.window("availability", minutes, 9_120) for minutes in (WHOLE, 60))
    assert (whole.events, whole.covered_s) == (108, 1_000 + 120)
    assert (hour.events, hour.covered_s) == (8, 120)


def test_nothing_is_known_of_a_short_window_in_which_nobody_looked() -> None:
    ledger = Ledger(SLOS)
    ledger.look(Page(2_000, 1_000, served(100)))
    after = reopened(ledger)
    after.look(Page(9_000, 1_000, served(150, 10)))
    assert after.window("availability", 60, 9_000).events == 0


def test_an_objective_that_counts_something_else_begins_anew_and_the_others_go_on() -> None:
    ledger = Ledger(SLOS)
    ledger.look(Page(2_000, 1_000, served(100)))
    other = LATENCY.model_copy(update={"route": "GET /v1/seo"})
    aimed = AVAILABILITY.model_copy(update={"target": 0.99})
    after = Ledger(SLOS.model_copy(update={"objectives": (aimed, other)}), ledger.kept())
    after.look(Page(2_060, 1_000, served(110)))
    assert after.window("availability", WHOLE, 2_060).events == 110
    assert after.window("latency", WHOLE, 2_060).covered_s == 0


def test_a_ledger_that_never_looked_keeps_nothing() -> None:
    assert Ledger(SLOS).kept() is None


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["go on", "restart us", "restart it"])), max_size=25))
def test_however_often_both_restart_all_is_counted_once(steps: list[tuple[int, str]]) -> None:
    ledger, shown, started, happened, seen_s = Ledger(SLOS), 0, 0.0, 0, 0.0
    for turn, (more, what) in enumerate(steps):
        at = 60.0 * (turn + 1)
        if what == "restart us":
            ledger = reopened(ledger)
        if what == "restart it":
            shown, started = 0, at - 20
        shown += more
        happened += more
        seen_s += 20.0 if what == "restart it" else 60.0
        ledger.look(Page(at, started, served(shown)))
    found = ledger.window("availability", WHOLE, 60.0 * len(steps))
    if steps:
        assert (found.events, found.covered_s) == (happened, seen_s)


async def kept(file: Path, ledger: Ledger) -> Mapping[str, Any]:
    told = ledger.kept()
    assert told is not None
    await FileLedgers(file).keep({"analytics": told})
    return await FileLedgers(file).read()


async def test_what_is_kept_is_read_again_as_it_was(tmp_path: Path) -> None:
    ledger = Ledger(SLOS)
    ledger.look(Page(2_000, None, served(100, 3)))
    ledger.look(Page(2_060, 1_000, served(100, 3)))
    file = tmp_path / "folder" / "objectives.json"
    assert await kept(file, ledger) == {"analytics": ledger.kept()}
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "content", ["", "[]", '{"version": 2, "services": {}}', '{"version": 1, "services": {"a": 1}}']
)
async def test_a_file_that_holds_something_else_is_none(tmp_path: Path, content: str) -> None:
    file = tmp_path / "objectives.json"
    assert await FileLedgers(file).read() == {}
    file.write_text(content)
    assert await FileLedgers(file).read() == {}


async def test_a_file_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "objectives.json").mkdir()
    await FileLedgers(tmp_path / "objectives.json").keep({})
    assert await FileLedgers(tmp_path / "objectives.json").read() == {}


@dataclass
class Counted:
    """Counters of a process that began a minute ago and has served nobody."""

    clock: FakeClock

    async def read(self) -> Page:
        now_s = self.clock.now().timestamp()
        return Page(now_s, now_s - 60, served(0))


@dataclass
class Held:
    """Remembers what it was told to keep."""

    kept: list[Mapping[str, Any]] = field(default_factory=list)

    async def read(self) -> Mapping[str, Any]:
        return self.kept[-1] if self.kept else {}

    async def keep(self, ledgers: Mapping[str, Any]) -> None:
        self.kept.append(ledgers)


async def test_what_was_counted_is_kept_now_and_then_and_nothing_is_taken_from_the_future(shop: Shop) -> None:
    clock, held = FakeClock(), Held()
    observer = PrometheusObserver(Metrics("analytics"))
    reading = Reading(HeldSources(shop), clock=clock, observer=observer, every_s=60, again_s=60)

    def objectives(known: Mapping[str, Any]) -> Objectives:
        counters = {"analytics": Counted(clock)}
        given: Any = {"recorded": None, "reading": reading, "ages": observer, "clock": clock, "ledgers": held}
        return Objectives({"analytics": SLOS}, counters, kept=known, **given)

    first = objectives({})
    await first.look()
    assert held.kept == []
    await clock.advance(KEEP_S)
    await first.look()
    (told,) = held.kept
    began = objectives({"analytics": replace(told["analytics"], looked_at_s=told["analytics"].looked_at_s + 60)})
    assert (await began.stand()).services[0].looked_at is None
    assert (await objectives(told).stand()).services[0].looked_at == clock.now()


@asynccontextmanager
async def service(shop: Shop, folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Any]]:
    app = create_app(AnalyticsSettings(data_dir=folder, analytics_slos=OBJECTIVES), sources=HeldSources(shop))
    async with client(app) as http:
        yield http, app


async def test_a_restart_of_the_service_forgets_nothing(shop: Shop, tmp_path: Path) -> None:
    async def availability(http: httpx.AsyncClient) -> dict[str, Any]:
        (found,) = [
            each
            for each in (await http.get("/v1/slo")).json()["objectives"]
            if (each["service"], each["id"]) == ("analytics", "availability")
        ]
        return dict(found)

    async with service(shop, tmp_path) as (http, app):
        for _ in range(3):
            assert (await http.get("/v1/status")).status_code == 200
        await app.state.analytics.objectives.look()
        before = await availability(http)
    file = tmp_path / "analytics" / "objectives.json"
    (points,) = [
        each
        for name, each in json.loads(file.read_text())["services"]["analytics"]["histories"].items()
        if name.startswith("availability")
    ]
    assert points[-1][1] >= 4, "the last requests were counted at the end"
    async with service(shop, tmp_path) as (http, _):
        after = await availability(http)
    assert after["covered_s"] >= before["covered_s"] > 0
    assert (after["measured"], after["covers_window"]) == (1.0, False)
