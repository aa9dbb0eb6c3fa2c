"""What Google Analytics, Search Console and Bing are asked, and what the tools make of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mcp_vendors.conftest import Connect
from tests.mcp_vendors.stage import How, QuickClock, Stage, read
from tillhand_common.errors import UpstreamProtocolError, UpstreamThrottled
from tillhand_common.testing import FakeUpstream, Reply
from tillhand_mcp.adapters.bing.connector import moment
from tillhand_mcp.errors import ConnectorUnavailable, ToolRefused
from tillhand_mcp.ports.connector import Connector
from tillhand_mockshop.model import Shop

PERIOD = {"start_date": "2026-10-01", "end_date": "2026-10-20"}


async def pages(connector: Connector, name: str, **arguments: object) -> list[Any]:
    """All rows of a tool, page by page."""
    found: list[Any] = []
    cursor: str | None = None
    for _ in range(1_000):
        answer = await read(connector, name, **arguments, **({"cursor": cursor} if cursor else {}))
        page = answer.data.model_dump(mode="json")
        found += page["rows"]
        cursor = page["next_cursor"]
        assert answer.origin.truncated is (cursor is not None)
        if cursor is None:
            return found
    raise AssertionError("there is no end to the pages")


async def test_analytics_pages_reach_every_row_once(stage: Stage, connect: Connect, clock: QuickClock) -> None:
    ga4, _ = connect("ga4", stage.url, How(clock))
    asked = {"metrics": ["sessions"], "dimensions": ["date", "deviceCategory"], **PERIOD}
    whole = (await read(ga4, "ga4_report", **asked, limit=1_000)).data.model_dump()
    parts = await pages(ga4, "ga4_report", **asked, limit=17)
    assert len(parts) == whole["row_count"] > 17
    assert sorted(parts) == sorted(whole["rows"])
    assert len({tuple(row[:2]) for row in parts}) == len(parts)
    total = (await read(ga4, "ga4_report", metrics=["sessions"], **PERIOD)).data.model_dump()["rows"][0][0]
    assert sum(row[2] for row in parts) == total


async def test_analytics_filters_and_orders_as_asked(stage: Stage, connect: Connect, clock: QuickClock) -> None:
    ga4, _ = connect("ga4", stage.url, How(clock))
    asked = {"metrics": ["sessions"], "dimensions": ["deviceCategory"], **PERIOD}
    every = {row[0]: row[1] for row in await pages(ga4, "ga4_report", **asked)}
    for given, kept in (
        ({"values": ["mobile"]}, {"mobile"}),
        ({"values": ["mobile"], "exclude": True}, set(every) - {"mobile"}),
        ({"values": ["MOB", "TAB"], "match": "contains"}, {"mobile", "tablet"} & set(every)),
        ({"values": ["mob", "tab"], "match": "begins_with", "exclude": True}, set(every) - {"mobile", "tablet"}),
    ):
        filters = [{"dimension": "deviceCategory", **given}]
        rows = await pages(ga4, "ga4_report", **asked, filters=filters, order_by={"field": "sessions"})
        assert {row[0]: row[1] for row in rows} == {name: every[name] for name in kept}
        assert [row[1] for row in rows] == sorted((row[1] for row in rows), reverse=True)


async def test_analytics_answers_say_their_quota_and_their_quality(
    stage: Stage, connect: Connect, clock: QuickClock, goods: Shop
) -> None:
    ga4, _ = connect("ga4", stage.url, How(clock))
    answer = await read(ga4, "ga4_report", metrics=["sessions"])
    assert answer.origin.quota is not None
    assert (answer.origin.quota.unit, answer.origin.source) == ("tokens an hour", "ga4")
    assert 0 < answer.origin.quota.left < answer.origin.quota.limit
    assert (answer.origin.mode, answer.origin.fetched_at, answer.origin.stale) == ("mock", clock.now(), False)
    quality = answer.data.model_dump()["quality"]
    assert (quality["currency"], quality["time_zone"], quality["sampled"]) == (goods.currency, goods.time_zone, False)
    now = (await read(ga4, "ga4_realtime", dimensions=["deviceCategory"])).data.model_dump()
    assert now["columns"] == ["deviceCategory", "activeUsers"]


async def test_names_of_analytics_are_found_by_what_they_say(stage: Stage, connect: Connect) -> None:
    ga4, _ = connect("ga4", stage.url)
    found = (await read(ga4, "ga4_metadata", kind="metrics", search="SESSION", limit=1)).data.model_dump()
    assert len(found["names"]) == 1 < found["matching"]
    refused = await refusal(ga4, "ga4_report", metrics=["noSuchMetric"])
    assert "noSuchMetric" in refused.detail


async def refusal(connector: Connector, name: str, **arguments: object) -> ToolRefused:
    with pytest.raises(ToolRefused) as refused:
        await read(connector, name, **arguments)
    return refused.value


async def test_nothing_is_asked_of_analytics_once_its_tokens_are_spent(connect: Connect, clock: QuickClock) -> None:
    quota = {"tokensPerHour": {"consumed": 10}}  # a zero is left out of JSON
    async with FakeUpstream.start(Reply.json({"propertyQuota": quota, "rowCount": 0})) as upstream:
        ga4, _ = connect("ga4", upstream.base_url, How(clock))
        await read(ga4, "ga4_report", metrics=["sessions"])
        with pytest.raises(UpstreamThrottled) as throttled:
            await read(ga4, "ga4_report", metrics=["sessions"])
        assert (len(upstream.requests), throttled.value.retry_after_s) == (1, 3600.0)
        await clock.advance(3600)
        await read(ga4, "ga4_report", metrics=["sessions"])
        assert len(upstream.requests) == 2


async def test_search_pages_reach_every_row_once(stage: Stage, connect: Connect, clock: QuickClock) -> None:
    console, _ = connect("search_console", stage.url, How(clock))
    asked = {"dimensions": ["DATE", "PAGE"], **PERIOD}
    whole = await pages(console, "search_console_analytics", **asked, limit=1_000)
    parts = await pages(console, "search_console_analytics", **asked, limit=100)
    assert len(parts) > 100
    assert sorted(map(str, parts)) == sorted(map(str, whole))
    assert len({tuple(row["keys"]) for row in parts}) == len(parts)
    assert all(0 <= row["ctr"] <= 1 <= row["position"] for row in parts)


async def test_search_is_filtered_and_says_which_days_are_not_complete(stage: Stage, connect: Connect) -> None:
    console, _ = connect("search_console", stage.url)
    some = [{"dimension": "DEVICE", "operator": "EQUALS", "expression": "MOBILE"}]
    rows = await pages(console, "search_console_analytics", dimensions=["DEVICE"], filters=some, **PERIOD)
    assert [row["keys"] for row in rows] == [["MOBILE"]]
    nothing = await read(console, "search_console_analytics", start_date="2020-01-01", end_date="2020-01-02")
    assert (nothing.data.model_dump()["rows"], nothing.text) == ([], "There are no rows.")
    fresh = await read(
        console,
        "search_console_analytics",
        start_date="2026-10-25",
        end_date="2026-10-31",
        dimensions=["DATE"],
        fresh=True,
    )
    assert fresh.data.model_dump()["first_incomplete_date"] is not None
    assert (fresh.origin.source, fresh.origin.mode) == ("search_console", "mock")


async def test_sitemaps_and_inspections_are_read(stage: Stage, connect: Connect) -> None:
    console, _ = connect("search_console", stage.url)
    (sitemap, *_) = (await read(console, "search_console_sitemaps")).data.model_dump()["sitemaps"]
    assert sitemap["submitted_urls"] > 0
    url = "https://brackenlane.example/"
    found = (await read(console, "search_console_inspect_url", url=url)).data.model_dump()
    assert (found["url"], found["verdict"]) == (url, "PASS")
    await refusal(console, "search_console_inspect_url", url="https://elsewhere.example/")


@pytest.mark.parametrize("name", ["bing_query_stats", "bing_page_stats"])
async def test_pages_of_bing_reach_every_row_once(stage: Stage, connect: Connect, name: str) -> None:
    bing, _ = connect("bing", stage.url)
    whole = (await read(bing, name, limit=500)).data.model_dump(mode="json")
    parts = await pages(bing, name, limit=37)
    assert len(parts) == whole["matching"] > 37
    assert len({(row["key"], row["week"]) for row in parts}) == len(parts)
    weeks = [row["week"] for row in parts]
    assert weeks == sorted(weeks, reverse=True)
    assert {row["click_position"] is None for row in parts if row["clicks"] == 0} <= {True}
    some = await pages(bing, name, search=parts[0]["key"].upper())
    assert all(parts[0]["key"].casefold() in row["key"].casefold() for row in some)


async def test_bings_allowance_is_told_and_a_submission_uses_it(stage: Stage, connect: Connect) -> None:
    bing, _ = connect("bing", stage.url)
    answer = await read(bing, "bing_submission_quota")
    assert answer.data.model_dump() == {"daily": 100, "monthly": 2800}
    assert (answer.origin.source, answer.origin.mode, answer.origin.quota) == ("bing", "mock", None)


@pytest.mark.parametrize(
    ("text", "told"),
    [("/Date(1399100400000)/", "2014-05-03T07:00:00+00:00"), ("/Date(-1000-0800)/", "1969-12-31T23:59:59+00:00")],
)
def test_bings_moments_are_read(text: str, told: str) -> None:
    assert moment(text).isoformat() == told


@pytest.mark.parametrize("text", ["2026-01-01", "/Date()/", "/Date(1)/x", ""])
def test_what_is_no_moment_of_bings_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no moment"):
        moment(text)


@pytest.mark.parametrize("answer", [{}, [], "x", None, {"d": [{"Query": "x"}]}, {"d": 5}, {"rows": 5}, {"error": {}}])
async def test_an_answer_of_another_shape_is_the_upstreams_fault(connect: Connect, answer: object) -> None:
    async with FakeUpstream.start(Reply.json(answer)) as upstream:
        for vendor, name, arguments in (
            ("bing", "bing_query_stats", {}),
            ("shopify", "shopify_orders", {}),
            ("search_console", "search_console_inspect_url", {"url": "https://brackenlane.example/"}),
        ):
            made, _ = connect(vendor, upstream.base_url)
            with pytest.raises(UpstreamProtocolError):
                await read(made, name, **arguments)


@pytest.mark.parametrize("answer", [{}, [], "x", None, {"d": 5}])
async def test_a_check_of_what_answers_in_another_shape_says_so(connect: Connect, answer: object) -> None:
    async with FakeUpstream.start(Reply.json(answer)) as upstream:
        made, _ = connect("shopify", upstream.base_url)
        assert (await made.check()).state == "degraded"
        bing, _ = connect("bing", upstream.base_url)
        assert (await bing.check()).state == ("mock" if answer == {"d": 5} else "degraded")


@pytest.mark.parametrize(("code", "status"), [(3, 400), (14, 400), (0, 401), (0, 403)])
async def test_a_key_that_bing_does_not_take_is_told_and_remembered(connect: Connect, code: int, status: int) -> None:
    async with FakeUpstream.start(Reply.json({"ErrorCode": code, "Message": "No."}, status)) as upstream:
        bing, _ = connect("bing", upstream.base_url)
        with pytest.raises(ConnectorUnavailable, match="TILLHAND_BING_API_KEY") as refused:
            await read(bing, "bing_query_stats")
        assert "mock-bing-key" not in str(refused.value) + str(refused.value.extensions)
        assert (await bing.state()).state == "degraded"
        upstream.default = Reply.json({"d": []})
        await read(bing, "bing_query_stats")
        assert (await bing.state()).state == "mock"


async def test_what_happens_now_has_tokens_of_its_own_and_one_page(connect: Connect, clock: QuickClock) -> None:
    spent = {"propertyQuota": {"tokensPerHour": {"consumed": 10}}, "rowCount": 0}
    row = {"metricValues": [{"value": "3"}]}
    now = {"propertyQuota": {"tokensPerHour": {"remaining": 90}}, "rowCount": 2, "rows": [row]}
    async with FakeUpstream.start(Reply.json(now)) as upstream:
        ga4, _ = connect("ga4", upstream.base_url, How(clock))
        upstream.script(Reply.json(spent))
        await read(ga4, "ga4_report", metrics=["sessions"])
        answer = await read(ga4, "ga4_realtime", limit=1)
        assert answer.origin.truncated
        assert answer.data.model_dump()["next_cursor"] is None
        assert answer.origin.quota is not None
        assert answer.origin.quota.left == 90
        with pytest.raises(UpstreamThrottled):  # which the other's answer has not made forgotten
            await read(ga4, "ga4_report", metrics=["sessions"])


async def test_where_there_are_no_ranks_the_position_is_null(connect: Connect) -> None:
    row = {"keys": ["https://brackenlane.example/"], "clicks": 3, "impressions": 9, "ctr": 0.3}
    async with FakeUpstream.start(Reply.json({"rows": [row]})) as upstream:
        console, _ = connect("search_console", upstream.base_url)
        asked = {"search_type": "DISCOVER", "dimensions": ["PAGE"]}
        answer = await read(console, "search_console_analytics", **PERIOD, **asked)
    assert [each["position"] for each in answer.data.model_dump()["rows"]] == [None]
    assert answer.text.endswith("9 impressions")
