"""The service over the mock: an agent proposes, a person approves, and the vendor is written to once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.approvals.shop import Shop as Approvals
from tests.approvals.shop import shop as approvals_of
from tests.mcp_vendors.stage import NAMES, NOW, Stage, staged
from tests.mcp_vendors.writes import EFFECTS, KEYED, wanted
from tillhand_common.clock import SystemClock
from tillhand_common.testing import FakeClock, FakeUpstream, Reply, running
from tillhand_mcp.app import create_app
from tillhand_mcp.mock.faults import Fault
from tillhand_mcp.settings import McpSettings
from tillhand_mockshop.model import Shop


class Scene:
    """The service, its approvals and its vendors."""

    def __init__(self, http: httpx.AsyncClient, approvals: Approvals, stage: Stage) -> None:
        self.http, self.approvals, self.stage = http, approvals, stage

    async def call(self, name: str, arguments: object) -> httpx.Response:
        headers = self.approvals.headers("agent")
        return await self.http.post(f"/v1/tools/{name}", json={"arguments": arguments}, headers=headers)

    async def get(self, path: str) -> Any:  # noqa: ANN401  # any JSON
        return (await self.http.get(path, headers=self.approvals.headers("agent"))).json()

    async def done(self, name: str, arguments: object) -> dict[str, Any]:
        """Propose, approve, and return the task once it has ended; the test's own time limit ends a wait in vain."""
        called = await self.call(name, arguments)
        assert called.status_code == 202, called.text
        task: dict[str, Any] = called.json()
        proposal = await self.approvals.get(task)
        answer = await self.approvals.decide("operator", proposal, "approve")
        assert answer.status_code == 200, answer.text
        while task["state"] == "working":
            task = await self.get(f"/v1/tasks/{task['id']}")
        return task


@asynccontextmanager
async def service(folder: Path, goods: Shop, **more: object) -> AsyncIterator[Scene]:
    async with staged(goods, SystemClock()) as stage, approvals_of(folder) as approvals:
        given: dict[str, Any] = {"approvals_url": str(approvals.http.base_url), "mock_url": stage.url, **more}
        app = create_app(McpSettings(data_dir=folder, rate_limit="off", **given))
        async with running(app) as url, httpx.AsyncClient(base_url=url, timeout=30) as http:
            yield Scene(http, approvals, stage)


async def registered(scene: Scene) -> None:
    while "shopify_refund" not in (await scene.approvals.call("operator", "GET", "/v1/tools")).text:
        pass


async def test_what_people_approve_is_done_once_at_its_vendor_under_their_key(folder: Path, goods: Shop) -> None:
    async with service(folder, goods) as scene:
        await registered(scene)
        for name in EFFECTS:
            task = await scene.done(name, {**wanted(name, goods), "reason": "Because."})
            assert (task["state"], task["result"]["structured"]["origin"]["mode"]) == ("completed", "mock")
            assert scene.stage.written()[-1] == (EFFECTS[name], task["id"] if name in KEYED else None)
        assert len(scene.stage.written()) == len(EFFECTS)


async def test_an_answer_that_is_lost_is_told_as_it_is(folder: Path, goods: Shop) -> None:
    async with service(folder, goods) as scene:
        await registered(scene)
        scene.stage.mock.faults.script(
            Fault(kind="reset", operation="productUpdate", effect="after"),
            Fault(kind="reset", operation="inventoryAdjustQuantities", effect="after"),
        )
        unknown = await scene.done("shopify_product_update", wanted("shopify_product_update", goods))
        assert (unknown["state"], unknown["refusal"]["slug"]) == ("failed", "outcome-unknown")
        kept = await scene.done("shopify_inventory_adjust", wanted("shopify_inventory_adjust", goods))
        assert kept["state"] == "completed"
        assert [each for each, _ in scene.stage.written()] == ["productUpdate", "inventoryAdjustQuantities"]


async def test_what_cannot_be_done_is_refused_before_anybody_is_asked(folder: Path, goods: Shop) -> None:
    async with service(folder, goods) as scene:
        await registered(scene)
        refused = await scene.call("shopify_refund", {**wanted("shopify_refund", goods), "amount_minor": 10**9})
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:tillhand:problem:tool-refused")
        assert "can be given back" in refused.json()["detail"]
        assert (await scene.approvals.call("operator", "GET", "/v1/proposals")).json()["items"] == []
        assert scene.stage.written() == []


async def test_a_write_makes_what_is_read_next_new(folder: Path, goods: Shop) -> None:
    async with service(folder, goods) as scene:
        await registered(scene)
        asked = {"query": f"id:{goods.products[0].id}"}
        before = (await scene.call("shopify_products", asked)).json()["structured"]["products"][0]
        await scene.done("shopify_product_update", wanted("shopify_product_update", goods))
        after = (await scene.call("shopify_products", asked)).json()["structured"]["products"][0]
        assert (before["title"], after["title"]) == (goods.products[0].title, "Another title")


async def test_connectors_say_how_they_stand(folder: Path, goods: Shop) -> None:
    async with service(folder, goods, bing_api_key="only-a-key") as scene:
        found = {each["id"]: each for each in (await scene.get("/v1/connectors"))["items"]}
        assert {name: found[name]["state"] for name in NAMES} == dict.fromkeys(NAMES, "mock") | {"bing": "blocked"}
        assert [each["setting"] for each in found["bing"]["missing"]] == ["TILLHAND_BING_SITE"]
        blocked = await scene.call("bing_query_stats", {})
        assert (blocked.status_code, blocked.json()["type"]) == (503, "urn:tillhand:problem:credentials-missing")
        assert "only-a-key" not in blocked.text
        checked = [await scene.get(f"/v1/connectors/{name}/health") for name in NAMES]
        assert [each["state"] for each in checked] == ["mock", "mock", "mock", "blocked"]


@pytest.mark.parametrize("answer", [Reply.json({}), Reply.json({"data": {}}), Reply(500), Reply(failure="reset")])
async def test_an_upstream_that_makes_no_sense_is_no_error_of_ours(folder: Path, goods: Shop, answer: Reply) -> None:
    async with FakeUpstream.start(answer) as upstream, service(folder, goods, mock_url=upstream.base_url) as scene:
        await registered(scene)
        for name, arguments in (
            ("shopify_orders", {}),
            ("bing_query_stats", {}),
            ("search_console_inspect_url", {"url": "https://brackenlane.example/"}),
        ):
            refused = await scene.call(name, arguments)
            assert (refused.status_code, refused.json()["type"]) == (503, "urn:tillhand:problem:connector-unavailable")
        for name in NAMES:
            assert (await scene.get(f"/v1/connectors/{name}/health"))["state"] == "degraded"
        for name in (each for each in EFFECTS if each.startswith("shopify_")):
            proposed = await scene.call(name, wanted(name, goods))
            assert proposed.status_code == 202, proposed.text


async def test_a_vendor_that_never_answers_keeps_nobody_beyond_the_deadline(folder: Path, goods: Shop) -> None:
    async with staged(goods, FakeClock(NOW)) as stage:
        stage.mock.faults.script(Fault(kind="black_hole", times=-1))
        app = create_app(McpSettings(data_dir=folder, rate_limit="off", mock_url=stage.url, request_deadline_s=0.5))
        async with running(app) as url, httpx.AsyncClient(base_url=url, timeout=30) as http:
            from tillhand_common import keys  # noqa: PLC0415  # of this test alone

            headers = {"authorization": f"Bearer {keys.read_token(folder, 'agent')}"}
            calls = [
                http.post(f"/v1/tools/{name}", json={"arguments": {}}, headers=headers)
                for name in ("shopify_orders", "bing_query_stats", "shopify_locations", "search_console_sitemaps")
            ]
            answers = await asyncio.gather(*calls)
            assert {each.status_code for each in answers} <= {503, 504}
