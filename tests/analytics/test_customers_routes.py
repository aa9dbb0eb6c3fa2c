"""Customers over HTTP: lifetime values, segments, cohorts, retention."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import pytest

from tests.fakes.shops import HeldSources, with_orders
from tillhand_analytics.app import create_app
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.models.base import Out
from tillhand_analytics.models.customers import ClvOut, CohortOut, ScoreOut, SegmentOut, TrackingOut
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.testing import client
from tillhand_mockshop import generator

TABLES: dict[str, type[Out]] = {
    "clv": ClvOut,
    "clv/tracking": TrackingOut,
    "rfm": SegmentOut,
    "rfm/customers": ScoreOut,
    "cohorts": CohortOut,
}
Row = dict[str, Any]


async def told(http: httpx.AsyncClient, path: str, **parameters: object) -> Row:
    answer = await http.get(f"/v1/sales/{path}", params={key: str(value) for key, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    assert answer.headers["tillhand-mode"] == "mock"
    body: Row = answer.json()
    return body


async def all_rows(http: httpx.AsyncClient, path: str, **parameters: object) -> list[Row]:
    rows: list[Row] = []
    cursor: dict[str, object] = {}
    while True:
        body = await told(http, path, limit=1_000, **parameters, **cursor)
        rows += body["items"]
        if body["next_cursor"] is None:
            assert len(rows) == body["total"]
            return rows
        cursor = {"cursor": body["next_cursor"]}


def counted() -> dict[str, dict[date, int]]:
    """What each customer paid by day, from the generator's own objects."""
    shop = generator.shop()
    paid: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    zone = ZoneInfo(shop.time_zone)
    for order in shop.orders:
        if order.cancelled_at is None:
            day = order.created_at.astimezone(zone).date()
            back = sum(refund.amount_minor for refund in order.refunds)
            paid[f"gid://shopify/Customer/{order.customer_id}"][day] += order.total_minor - back
    return paid


@pytest.fixture
async def empty(shop: Shop, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A shop in which nobody has bought."""
    bare = with_orders(shop, np.zeros(len(shop.orders.ids), np.bool_))
    async with client(create_app(AnalyticsSettings(data_dir=tmp_path), sources=HeldSources(bare))) as http:
        yield http


@pytest.mark.parametrize("path", TABLES)
async def test_rows_agree_with_their_model_and_files_with_the_rows(analytics: httpx.AsyncClient, path: str) -> None:
    body = await told(analytics, path, limit=1_000)
    for row in body["items"]:
        TABLES[path].model_validate(row)
        assert list(row) == list(TABLES[path].model_fields)
    exported = await analytics.get(f"/v1/sales/{path}/export.csv")
    assert exported.status_code == 200
    read = list(csv.DictReader(io.StringIO(exported.text)))
    assert len(read) == body["total"] == int(exported.headers["tillhand-rows"])
    first = body["items"][0]
    for name, cell in read[0].items():
        told_as = first[name]
        if isinstance(told_as, bool) or told_as is None:
            assert cell.lower() == ("" if told_as is None else str(told_as).lower())
        elif isinstance(told_as, float):
            assert float(cell) == told_as
        else:
            assert cell == str(told_as)
    parquet = await analytics.get(f"/v1/sales/{path}/export.parquet")
    assert parquet.content[:4] == b"PAR1"


@pytest.mark.parametrize("path", [*TABLES, "clv/model", "retention"])
async def test_every_answer_says_where_it_comes_from(analytics: httpx.AsyncClient, path: str) -> None:
    provenance = (await told(analytics, path))["provenance"]
    assert provenance["mode"] == "mock"
    assert [source["source"] for source in provenance["sources"]] == ["shopify"]
    assert provenance["window"] == {"first_day": "2025-11-01", "last_day": "2026-10-31", "time_zone": "Europe/Berlin"}
    assert provenance["method"]["name"]
    assert "last_day" in provenance["parameters"]


async def test_scores_are_of_what_customers_did(analytics: httpx.AsyncClient) -> None:
    paid = counted()
    rows = await all_rows(analytics, "rfm/customers")
    assert {row["customer_id"] for row in rows} == set(paid)
    for row in rows[::97]:
        days = paid[row["customer_id"]]
        assert row["purchases"] == len(days)
        assert row["revenue_minor"] == sum(days.values())
        assert row["last_purchase_on"] == max(days).isoformat()
    assert [row["revenue_minor"] for row in rows] == sorted((row["revenue_minor"] for row in rows), reverse=True)


async def test_segments_hold_all_customers_and_can_be_opened(analytics: httpx.AsyncClient) -> None:
    paid = counted()
    segments = (await told(analytics, "rfm"))["items"]
    assert sum(row["customers"] for row in segments) == len(paid)
    assert sum(row["revenue_minor"] for row in segments) == sum(sum(days.values()) for days in paid.values())
    at_risk = next(row for row in segments if row["segment"] == "at_risk")
    inside = await all_rows(analytics, "rfm/customers", segment="at_risk")
    assert len(inside) == at_risk["customers"]
    assert {row["segment"] for row in inside} == {"at_risk"}


async def test_cohorts_are_counted_right(analytics: httpx.AsyncClient) -> None:
    first = {who: min(days) for who, days in counted().items()}
    rows = await all_rows(analytics, "cohorts")
    cell = next(row for row in rows if row["cohort"] == "2026-03-01" and row["period"] == 2)
    members = [who for who, day in first.items() if (day.year, day.month) == (2026, 3)]
    paid = counted()
    in_may = {who: [value for day, value in paid[who].items() if (day.year, day.month) == (2026, 5)] for who in members}
    assert cell["customers"] == len(members)
    assert cell["active"] == sum(bool(values) for values in in_may.values())
    assert cell["revenue_minor"] == sum(map(sum, in_may.values()))
    assert cell["period_begins"] == "2026-05-01"
    assert len(rows) == 12 * 13 // 2


async def test_a_cohort_month_that_is_not_over_says_so(analytics: httpx.AsyncClient) -> None:
    rows = await all_rows(analytics, "cohorts", last_day="2026-10-20")
    assert {row["period_begins"] for row in rows if row["partial"]} == {"2026-10-01"}
    assert not any(row["partial"] for row in await all_rows(analytics, "cohorts"))
    weekly = await all_rows(analytics, "cohorts", period="week", first_day="2026-10-01")
    assert {row["cohort"] for row in weekly if row["partial"]} >= {"2026-09-28", "2026-10-26"}


async def test_a_channel_has_customers_of_its_own(analytics: httpx.AsyncClient, shop: Shop) -> None:
    chosen = (shop.orders.channel == shop.orders.channels.index("pos")) & np.isnat(shop.orders.cancelled_at)
    found = (await told(analytics, "retention", channel="pos"))["value"]
    assert found["customers"] == len(np.unique(shop.orders.customer[chosen]))
    assert (await told(analytics, "retention", channel="fax"))["value"]["customers"] == 0


async def test_retention_agrees_with_counting(analytics: httpx.AsyncClient) -> None:
    paid = counted()
    found = (await told(analytics, "retention", active_days=30))["value"]
    again = [days for days in paid.values() if len(days) > 1]
    assert found["repeat_rate"] == pytest.approx(len(again) / len(paid))
    assert found["active"] == sum(max(days) > date(2026, 10, 1) for days in paid.values())
    later = sum(sum(days.values()) - days[min(days)] for days in paid.values())
    assert found["repeat_share"] == pytest.approx(later / sum(sum(days.values()) for days in paid.values()))
    assert [row["quantile"] for row in found["gap_days"]] == [0.25, 0.5, 0.75, 0.9]
    shares = [row["share"] for row in found["second_purchase"]]
    assert shares == sorted(shares)


async def test_values_of_customers_add_up_to_what_the_models_say(analytics: httpx.AsyncClient) -> None:
    rows, model = await all_rows(analytics, "clv"), (await told(analytics, "clv/model"))["value"]
    assert model["preferred"] == "model"
    assert model["doubts"] == []
    assert len(rows) == model["customers"]
    assert sum(row["expected_purchases"] for row in rows) == pytest.approx(model["expected_purchases"])
    assert sum(row["naive_value_minor"] for row in rows) == pytest.approx(model["naive_value_minor"], abs=len(rows))
    assert all(row["value_minor"] == row["model_value_minor"] for row in rows)
    assert [row["value_minor"] for row in rows] == sorted((row["value_minor"] for row in rows), reverse=True)
    assert sum(row["may_be_older"] for row in rows) == model["may_be_older"]
    holdout = model["holdout"]
    assert holdout["split_day"] == "2026-08-02"
    assert holdout["purchases"]["model_won"]
    assert {each["name"] for each in model["purchases_model"]["parameters"]} == {"r", "alpha", "a", "b"}


async def test_horizon_margin_and_day_change_what_is_expected(analytics: httpx.AsyncClient) -> None:
    year = (await told(analytics, "clv/model"))["value"]
    month = (await told(analytics, "clv/model", horizon_days=30))["value"]
    quarter = (await told(analytics, "clv/model", margin=0.25))["value"]
    earlier = (await told(analytics, "clv/model", last_day="2026-06-30"))["value"]
    assert month["expected_purchases"] < 0.25 * year["expected_purchases"]
    assert quarter["value_minor"] == pytest.approx(year["value_minor"] / 4, abs=1)
    assert earlier["customers"] < year["customers"]
    assert earlier["holdout"]["last_day"] == "2026-06-30"


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        ("clv", "horizon_days", 0),
        ("clv", "horizon_days", 4_000),
        ("clv", "margin", 1.5),
        ("clv", "yearly_discount", "nan"),
        ("clv/model", "holdout_days", 3),
        ("clv/model", "last_day", "2027-01-01"),
        ("clv/tracking", "last_day", "yesterday"),
        ("rfm", "last_day", "2020-01-01"),
        ("rfm/customers", "segment", "whales"),
        ("cohorts", "period", "year"),
        ("cohorts", "first_day", "2030-01-01"),
        ("retention", "active_days", 0),
    ],
)
async def test_a_parameter_that_makes_no_sense_is_named(
    analytics: httpx.AsyncClient, path: str, field: str, value: object
) -> None:
    answer = await analytics.get(f"/v1/sales/{path}", params={field: str(value)})
    assert answer.status_code == 422
    assert field in answer.text


async def test_days_in_the_wrong_order_are_refused(analytics: httpx.AsyncClient) -> None:
    answer = await analytics.get("/v1/sales/cohorts", params={"first_day": "2026-05-02", "last_day": "2026-05-01"})
    assert answer.status_code == 422
    assert "first_day" in answer.text


async def test_a_shop_without_orders_has_answers_all_the_same(empty: httpx.AsyncClient) -> None:
    assert (await told(empty, "clv"))["total"] == 0
    assert (await told(empty, "clv/tracking"))["total"] == 0
    assert (await told(empty, "rfm/customers"))["total"] == 0
    assert {row["customers"] for row in (await told(empty, "rfm"))["items"]} == {0}
    assert {row["retention"] for row in (await told(empty, "cohorts"))["items"]} == {None}
    model = (await told(empty, "clv/model"))["value"]
    assert (model["preferred"], model["purchases_model"], model["value_minor"]) == ("naive", None, 0)
    assert "came back" in model["doubts"][0]
    kept = (await told(empty, "retention"))["value"]
    assert (kept["customers"], kept["repeat_rate"], kept["gap_days"][0]["days"]) == (0, None, None)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("cohorts/chart.svg", "12 cohorts from 2025-11 to 2026-10, 6,371 customers."),
        ("cohorts/chart.svg?period=week&first_day=2026-08-03", "13 cohorts from 2026-08-03 to 2026-10-26"),
        ("clv/tracking/chart.svg", "Repeat purchases so far, foretold from 2026-08-02 on"),
    ],
)
async def test_a_chart_tells_in_words_what_it_shows(analytics: httpx.AsyncClient, path: str, says: str) -> None:
    answer = await analytics.get(f"/v1/sales/{path}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert says in answer.text
    assert "made up" in answer.text


async def test_a_month_that_is_not_over_is_not_drawn_as_a_loss(analytics: httpx.AsyncClient) -> None:
    whole = (await analytics.get("/v1/sales/cohorts/chart.svg?last_day=2026-09-30")).text
    begun = (await analytics.get("/v1/sales/cohorts/chart.svg?last_day=2026-10-02")).text
    for text, rows in ((whole, 11), (begun, 12)):
        assert text.count(">100</text>") == rows
    assert begun.count("<rect") == whole.count("<rect")


async def test_charts_of_nobody_say_so(empty: httpx.AsyncClient) -> None:
    for path in ("cohorts/chart.svg", "clv/tracking/chart.svg"):
        assert (await empty.get(f"/v1/sales/{path}")).status_code == 200


async def test_the_first_day_alone_is_enough_for_an_answer(analytics: httpx.AsyncClient) -> None:
    for path in (*TABLES, "clv/model", "retention"):
        await told(analytics, path, last_day="2025-11-01")
