"""An order to a supplier goes to the approvals, with the figures behind each of its lines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.approvals.shop import shop as approvals_shop
from tests.fakes.shops import HeldSources
from tillhand_analytics.app import create_app
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.service.placing import Placing
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.keys import KeyStore, store_path
from tillhand_common.testing import client
from tillhand_mcp.adapters.analytics.purchasing import PurchaseOrder

TOOL = {
    "name": "purchase_order_send",
    "version": "1",
    "risk": "high",
    "subject": "/supplier",
    "schema": PurchaseOrder.model_json_schema(),
}
PATH = "/v1/inventory/purchase-proposals"
WANTED = {"supplier": "Kanto Trading", "to": "orders@kanto.example", "note": "As always."}


@dataclass
class Desk:
    """Analytics with approvals beside it, and everybody's keys."""

    http: httpx.AsyncClient
    approvals: Any
    folder: Path
    placing: Placing

    def asked_again(self) -> None:
        """Let what the approvals have told be too old."""
        self.placing.forget()

    async def propose(self, body: dict[str, Any], *, who: str = "agent", key: str = "k-1") -> httpx.Response:
        headers = {"authorization": f"Bearer {self.approvals.tokens[who]}", "idempotency-key": key}
        return await self.http.post(PATH, json=body, headers=headers)


@asynccontextmanager
async def desk(shop: Shop, folder: Path, *tools: object) -> AsyncIterator[Desk]:
    async with approvals_shop(folder) as approvals:
        await approvals.register(*tools)
        settings = AnalyticsSettings(data_dir=folder, approvals_url=str(approvals.http.base_url))
        app = create_app(settings, sources=HeldSources(shop))
        async with client(app) as http:
            yield Desk(http, approvals, folder, app.state.analytics.placing)


async def test_an_order_is_proposed_in_the_callers_name_with_its_evidence(shop: Shop, tmp_path: Path) -> None:
    async with desk(shop, tmp_path, TOOL) as open_desk:
        listed = (await open_desk.http.get(PATH, params={"supplier": "Kanto Trading", "limit": 1000})).json()["items"]
        answer = await open_desk.propose(WANTED)
        assert answer.status_code == 201, answer.text
        made = answer.json()["value"]
        call = open_desk.approvals.call
        kept = (await call("operator", "GET", f"/v1/proposals/{made['proposal_id']}?view=full")).json()
    assert made["state"] == "pending"
    assert made["lines"] == len(listed) > 0
    order = PurchaseOrder.model_validate(kept["full"]["arguments"])
    assert [(line.sku, line.quantity) for line in order.lines] == [(row["sku"], row["quantity"]) for row in listed]
    assert order.total_minor == made["total_minor"] == sum(row["order_cost_minor"] for row in listed)
    assert (order.to, order.currency) == ("orders@kanto.example", shop.currency)
    told = {each.get("name"): each.get("value") for each in kept["full"]["evidence"]}
    assert len(told) <= 50
    why = told[listed[0]["sku"]]
    assert f"{listed[0]['quantity']} units" in why
    assert f"reorder point {listed[0]['reorder_point']} (conformal)" in why
    assert f"kept {listed[0]['service_level_measured']:.1%} for a target of 95.0%" in why
    assert {"kind": "notice", "text": "The figures are of mock data."} in kept["full"]["evidence"]
    agent = next(key for key in KeyStore(store_path(tmp_path, None)).list() if key.kind == "agent")
    assert kept["requester"]["id"] == f"key:{agent.id}"


async def test_what_is_asked_again_is_one_proposal_and_some_skus_are_enough(shop: Shop, tmp_path: Path) -> None:
    async with desk(shop, tmp_path, TOOL) as open_desk:
        listed = (await open_desk.http.get(PATH, params={"supplier": "Velo Depot"})).json()["items"]
        chosen = {**WANTED, "supplier": "Velo Depot", "skus": [row["sku"] for row in listed[1:3]]}
        others = {**chosen, "skus": [row["sku"] for row in listed[3:5]]}
        first, again, other = [
            (await open_desk.propose(body, key=key)).json()["value"]
            for body, key in ((chosen, "k-1"), (chosen, "k-1"), (others, "k-2"))
        ]
        assert first == again
        assert first["proposal_id"] != other["proposal_id"]
        assert first["lines"] == 2
        for key, body in (("k-4", {**WANTED, "supplier": "Nobody"}), ("k-5", {**WANTED, "skus": ["NO-SUCH"]})):
            answer = await open_desk.propose(body, key=key)
            assert (answer.status_code, answer.json()["field"]) == (404, "body.supplier")
        assert (await open_desk.propose({**WANTED, "colour": "red"}, key="k-3")).status_code == 422
        assert (await open_desk.http.post(PATH, json=WANTED)).status_code == 401


async def test_a_tool_that_nobody_offers_is_refused_with_the_reason(shop: Shop, tmp_path: Path) -> None:
    async with desk(shop, tmp_path) as open_desk:
        answer = await open_desk.propose(WANTED)
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:tillhand:problem:not-proposed"
    assert answer.json()["reason"]


@pytest.mark.parametrize(("url", "said"), [("", "No approvals are connected"), ("http://127.0.0.1:9", "do not answer")])
async def test_without_approvals_nothing_is_ordered(shop: Shop, tmp_path: Path, url: str, said: str) -> None:
    app = create_app(AnalyticsSettings(data_dir=tmp_path, approvals_url=url), sources=HeldSources(shop))
    async with client(app) as http:
        token = (tmp_path / "keys" / "agent.key").read_text("ascii").strip()
        headers = {"authorization": f"Bearer {token}", "idempotency-key": "k-1"}
        answer = await http.post(PATH, json=WANTED, headers=headers)
    assert answer.status_code == 503
    assert said in answer.json()["detail"]


async def lines_of(open_desk: Desk, *skus: str) -> dict[str, dict[str, Any]]:
    """The rows of these SKUs with their reorder points, as they are told now."""
    answer = await open_desk.http.get("/v1/inventory/reorder", params={"limit": 1000, "supplier": "Velo Depot"})
    return {row["sku"]: row for row in answer.json()["items"] if row["sku"] in skus}


async def due(open_desk: Desk) -> dict[str, int]:
    """What is to be ordered of each SKU."""
    answer = await open_desk.http.get(PATH, params={"limit": 1000, "supplier": "Velo Depot"})
    assert answer.status_code == 200, answer.text
    return {row["sku"]: row["quantity"] for row in answer.json()["items"]}


async def test_what_was_proposed_is_not_proposed_twice_and_once_approved_it_is_on_its_way(
    shop: Shop, tmp_path: Path
) -> None:
    async with desk(shop, tmp_path, TOOL) as open_desk:
        before = await due(open_desk)
        sku = next(iter(before))
        row = (await lines_of(open_desk, sku))[sku]
        assert (row["ordered"], row["waiting"]) == (0, 0)
        wanted = {**WANTED, "supplier": "Velo Depot", "skus": [sku]}
        made = (await open_desk.propose(wanted)).json()["value"]
        assert await due(open_desk) == {name: units for name, units in before.items() if name != sku}
        waiting = (await lines_of(open_desk, sku))[sku]
        assert (waiting["waiting"], waiting["incoming"]) == (before[sku], row["incoming"])
        again = await open_desk.propose(wanted, key="k-2")
        assert (again.status_code, again.json()["field"]) == (404, "body.supplier")
        proposal = await open_desk.approvals.get({"id": made["proposal_id"]})
        await open_desk.approvals.decide("operator", proposal, "approve")
        open_desk.asked_again()
        sent = (await lines_of(open_desk, sku))[sku]
        assert (sent["ordered"], sent["waiting"]) == (before[sku], 0)
        assert sent["incoming"] == row["incoming"] + before[sku]
        assert sent["position"] == row["position"] + before[sku]
        assert sku not in await due(open_desk)


async def test_what_a_person_rejects_is_due_again(shop: Shop, tmp_path: Path) -> None:
    async with desk(shop, tmp_path, TOOL) as open_desk:
        before = await due(open_desk)
        made = (await open_desk.propose({**WANTED, "supplier": "Velo Depot"})).json()["value"]
        assert await due(open_desk) == {}
        proposal = await open_desk.approvals.get({"id": made["proposal_id"]})
        await open_desk.approvals.decide("operator", proposal, "reject", note="Too much.")
        open_desk.asked_again()
        assert await due(open_desk) == before


async def test_approvals_that_do_not_answer_are_told_in_the_provenance_and_figures_go_on(
    shop: Shop, tmp_path: Path
) -> None:
    settings = AnalyticsSettings(data_dir=tmp_path, approvals_url="http://127.0.0.1:9")
    async with client(create_app(settings, sources=HeldSources(shop))) as http:
        answer = await http.get(PATH)
        totals = await http.get("/v1/inventory/totals")
    assert (answer.status_code, totals.status_code) == (200, 200)
    assert answer.json()["provenance"]["parameters"]["orders"] == "unavailable"
    assert totals.json()["provenance"]["parameters"]["orders"] == "unavailable"
    assert answer.json()["total"] > 0


async def test_without_approvals_nothing_is_on_order(analytics: httpx.AsyncClient) -> None:
    told = (await analytics.get(PATH)).json()["provenance"]["parameters"]
    assert (told["orders"], told["orders_digest"]) == ("none", None)
