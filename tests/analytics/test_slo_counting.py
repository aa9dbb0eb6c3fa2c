"""Counters of a service, from one look to the next, and what an objective makes of them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analytics.slo_objectives import AVAILABILITY, FRESHNESS, LATENCY, SLOS
from tillhand_analytics.adapters.metrics_page import PageError, parse_page
from tillhand_analytics.domain.slo.counting import Events, events
from tillhand_analytics.domain.slo.history import NOTHING, History
from tillhand_analytics.domain.slo.ledger import Ledger
from tillhand_analytics.domain.slo.pages import Meter, Page, Series
from tillhand_common.metrics import Metrics
from tillhand_common.red import METHODS, STATUSES

DAY_S = 86_400.0


def counter(**values: float) -> dict[Series, float]:
    return {(name, frozenset()): value for name, value in values.items()}


def page(at_s: float, started_s: float | None, **values: float) -> Page:
    return Page(at_s, started_s, counter(**values))


def grown(meter: Meter[Series], shown: Page) -> Mapping[Series, float]:
    return meter.growth(shown.at_s, shown.started_s, shown.counters).counted


def requests(ok: float, failed: float, route: str = "/v1/sales") -> dict[Series, float]:
    def series(status: str) -> Series:
        return "http_requests_total", frozenset({("method", "GET"), ("route", route), ("status", status)})

    return {series("200"): ok, series("503"): failed}


def test_a_first_page_counts_everything_since_its_process_began() -> None:
    assert grown(Meter(), page(100, 50, a=7)) == counter(a=7)


def test_a_counter_grows_by_the_difference() -> None:
    meter: Meter[Series] = Meter()
    grown(meter, page(100, 50, a=7))
    assert grown(meter, page(130, 50, a=9, b=1)) == counter(a=2, b=1)


def test_a_restarted_process_begins_at_zero_even_where_it_has_counted_more_than_before() -> None:
    meter: Meter[Series] = Meter()
    grown(meter, page(100, 50, a=7))
    assert grown(meter, page(130, 110, a=9)) == counter(a=9)


def test_a_counter_that_shrank_has_begun_anew_where_no_start_is_told() -> None:
    meter: Meter[Series] = Meter()
    grown(meter, page(100, None, a=7))
    assert grown(meter, page(130, None, a=3)) == counter(a=3)


def test_another_replica_behind_the_same_address_is_not_counted_twice() -> None:
    meter: Meter[Series] = Meter()
    grown(meter, page(100, 50, a=7))
    assert grown(meter, page(130, 60, a=1000)) == counter(a=0)
    assert grown(meter, page(160, 50, a=8)) == counter(a=1)
    assert grown(meter, page(190, 60, a=1002)) == counter(a=2)


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1, max_size=30))
def test_whatever_restarts_growth_adds_up_to_what_happened(steps: list[tuple[int, bool]]) -> None:
    meter: Meter[Series] = Meter()
    shown = started = seen = happened = 0.0
    for turn, (more, restarts) in enumerate(steps):
        at = 10.0 * (turn + 1)
        if restarts:
            shown, started = 0.0, at - 5
        shown += more
        happened += more
        seen += grown(meter, page(at, started, a=shown)).get(("a", frozenset()), 0.0)
    assert seen == happened


def test_a_failed_request_is_bad_for_availability_and_a_probe_is_none() -> None:
    counters = {**requests(90, 10), **requests(5, 500, "/ready")}
    assert events(counters, AVAILABILITY) == Events(100, 10)


def test_a_page_of_the_chassis_is_counted_as_its_metrics_say() -> None:
    metrics = Metrics("analytics")
    routes = frozenset({"/v1/sales", "/v1/seo"})
    served = metrics.counter(
        "http_requests_total", "Requests.", {"method": METHODS, "route": routes, "status": STATUSES}
    )
    served.labels("GET", "/v1/sales", "200").inc(3)
    served.labels("GET", "/v1/seo", "500").inc()
    timed = metrics.histogram("http_request_duration_seconds", "Time.", {"method": METHODS, "route": routes})
    for seconds in (0.05, 0.1, 0.2):
        timed.labels("GET", "/v1/sales").observe(seconds)
    timed.labels("GET", "/v1/seo").observe(9)
    ages = metrics.data_age(("shopify", "ga4"))
    ages.labels("shopify").observe(30 * 3600)
    ages.labels("shopify").observe(40 * 3600)
    ages.labels("ga4").observe(999 * 3600)
    found = parse_page(metrics.render().decode(), 1_800_000_000.0)
    assert events(found.counters, AVAILABILITY) == Events(4, 1)
    assert events(found.counters, LATENCY) == Events(3, 1)
    assert events(found.counters, FRESHNESS) == Events(2, 1)
    assert found.started_s is not None
    assert found.started_s < 1_800_000_000.0


@pytest.mark.parametrize("text", ["<html>", "a 1\n", "# TYPE a counter\na_total many\n# EOF\n"])
def test_what_is_no_page_is_refused(text: str) -> None:
    with pytest.raises(PageError, match="not OpenMetrics"):
        parse_page(text, 0.0)


def test_a_history_that_is_shorter_than_the_window_says_what_it_covers() -> None:
    history = History(28 * DAY_S)
    history.begin(1000)
    history.add(1060, Events(10, 1))
    found = history.window(1060, 3600)
    assert (found.events, found.bad_share, found.covered_s) == (10, 0.1, 60)


def test_a_history_without_a_point_near_the_window_s_beginning_knows_nothing_of_it() -> None:
    history = History(28 * DAY_S)
    history.begin(0)
    history.add(3 * DAY_S, Events(1000, 10))
    assert history.window(3 * DAY_S, 300) == NOTHING
    assert history.window(3 * DAY_S, 3 * DAY_S).events == 1000


def test_a_window_without_events_has_no_share() -> None:
    history = History(28 * DAY_S)
    history.begin(0)
    history.add(300, Events(0, 0))
    assert history.window(300, 300).bad_share is None


def test_nobody_looked_within_the_window() -> None:
    history = History(28 * DAY_S)
    history.begin(0)
    history.add(300, Events(5, 0))
    assert history.window(10_000, 300) == NOTHING
    assert History(DAY_S).window(0, 300) == NOTHING


@settings(max_examples=20)
@given(st.integers(20, 45), st.integers(300, 2000), st.sampled_from([300, 3600, 6 * 3600, int(DAY_S)]))
def test_every_window_is_answered_nearly_as_long_as_it_is(step_s: int, looks: int, length_s: int) -> None:
    history = History(28 * DAY_S)
    history.begin(0)
    for turn in range(1, looks + 1):
        history.add(turn * step_s, Events(1, turn % 2))
    end = looks * step_s
    found = history.window(end, length_s)
    assert found.covered_s <= length_s * 1.25
    assert found.covered_s >= min(length_s, end)
    assert found.events == pytest.approx(found.covered_s / step_s)
    assert len(history.points) < 400


def test_what_is_older_than_the_longest_window_is_forgotten() -> None:
    history = History(DAY_S)
    history.begin(0)
    for hour in range(1, 100):
        history.add(hour * 3600.0, Events(1, 0))
    assert history.window(99 * 3600.0, 10 * DAY_S).covered_s < 1.2 * DAY_S


def test_a_ledger_counts_from_the_process_start_and_says_so() -> None:
    ledger = Ledger(SLOS)
    ledger.look(Page(2000, 1000, requests(100, 0)))
    ledger.look(Page(2030, 1000, requests(150, 10)))
    whole = ledger.window("availability", 28 * 24 * 60, 2030)
    assert (whole.events, whole.covered_s) == (160, 1030)
    assert ledger.window("nothing", 5, 2030) == NOTHING
    assert ledger.looked_at_s == 2030


def test_a_page_that_tells_no_start_only_gives_counts_to_compare_with() -> None:
    ledger = Ledger(SLOS)
    ledger.look(Page(2000, None, requests(100, 5)))
    ledger.look(Page(2030, None, requests(150, 5)))
    found = ledger.window("availability", 5, 2030)
    assert (found.events, found.bad_share, found.covered_s) == (50, 0.0, 30)


def test_labels_that_a_rule_does_not_ask_for_change_nothing() -> None:
    def more(labels: Mapping[str, str]) -> dict[Series, float]:
        return {("http_requests_total", frozenset({**labels, "method": "GET", "route": "/v1/a"}.items())): 2.0}

    assert events(more({"status": "200", "pod": "a"}) | more({"status": "200", "pod": "b"}), AVAILABILITY) == Events(
        4, 0
    )
