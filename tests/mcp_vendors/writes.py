"""Writes as the executor runs them: proposals that fit a shop, and leases on them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from tests.mcp_vendors.stage import NOW
from tillhand_common.approvals_client import Result
from tillhand_common.approvals_models import Leased, ProposalView
from tillhand_common.testing import FakeClock
from tillhand_mcp.adapters.no_approvals import NoApprovals
from tillhand_mcp.mock.world import BING_SITE
from tillhand_mcp.ports.connector import Connector
from tillhand_mcp.service.executing import Executing
from tillhand_mcp.service.freshness import Freshness
from tillhand_mcp.service.registry import Registry
from tillhand_mockshop.model import Order, Shop

PROPOSAL: Final = "0123456789abcdef0123456789abcdef"
EFFECTS: Final[Mapping[str, str]] = {
    "shopify_inventory_adjust": "inventoryAdjustQuantities",
    "shopify_refund": "refundCreate",
    "shopify_product_update": "productUpdate",
    "shopify_price_change": "productVariantsBulkUpdate",
    "shopify_discount_create": "discountCodeBasicCreate",
    "bing_submit_url": "SubmitUrl",
}
"""Every tool that writes, and what it does at its vendor."""
KEYED: Final = ("shopify_inventory_adjust", "shopify_refund")
UNKEYED: Final = tuple(name for name in EFFECTS if name not in KEYED)


def paid(goods: Shop) -> Order:
    """An order of which nothing has been given back."""
    return next(each for each in goods.orders if each.financial == "PAID" and each.total_minor > 1_000)


def wanted(name: str, goods: Shop) -> dict[str, Any]:
    """Arguments of a tool that writes, as the shop is."""
    variant = goods.products[0].variants[0]
    product = f"gid://shopify/Product/{variant.product_id}"
    (item, place), there = next((key, there) for key, there in goods.stock.items() if there > 5)
    found: dict[str, dict[str, Any]] = {
        "shopify_inventory_adjust": {
            "inventory_item_id": f"gid://shopify/InventoryItem/{item}",
            "location_id": f"gid://shopify/Location/{place}",
            "delta": -2,
            "expected_available": there,
        },
        "shopify_refund": {
            "order_id": f"gid://shopify/Order/{paid(goods).id}",
            "amount_minor": 500,
            "currency": goods.currency,
            "note": "Broken.",
        },
        "shopify_product_update": {"product_id": product, "title": "Another title", "tags": ["new"]},
        "shopify_price_change": {
            "product_id": product,
            "variant_id": f"gid://shopify/ProductVariant/{variant.id}",
            "price_minor": variant.price_minor + 100,
            "currency": goods.currency,
            "expected_price_minor": variant.price_minor,
        },
        "shopify_discount_create": {
            "title": "Autumn",
            "code": "AUTUMN-10",
            "percent": 10,
            "starts_at": "2026-11-01T00:00:00Z",
        },
        "bing_submit_url": {"url": f"{BING_SITE}products/oak-shelf"},
    }
    return found[name]


def leased(name: str, arguments: Mapping[str, Any], version: str = "1", key: str = PROPOSAL) -> Leased:
    """A lease on an approved proposal."""
    proposal = ProposalView(
        id=PROPOSAL,
        state="executing",
        revision=3,
        tool=name,
        tool_version=version,
        arguments=arguments,
        digest="d" * 64,
        edited=False,
        risk="high",
        decision=None,
        outcome=None,
        created_at=NOW,
        updated_at=NOW,
        expires_at=NOW + timedelta(days=1),
        execute_by=None,
    )
    return Leased(
        token=1,
        ends_at=NOW + timedelta(minutes=1),
        idempotency_key=key,
        tool=name,
        tool_version=version,
        digest="d" * 64,
        arguments=arguments,
        proposal=proposal,
    )


async def executed(
    connector: Connector, name: str, arguments: Mapping[str, Any], key: str = PROPOSAL
) -> tuple[Result, Mapping[str, Any]]:
    """What the executor reports of one approved proposal."""
    return await executed_by(Registry((connector,)), Freshness(FakeClock(NOW)), name, arguments, key)


async def executed_by(
    registry: Registry, freshness: Freshness, name: str, arguments: Mapping[str, Any], key: str = PROPOSAL
) -> tuple[Result, Mapping[str, Any]]:
    """The same, of tools that are called meanwhile."""
    executing = Executing(registry=registry, approvals=NoApprovals(), freshness=freshness, clock=FakeClock(NOW))
    return await executing.work(leased(name, arguments, key=key))
