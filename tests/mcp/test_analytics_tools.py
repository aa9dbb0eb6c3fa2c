"""Figures as tools, over the real service, and purchase orders from their evidence to the letter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.shops import HeldSources
from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.app import create_app as create_analytics
from tillhand_analytics.domain.provenance import Mode
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.clock import SystemClock
from tillhand_common.http import UpstreamClient
from tillhand_common.keys import read_token
from tillhand_common.testing import FakeClock, FakeUpstream, Reply, client, running
from tillhand_mcp.adapters.analytics.client import ASK_AGAIN_S, AnalyticsClient, watcher_of
from tillhand_mcp.adapters.analytics.purchasing import OrderLine, PurchaseOrder, Purchasing
from tillhand_mcp.adapters.analytics.reports import REPORTS, Report
from tillhand_mcp.adapters.messages.delivery import Delivery
from tillhand_mcp.adapters.messages.mailbox import Mailbox
from tillhand_mcp.app import create_app
from tillhand_mcp.errors import ToolRefused
from tillhand_mcp.ports.connector import Approved, WriteTool
from tillhand_mcp.settings import McpSettings
from tillhand_mockshop import generator


@dataclass(frozen=True, slots=True)
class Platform:
    """Both services, and an agent's door to the tools."""

    tools: httpx.AsyncClient
    analytics_url: str

    async def call(self, tool: str, **arguments: Any) -> httpx.Response:  # noqa: ANN401  # as the tool takes them
        return await self.tools.post(f"/v1/tools/{tool}", json={"arguments": arguments})


@pytest.fixture(scope="module")
def shop() -> Shop:
    return columns(generator.shop())


@asynccontextmanager
async def opened(sources: HeldSources, folder: Path) -> AsyncIterator[Platform]:
    async with running(create_analytics(AnalyticsSettings(data_dir=folder), sources=sources)) as url:
        app = create_app(McpSettings(data_dir=folder, analytics_url=url))
        async with client(app, key=read_token(folder, "agent")) as tools:
            yield Platform(tools, url)


@pytest.fixture
async def platform(shop: Shop, tmp_path: Path) -> AsyncIterator[Platform]:
    async with opened(HeldSources(shop), tmp_path) as both:
        yield both


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.tool)
async def test_each_report_answers_as_a_tool_and_says_that_it_is_made_up(platform: Platform, report: Report) -> None:
    answer = await platform.call(report.tool)
    assert answer.status_code == 200, answer.text
    found = answer.json()["structured"]
    assert answer.headers["tillhand-mode"] == found["origin"]["mode"] == found["provenance"]["mode"] == "mock"
    assert found["provenance"]["digest"]
    assert found.get("total", 1) > 0


async def test_live_figures_are_live(shop: Shop, tmp_path: Path) -> None:
    async with opened(HeldSources(shop, mode="live"), tmp_path) as platform:
        found = (await platform.call("inventory_suppliers")).json()["structured"]
    assert (found["origin"]["mode"], found["provenance"]["mode"]) == ("live", "live")


@pytest.mark.parametrize("mode", ["mock", "live", "recorded"])
async def test_a_connector_is_as_real_as_what_stands_behind_it(shop: Shop, tmp_path: Path, mode: Mode) -> None:
    async with opened(HeldSources(shop, mode=mode), tmp_path) as platform:
        await platform.call("inventory_suppliers")
        listed = (await platform.tools.get("/v1/connectors")).json()["items"]
        checked = (await platform.tools.get("/v1/connectors/analytics/health")).json()
    [found] = [each for each in listed if each["id"] == "analytics"]
    assert found["state"] == checked["state"] == ("live" if mode == "live" else "mock")
    assert mode in found["reason"] or mode == "live"


async def test_analytics_that_begin_after_the_connectors_are_given_no_rest() -> None:
    clock = FakeClock()
    async with FakeUpstream.start(Reply.json({"status": "not-ready"}, 503)) as late:
        upstream, watching = UpstreamClient("analytics", late.base_url), watcher_of(late.base_url, None, clock)
        connector = AnalyticsClient(upstream, clock, watching=watching)
        looking = asyncio.create_task(connector.run())
        for count in range(1, 9):
            await late.received(count)
            await clock.advance(ASK_AGAIN_S)
        assert (await connector.state()).breaker == "closed"
        late.fixed["/v1/status"] = Reply.json({"mode": None})
        await clock.advance(ASK_AGAIN_S)
        late.fixed["/v1/status"] = Reply.json({"mode": "mock"})
        asked_again_by = clock.monotonic() + 5 * ASK_AGAIN_S
        async with asyncio.timeout(20):
            while (await connector.state()).state != "mock":
                await clock.advance(ASK_AGAIN_S / 4)
        assert clock.monotonic() <= asked_again_by
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await connector.aclose()


async def test_what_analytics_refuses_is_told_with_the_field(platform: Platform) -> None:
    answer = await platform.call("inventory_skus", sort="nothing")
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("sort: There is no such column.")


async def test_pages_follow_each_other(platform: Platform) -> None:
    first = (await platform.call("inventory_skus", limit=2)).json()["structured"]
    second = (await platform.call("inventory_skus", limit=2, cursor=first["next_cursor"])).json()["structured"]
    assert first["origin"]["truncated"] is True
    assert {row["sku"] for row in first["items"]}.isdisjoint(row["sku"] for row in second["items"])


async def test_without_analytics_the_tools_say_what_is_missing(tmp_path: Path) -> None:
    async with client(create_app(McpSettings(data_dir=tmp_path))) as http:
        key = read_token(tmp_path, "agent")
        answer = await http.post(
            "/v1/tools/sales_kpis", json={"arguments": {}}, headers={"authorization": f"Bearer {key}"}
        )
    assert answer.status_code == 503
    assert "TILLHAND_ANALYTICS_URL" in answer.json()["detail"]


@asynccontextmanager
async def purchasing(url: str, folder: Path) -> AsyncIterator[tuple[WriteTool[Any], Mailbox]]:
    """The tool over analytics at an address, and the mailbox that takes its letters."""
    mailbox = Mailbox(folder / "mailbox.jsonl")
    async with UpstreamClient("analytics", url) as upstream:
        given = Purchasing(AnalyticsClient(upstream, SystemClock()), Delivery(None, mailbox, SystemClock()))
        (found,) = given.tools()
        assert isinstance(found, WriteTool)
        yield found, mailbox


async def evidence(send: WriteTool[Any], wanted: PurchaseOrder) -> Sequence[Mapping[str, Any]]:
    assert send.preview is not None
    return await send.preview(wanted)


def order(supplier: str, *lines: OrderLine, total_minor: int | None = None) -> PurchaseOrder:
    total = sum(line.quantity * line.unit_cost_minor for line in lines)
    return PurchaseOrder(
        supplier=supplier,
        to="orders@supplier.example",
        lines=list(lines),
        currency="EUR",
        total_minor=total if total_minor is None else total_minor,
        deliver_by="2026-12-01",
    )


async def test_a_purchase_order_comes_with_the_figures_behind_each_line(platform: Platform, tmp_path: Path) -> None:
    proposals = (await platform.call("inventory_purchase_proposals", limit=1)).json()["structured"]["items"]
    row = proposals[0]
    known = OrderLine(
        sku=row["sku"], title=row["title"], quantity=row["quantity"] + 1, unit_cost_minor=row["unit_cost_minor"]
    )
    other = OrderLine(sku="NO-SUCH", title="?", quantity=1, unit_cost_minor=1)
    async with purchasing(platform.analytics_url, tmp_path) as (send, _):
        found = await evidence(send, order(row["supplier"], known, other))
    figures = {each["name"]: each["value"] for each in found if each["kind"] == "figure"}
    assert figures[f"{row['sku']}: proposed_quantity"] == row["quantity"]
    assert figures[f"{row['sku']}: reorder_point"] == row["reorder_point"]
    notices = " ".join(each["text"] for each in found if each["kind"] == "notice")
    assert "more than the" in notices
    assert "NO-SUCH: analytics sees no reason" in notices
    assert "mock data" in notices


async def test_without_figures_an_order_can_still_be_decided_and_says_so(tmp_path: Path) -> None:
    async with purchasing("http://127.0.0.1:9", tmp_path) as (send, _):
        line = OrderLine(sku="A", title="A", quantity=1, unit_cost_minor=1)
        (notice,) = await evidence(send, order("A supplier", line))
    assert notice["text"].startswith("No figures")


async def test_a_wrong_sum_is_refused_before_anybody_decides(tmp_path: Path) -> None:
    line = OrderLine(sku="A", title="A", quantity=3, unit_cost_minor=2)
    async with purchasing("http://127.0.0.1:9", tmp_path) as (send, _):
        with pytest.raises(ToolRefused, match="total_minor: the lines come to 6, not 7"):
            await evidence(send, order("S", line, total_minor=7))


async def test_an_approved_order_is_one_letter_however_often_it_is_run(tmp_path: Path) -> None:
    wanted = order("S", OrderLine(sku="A-1", title="A lamp", quantity=3, unit_cost_minor=1250))
    async with purchasing("http://127.0.0.1:9", tmp_path) as (send, mailbox):
        for already in (False, True):
            done = (await send.run(Approved("p" * 32, "key-1", "digest"), wanted)).data.model_dump()
            assert (done["delivered"], done["already"]) == (False, already)
        (letter,) = mailbox.messages()
    assert letter["to"] == "orders@supplier.example"
    assert "3 x A-1  A lamp  at 12.50" in letter["body"]
    assert "Total: 37.50 EUR" in letter["body"]
    assert "2026-12-01" in letter["body"]
