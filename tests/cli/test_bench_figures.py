"""What a load run computes: percentiles, shares of the load, verdicts, comparisons and the chart."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.bench_runs import CONDITIONS, latency, measured, report
from tillhand_cli.bench.chart import draw
from tillhand_cli.bench.comparison import compare
from tillhand_cli.bench.plan import (
    ANSWER,
    ASKED_AGAIN,
    LIST,
    READING,
    SEARCH_AGAIN,
    SEARCH_NEW,
    TEXT,
    UPLOAD,
    Material,
    Plan,
    apportioned,
)
from tillhand_cli.bench.statistics import quantile
from tillhand_cli.bench.verdicts import judge
from tillhand_common.slos import Availability, Freshness, Objective

MATERIAL = Material("default", [f"question {number}" for number in range(30)], ["one", "two:2"])
AVAILABLE = Objective(
    id="availability", description="Everything is served.", indicator=Availability(kind="availability"), target=0.999
)


@given(
    values=st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=300),
    percent=st.sampled_from([1, 50, 90, 95, 99, 100]),
)
def test_a_quantile_is_the_smallest_value_that_its_share_does_not_exceed(values: list[float], percent: int) -> None:
    found = quantile(sorted(values), percent / 100)
    enough = [
        value for value in values if Fraction(sum(v <= value for v in values), len(values)) >= Fraction(percent, 100)
    ]
    assert found == min(enough)


@given(
    values=st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=300),
    share=st.sampled_from([0.5, 0.75, 0.875, 1.0]),  # exact in binary, so that no rounding of numpy's decides
)
def test_a_quantile_is_numpys(values: list[float], share: float) -> None:
    assert quantile(sorted(values), share) == np.quantile(values, share, method="inverted_cdf")


@given(values=st.lists(st.integers(0, 200), min_size=1, max_size=200), threshold_ms=st.integers(0, 200))
def test_the_95th_percentile_is_within_a_threshold_exactly_when_95_percent_are(
    values: list[int], threshold_ms: int
) -> None:
    within = sum(value <= threshold_ms for value in values) * 20 >= len(values) * 19
    assert (quantile(sorted(values), 0.95) <= threshold_ms) is within


def test_percentiles_of_a_hundred_values_are_those_values() -> None:
    routes = report(measured({LIST: [float(ms) for ms in range(1, 101)]}, elapsed_s=4.0)).routes
    (figures,) = routes
    assert (figures.p50_ms, figures.p95_ms, figures.p99_ms, figures.max_ms) == (50, 95, 99, 100)
    assert (figures.count, figures.errors, figures.throughput_per_s) == (100, 0, 25.0)


def test_nothing_is_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        quantile([], 0.5)


@given(count=st.integers(1, 5_000))
def test_the_load_is_divided_by_the_shares_to_the_last_request(count: int) -> None:
    given_to = apportioned(count, READING)
    total = sum(kind.share for kind in READING)
    assert sum(given_to.values()) == count
    assert all(abs(times - Fraction(count * kind.share, total)) < 1 for kind, times in given_to.items())


def test_one_seed_gives_one_order_and_another_seed_another() -> None:
    def kinds(seed: int) -> list[str]:
        return [request.kind.id for request in Plan(MATERIAL, seed=seed, token="t").mix(100)]

    assert kinds(1) == kinds(1)
    assert kinds(1) != kinds(2)
    assert Counter(kinds(1)) == {"search-new": 30, "search-again": 20, "answer": 25, "list": 10, "text": 15}


def test_a_new_question_is_never_asked_twice_and_the_others_were_asked_in_the_warm_up() -> None:
    plan = Plan(MATERIAL, seed=1, token="t", scratch="bench-t")
    before, requests = plan.warm_up(20), plan.mix(400)
    new = [dict(each.body or {}) for each in before + requests if each.kind in {SEARCH_NEW, ANSWER}]
    asked = [body.get("query") or body["question"] for body in new]
    assert len(set(asked)) == len(asked)
    warm = {dict(each.body or {})["query"] for each in before[:ASKED_AGAIN]}
    assert len(warm) == ASKED_AGAIN
    assert {dict(each.body or {})["query"] for each in requests if each.kind is SEARCH_AGAIN} <= warm
    uploads = [dict(each.body or {}) for each in requests if each.kind is UPLOAD]
    assert {body["collection"] for body in uploads} == {"bench-t"}
    assert len({body["text"] for body in uploads}) == len(uploads)
    assert {each.path for each in requests if each.kind is TEXT} == {
        "/v1/documents/one/text?collection=default",
        "/v1/documents/two%3A2/text?collection=default",
    }


def test_a_latency_objective_holds_when_every_kind_of_its_route_keeps_it() -> None:
    fast, slow = [10.0] * 95 + [900.0] * 5, [10.0] * 94 + [900.0] * 6
    (met,) = judge([latency()], measured({SEARCH_NEW: fast, SEARCH_AGAIN: fast}))
    assert (met.verdict, met.measured, met.unit) == ("met", 10.0, "ms")
    (missed,) = judge([latency()], measured({SEARCH_NEW: slow, SEARCH_AGAIN: [10.0] * 900}))
    assert (missed.verdict, missed.measured, missed.kind) == ("missed", 900.0, "POST /v1/search (new question)")


def test_what_was_not_asked_is_not_judged_and_what_only_failed_is_missed() -> None:
    (unmeasured,) = judge([latency(route="POST /v1/documents")], measured({SEARCH_NEW: [1.0]}))
    assert (unmeasured.verdict, unmeasured.measured) == ("not measured", None)
    (failed,) = judge([latency()], measured({SEARCH_NEW: []}, failures={SEARCH_NEW: {"500": 3}}))
    assert (failed.verdict, failed.measured) == ("missed", None)
    assert judge([AVAILABLE], measured({SEARCH_NEW: []}))[0].verdict == "not measured"


def test_availability_counts_every_failure_of_every_route() -> None:
    good = measured({SEARCH_NEW: [1.0] * 999, LIST: [1.0] * 1000}, failures={LIST: {"503": 1}})
    (met,) = judge([AVAILABLE], good)
    assert (met.verdict, met.measured) == ("met", 1999 / 2000)
    (missed,) = judge([AVAILABLE], measured({SEARCH_NEW: [1.0] * 998}, failures={SEARCH_NEW: {"404": 1}}))
    assert (missed.verdict, missed.measured) == ("missed", 998 / 999)


def test_how_old_data_are_is_not_measured_by_requests() -> None:
    indicator = Freshness(kind="freshness", source="shopify", max_age_hours=36.0)
    fresh = Objective(id="freshness", description="Orders are in time.", indicator=indicator, target=0.95)
    assert judge([fresh], measured({SEARCH_NEW: [1.0] * 9}))[0].verdict == "not measured"


def test_a_comparison_gives_the_relative_change_and_what_was_not_alike() -> None:
    before = report(measured({LIST: [10.0] * 10, TEXT: [1.0]}, elapsed_s=2.0))
    unlike = CONDITIONS.model_copy(update={"concurrency": 8})
    now = report(measured({LIST: [15.0] * 10, SEARCH_NEW: [1.0]}, elapsed_s=1.0), unlike)
    found = compare(before, now)
    assert {change.kind for change in found.changes} == {"list"}
    by_figure = {change.figure: (change.before, change.now, change.change) for change in found.changes}
    assert by_figure["p95_ms"] == (10.0, 15.0, 0.5)
    assert by_figure["throughput_per_s"] == (5.0, 10.0, 1.0)
    assert found.unlike == {"concurrency": (4, 8)}
    failed = report(measured({LIST: []}, failures={LIST: {"500": 1}}))
    assert {change.change for change in compare(failed, now).changes} == {None}


def test_the_chart_is_well_formed_and_shows_every_route_with_its_target() -> None:
    run = measured({kind: [float(ms) for ms in range(1, 200)] for kind in READING})
    drawn = draw(run, [latency(), latency(route="POST /v1/answers", threshold_ms=250)], CONDITIONS)
    root = fromstring(drawn)
    texts = [
        (node.text or "").strip() for node in root.iter() if node.tag.endswith("text") or node.tag.endswith("title")
    ]
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert {kind.label for kind in READING} <= set(texts)
    assert texts.count("100 ms") == 3, "one tick, and a target for both kinds of search"
    assert texts.count("250 ms") == 1
    assert texts.count("p95 190 ms") == len(READING)
    assert any("closed loop, 4 clients" in text for text in texts)


@pytest.mark.parametrize("run", [measured({}), measured({LIST: []}), measured({LIST: [0.0]}), measured({LIST: [1e7]})])
def test_a_chart_of_little_or_of_extremes_is_still_a_chart_and_loads_nothing(run: object) -> None:
    drawn = draw(run, [latency()], CONDITIONS)  # type: ignore[arg-type]  # parametrised
    root = fromstring(drawn)
    assert not [node for node in root.iter() if str(node.tag).endswith("script")]
    assert "href" not in drawn.replace("xlink", "")
