"""What an executor says of a write whose attempts went wrong one after the other: never that nothing has happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tillhand_common.approvals_models import Leased
from tillhand_common.clock import SystemClock
from tillhand_common.testing import FakeUpstream, Reply
from tillhand_mcp.adapters.no_approvals import NoApprovals
from tillhand_mcp.app.vendors import vendors
from tillhand_mcp.service.executing import Executing
from tillhand_mcp.service.freshness import Freshness
from tillhand_mcp.service.registry import Registry
from tillhand_mcp.settings import McpSettings

TOKEN = "/admin/oauth/access_token"
LOST = Reply(failure="reset")
GROUP = {"id": "gid://shopify/InventoryAdjustmentGroup/1", "createdAt": "2026-01-01T00:00:00Z", "changes": []}
ADJUST = {
    "inventory_item_id": "gid://shopify/InventoryItem/1",
    "location_id": "gid://shopify/Location/1",
    "delta": 1,
    "expected_available": 2,
}
RENAME = {"product_id": "gid://shopify/Product/1", "title": "Kettle"}


def adjusted(*errors: object) -> Reply:
    group = None if errors else GROUP
    return Reply.json(
        {"data": {"inventoryAdjustQuantities": {"inventoryAdjustmentGroup": group, "userErrors": errors}}}
    )


def refused(code: str, *path: str) -> Reply:
    return Reply.json({"data": None, "errors": [{"message": code, "path": path, "extensions": {"code": code}}]})


UNDER_WAY = adjusted({"field": None, "message": "In progress.", "code": "IDEMPOTENCY_CONCURRENT_REQUEST"})


@dataclass
class Shop:
    """A shop that answers what it is told to, and an executor in front of it."""

    upstream: FakeUpstream
    executing: Executing

    async def run(self, tool: str, arguments: Mapping[str, Any], name: str = "1") -> tuple[str, Mapping[str, Any]]:
        """What the executor says of a write, and of why."""
        proposal: Any = type("Proposal", (), {"id": name})()
        leased = Leased.model_construct(
            token=1,
            idempotency_key=name,
            tool=tool,
            tool_version="1",
            digest="",
            arguments=arguments,
            proposal=proposal,
        )
        return await self.executing.work(leased)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """Return a shop that does what is right unless a test says otherwise."""
    async with opened(tmp_path) as made:
        yield made


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Shop]:
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(FakeUpstream.start(adjusted()))
        upstream.fixed[TOKEN] = Reply.json({"access_token": "t", "expires_in": 86_399, "scope": ""})
        found = vendors(McpSettings(data_dir=folder), SystemClock(), None, lambda: upstream.base_url, stack)
        stack.push_async_callback(found.shopify.aclose)
        registry = Registry((found.shopify,))
        clock = SystemClock()
        approvals: Any = NoApprovals()
        executing = Executing(registry=registry, approvals=approvals, freshness=Freshness(clock), clock=clock)
        yield Shop(upstream, executing)


async def test_a_lost_answer_is_asked_for_again_under_the_key(shop: Shop) -> None:
    shop.upstream.script(LOST, adjusted())
    assert (await shop.run("shopify_inventory_adjust", ADJUST))[0] == "executed"


@pytest.mark.parametrize(
    "second",
    [Reply(403), Reply(401), refused("ACCESS_DENIED"), refused("THROTTLED")],
    ids=lambda each: str(each.status),
)
async def test_a_refusal_after_a_lost_answer_leaves_the_outcome_unknown(shop: Shop, second: Reply) -> None:
    shop.upstream.script(LOST, *[second] * 3)
    assert (await shop.run("shopify_inventory_adjust", ADJUST))[0] == "outcome_unknown"


async def test_a_breaker_that_opens_between_attempts_leaves_the_outcome_unknown(shop: Shop) -> None:
    shop.upstream.default = LOST
    runs = [shop.run("shopify_inventory_adjust", ADJUST, str(number)) for number in range(4)]
    said = [outcome for outcome, _ in await asyncio.gather(*runs)]
    assert said == ["outcome_unknown"] * 4


async def test_a_key_that_is_still_under_way_is_waited_for(shop: Shop) -> None:
    shop.upstream.script(LOST, UNDER_WAY, adjusted())
    assert (await shop.run("shopify_inventory_adjust", ADJUST))[0] == "executed"


async def test_a_key_that_stays_under_way_leaves_the_outcome_unknown(shop: Shop) -> None:
    shop.upstream.script(LOST, UNDER_WAY, UNDER_WAY)
    assert (await shop.run("shopify_inventory_adjust", ADJUST))[0] == "outcome_unknown"


async def test_a_write_of_whose_answer_a_part_failed_has_been_done(shop: Shop) -> None:
    shop.upstream.script(refused("ACCESS_DENIED", "productUpdate", "product", "handle"))
    assert (await shop.run("shopify_product_update", RENAME))[0] == "outcome_unknown"


async def test_a_write_that_was_refused_as_a_whole_has_failed(shop: Shop) -> None:
    shop.upstream.script(refused("ACCESS_DENIED", "productUpdate"))
    assert (await shop.run("shopify_product_update", RENAME))[0] == "failed"


async def test_without_a_token_nothing_was_written(shop: Shop) -> None:
    shop.upstream.fixed[TOKEN] = Reply(503)
    outcome, why = await shop.run("shopify_product_update", RENAME)
    assert (outcome, why["error"]) == ("failed", "connector-unavailable")
    assert {each.target for each in shop.upstream.requests} == {TOKEN}
