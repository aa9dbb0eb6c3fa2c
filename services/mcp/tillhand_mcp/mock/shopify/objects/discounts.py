"""Codes that take something off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tillhand_mcp.mock.shopify.connections import Page
from tillhand_mcp.mock.shopify.context import Args, Context, Table, empty
from tillhand_mcp.mock.shopify.objects.products import count
from tillhand_mcp.mock.shopify.state import Discount
from tillhand_mcp.mock.shopify.values import amount, gid, moment, money


def status(discount: Discount, context: Context) -> str:
    """Return whether a code can be used now."""
    now = context.state.now()
    if discount.starts_at > now:
        return "SCHEDULED"
    return "EXPIRED" if discount.ends_at is not None and discount.ends_at <= now else "ACTIVE"


def value(discount: Discount, context: Context) -> Mapping[str, Any]:
    """Return what is taken off."""
    if discount.percentage is not None:
        return {"__typename": "DiscountPercentage", "percentage": discount.percentage}
    off = money(discount.amount_minor or 0, context.state.currency)
    return {"__typename": "DiscountAmount", "amount": off, "appliesOnEachItem": False}


def summary(discount: Discount, context: Context) -> str:
    """Return in words what is taken off."""
    if discount.percentage is not None:
        return f"{discount.percentage * 100:g}% off"
    return f"{amount(discount.amount_minor or 0, context.state.currency)} {context.state.currency} off"


def codes(discount: Discount, context: Context, args: Args) -> Page:
    """Return the one code of a discount."""
    code = {
        "__typename": "DiscountRedeemCode",
        "id": gid("DiscountRedeemCode", discount.id),
        "code": discount.code,
        "asyncUsageCount": 0,
    }
    return context.short((code,), args, lambda one: (one["id"],))


def basic(discount: Discount, context: Context) -> Mapping[str, Any]:
    """Return what a discount says of itself."""
    given = discount.input
    combines = {"orderDiscounts": False, "productDiscounts": False, "shippingDiscounts": False}
    return {
        "__typename": "DiscountCodeBasic",
        "title": discount.title,
        "status": status(discount, context),
        "summary": summary(discount, context),
        "shortSummary": summary(discount, context),
        "startsAt": moment(discount.starts_at),
        "endsAt": moment(discount.ends_at) if discount.ends_at else None,
        "createdAt": moment(discount.created_at),
        "updatedAt": moment(discount.created_at),
        "usageLimit": given.get("usageLimit"),
        "appliesOncePerCustomer": bool(given.get("appliesOncePerCustomer")),
        "asyncUsageCount": 0,
        "codes": lambda _, context, args: codes(discount, context, args),
        "codesCount": count(1),
        "combinesWith": {**combines, **(given.get("combinesWith") or {})},
        "context": {"__typename": "DiscountBuyerSelectionAll", "all": "ALL"},
        "customerSelection": {"__typename": "DiscountCustomerAll", "allCustomers": True},
        "customerGets": {
            "value": value(discount, context),
            "items": {"__typename": "AllDiscountItems", "allItems": True},
            "appliesOnOneTimePurchase": True,
            "appliesOnSubscription": False,
        },
        "discountClass": "ORDER",
        "discountClasses": ["ORDER"],
        "hasTimelineComment": False,
        "shareableUrls": [],
        "tags": given.get("tags") or [],
    }


DISCOUNT: Final[Table] = {
    "id": lambda discount, *_: gid("DiscountCodeNode", discount.id),
    "codeDiscount": lambda discount, context, _: basic(discount, context),
    "metafield": lambda *_: None,
    "metafields": empty,
    "events": empty,
}


def by_code(context: Context, code: str) -> Discount | None:
    """Return the discount that a code stands for; codes do not heed capitals."""
    wanted = code.casefold()
    return next((one for one in context.state.discounts.values() if one.code.casefold() == wanted), None)


def nodes(_source: object, context: Context, args: Args) -> Page:
    """Return all discounts that were created here."""
    return context.short(list(context.state.discounts.values()), args)
