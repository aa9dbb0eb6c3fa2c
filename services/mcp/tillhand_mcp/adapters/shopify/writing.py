"""Writing to a shop: every method is run by the executor alone, with what a person has approved."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tillhand_common.errors import UpstreamError, UpstreamProtocolError
from tillhand_mcp.adapters.shopify import documents, shapes
from tillhand_mcp.adapters.shopify.checks import payment, refundable, same_currency, same_price, the_variant
from tillhand_mcp.adapters.shopify.client import Data, ShopifyClient
from tillhand_mcp.adapters.shopify.operation import Operation
from tillhand_mcp.adapters.shopify.proposals import (
    Adjusted,
    Adjustment,
    Discount,
    Discounted,
    PriceChange,
    PriceChanged,
    ProductChange,
    ProductChanged,
    Refund,
    Refunded,
    RefundLine,
)
from tillhand_mcp.adapters.shopify.reading import Reading
from tillhand_mcp.adapters.upstreams.agreed import as_agreed
from tillhand_mcp.adapters.upstreams.standing import Standing
from tillhand_mcp.domain.money import decimal_amount
from tillhand_mcp.errors import ConnectorUnavailable, ToolRefused
from tillhand_mcp.ports.connector import Answer, Approved


class Writing:
    """The tools that write. What Shopify refuses is said in its own words, and nothing was changed then."""

    def __init__(self, client: ShopifyClient, reading: Reading, standing: Standing) -> None:
        self._client = client
        self._reading = reading
        self._standing = standing

    async def adjust(self, approved: Approved, given: Adjustment) -> Answer:
        """Change what is available, if it still is what it was."""
        change = {
            "inventoryItemId": given.inventory_item_id,
            "locationId": given.location_id,
            "delta": given.delta,
            "changeFromQuantity": given.expected_available,
        }
        body = {"name": "available", "reason": given.cause, "changes": [change]}
        found = await self._write(
            approved, documents.INVENTORY_ADJUST, {"input": body}, "inventoryAdjustQuantities", keyed=True
        )
        group = found["inventoryAdjustmentGroup"] or {}
        after = next(
            (each["quantityAfterChange"] for each in group.get("changes", ()) if each["name"] == "available"), None
        )
        done = Adjusted(adjustment_id=group.get("id"), available_after=after)
        return Answer(done, f"Adjusted by {given.delta:+d}.", self._standing.origin())

    async def change_product(self, approved: Approved, given: ProductChange) -> Answer:
        """Give a product new values."""
        names = {
            "title": given.title,
            "descriptionHtml": given.description_html,
            "productType": given.product_type,
            "vendor": given.vendor,
            "tags": given.tags,
            "status": given.status,
        }
        seo = {"title": given.seo_title, "description": given.seo_description}
        body = {"id": given.product_id, **_given(names), **({"seo": _given(seo)} if _given(seo) else {})}
        found = await self._write(approved, documents.PRODUCT_UPDATE, {"product": body}, "productUpdate", keyed=False)
        now = found["product"]
        done = ProductChanged(product_id=now["id"], title=now["title"], handle=now["handle"], status=now["status"])
        return Answer(done, f"{done.title} was changed.", self._standing.origin())

    async def change_price(self, approved: Approved, given: PriceChange) -> Answer:
        """Give a variant a new price, if the old one still is what it was."""
        async with _nothing_written():
            currency = await self._reading.currency()
            found = (await self._client.read(documents.PRICE, {"id": given.variant_id}))["productVariant"]
            same_price(the_variant(found, given, currency), given, currency)
        variant: dict[str, Any] = {"id": given.variant_id, "price": decimal_amount(given.price_minor, currency)}
        if given.compare_at_minor is not None:
            variant["compareAtPrice"] = decimal_amount(given.compare_at_minor, currency)
        variables = {"productId": given.product_id, "variants": [variant]}
        changed = await self._write(
            approved, documents.PRICE_CHANGE, variables, "productVariantsBulkUpdate", keyed=False
        )
        now = changed["productVariants"][0]
        before = now["compareAtPrice"]
        done = PriceChanged(
            variant_id=now["id"],
            price=shapes.money_of(now["price"], currency),
            compare_at_price=None if before is None else shapes.money_of(before, currency),
        )
        return Answer(done, f"The price is {now['price']} {currency} now.", self._standing.origin())

    async def refund(self, approved: Approved, given: Refund) -> Answer:
        """Give money back, through the payment by which it came."""
        async with _nothing_written():
            order = (await self._client.read(documents.ORDER, {"id": given.order_id}))["order"]
            refundable(order, given)
            transaction = _transaction(order, given)
        body = {
            "orderId": given.order_id,
            "note": given.note,
            "notify": given.notify_customer,
            "refundLineItems": [_returned(line) for line in given.lines],
            "transactions": [transaction],
        }
        found = await self._write(approved, documents.REFUND, {"input": body}, "refundCreate", keyed=True)
        refund = found["refund"]
        done = Refunded(refund_id=refund["id"], amount=shapes.money(refund["totalRefundedSet"]["shopMoney"]))
        told = (
            f"{decimal_amount(done.amount.amount_minor, done.amount.currency)} {done.amount.currency} were given back."
        )
        return Answer(done, told, self._standing.origin())

    async def discount(self, approved: Approved, given: Discount) -> Answer:
        """Make a discount code."""
        currency = given.currency or ""
        async with _nothing_written():
            if currency:
                same_currency(currency, await self._reading.currency())
        if given.percent is not None:
            value: dict[str, Any] = {"percentage": given.percent / 100}
        else:
            amount = decimal_amount(given.amount_minor or 0, currency)
            value = {"discountAmount": {"amount": amount, "appliesOnEachItem": False}}
        body = {
            "title": given.title,
            "code": given.code,
            "startsAt": given.starts_at.isoformat(),
            "appliesOncePerCustomer": given.once_per_customer,
            "context": {"all": "ALL"},
            "customerGets": {"value": value, "items": {"all": True}},
            **_given({"endsAt": given.ends_at and given.ends_at.isoformat(), "usageLimit": given.usage_limit}),
        }
        if given.minimum_minor is not None:
            least = decimal_amount(given.minimum_minor, currency)
            body["minimumRequirement"] = {"subtotal": {"greaterThanOrEqualToSubtotal": least}}
        found = await self._write(
            approved, documents.DISCOUNT, {"discount": body}, "discountCodeBasicCreate", keyed=False
        )
        done = Discounted(discount_id=found["codeDiscountNode"]["id"], code=given.code, starts_at=given.starts_at)
        return Answer(done, f"The code {given.code} can be used.", self._standing.origin())

    async def _write(
        self, approved: Approved, operation: Operation, variables: Mapping[str, Any], field: str, *, keyed: bool
    ) -> Data:
        found = (await self._client.write(approved, operation, variables, keyed=keyed))[field]
        if found is None:
            raise UpstreamProtocolError("shopify", f"answered nothing to {field}")
        if found["userErrors"]:
            raise ToolRefused(_told(found["userErrors"]), extensions={"reason": "user-errors"})
        payload: Data = found
        return payload


@asynccontextmanager
async def _nothing_written() -> AsyncIterator[None]:
    """Around what is read before a write. Where that fails nothing was written, which is no unknown outcome."""
    try:
        with as_agreed("shopify"):
            yield
    except UpstreamError as error:
        raise ConnectorUnavailable(
            f"Nothing was written: {error.detail or error.title}", retry_after_s=error.retry_after_s or 10.0
        ) from error


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _told(errors: Sequence[Mapping[str, Any]]) -> str:
    said = "; ".join(
        f"{'.'.join(map(str, each.get('field') or ()))}: {each['message']}".lstrip(": ") for each in errors
    )
    return f"Shopify refuses, and nothing was changed: {said}"


def _returned(line: RefundLine) -> dict[str, Any]:
    found = {
        "lineItemId": line.line_item_id,
        "quantity": line.quantity,
        "restockType": "RETURN" if line.restock else "NO_RESTOCK",
    }
    return {**found, "locationId": line.location_id} if line.location_id else found


def _transaction(order: Mapping[str, Any], given: Refund) -> dict[str, Any]:
    paid = payment(order)
    return {
        "orderId": given.order_id,
        "parentId": paid["id"],
        "gateway": paid["gateway"],
        "kind": "REFUND",
        "amount": decimal_amount(given.amount_minor, given.currency),
    }
