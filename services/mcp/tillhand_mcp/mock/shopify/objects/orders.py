"""Orders, their lines and what was paid for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tillhand_mcp.mock.shopify.connections import Key, Page
from tillhand_mcp.mock.shopify.context import Args, Context, Handler, Table, empty, fixed, plain, same
from tillhand_mcp.mock.shopify.listings import updated
from tillhand_mcp.mock.shopify.objects import sums
from tillhand_mcp.mock.shopify.objects.customers import address
from tillhand_mcp.mock.shopify.objects.metafields import of_owner
from tillhand_mcp.mock.shopify.objects.products import count
from tillhand_mcp.mock.shopify.values import amount, gid, moment, money, money_bag
from tillhand_mockshop.model import Customer, Order, OrderLine, Product, Refund, Variant

GATEWAY: Final = "shopify_payments"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order."""

    order: Order
    line: OrderLine


@dataclass(frozen=True, slots=True)
class Given:
    """A refund of an order."""

    order: Order
    refund: Refund


def bag(sum_up: Callable[[Order], int]) -> Handler:
    """Return the handler of a sum of money."""
    return lambda order, context, _: money_bag(sum_up(order), context.state.currency)


def plain_money(sum_up: Callable[[Order], int]) -> Handler:
    """Return the handler of a sum of money as the older fields give it."""
    return lambda order, context, _: amount(sum_up(order), context.state.currency)


def customer_of(order: Order, context: Context, *_: object) -> Customer | None:
    """Return who has ordered."""
    return context.state.customers.get(order.customer_id)


def ships_to(order: Order, context: Context, _args: Args) -> Mapping[str, Any] | None:
    """Return where the goods go, which is where the customer lives."""
    customer = customer_of(order, context)
    return address(customer) if customer else None


def by_line_id(found: Line) -> Key:
    """Return the key of an order's lines."""
    return (found.line.id,)


def lines(order: Order, context: Context, args: Args) -> Page:
    """Return the lines of an order."""
    found = sorted((Line(order, line) for line in order.lines), key=by_line_id)
    return context.short(found, args, by_line_id)


def refunds(order: Order, _context: Context, args: Args) -> list[Given]:
    """Return the refunds of an order, oldest first."""
    return [Given(order, refund) for refund in order.refunds][: args.get("first")]


def sale(order: Order, context: Context) -> Mapping[str, Any]:
    """Return the payment of an order."""
    paid = sums.received(order)
    return {
        "__typename": "OrderTransaction",
        "id": gid("OrderTransaction", order.id),
        "kind": "SALE",
        "status": "SUCCESS" if paid else "PENDING",
        **transacted(order, paid or order.total_minor, context),
    }


def transacted(order: Order, minor: int, context: Context) -> Mapping[str, Any]:
    """Return what all payments say."""
    currency = context.state.currency
    return {
        **dict.fromkeys(("manualPaymentGateway", "manuallyCapturable", "multiCapturable"), False),
        "gateway": GATEWAY,
        "formattedGateway": "Shopify Payments",
        "test": True,
        "fees": [],
        "order": order,
        "amount": amount(minor, currency),
        "amountSet": money_bag(minor, currency),
        "amountV2": money(minor, currency),
        "createdAt": moment(order.created_at),
        "processedAt": moment(order.created_at),
    }


def payback(given: Given, context: Context) -> Mapping[str, Any]:
    """Return the payment that a refund consists of."""
    return {
        **transacted(given.order, given.refund.amount_minor, context),
        "__typename": "OrderTransaction",
        "id": gid("OrderTransaction", given.refund.id),
        "kind": "REFUND",
        "status": "SUCCESS",
        "createdAt": moment(given.refund.created_at),
        "processedAt": moment(given.refund.created_at),
        "parentTransaction": sale(given.order, context),
    }


def transactions(order: Order, context: Context, args: Args) -> list[Mapping[str, Any]]:
    """Return what was paid for an order, and paid back."""
    back = [payback(Given(order, refund), context) for refund in order.refunds if refund.amount_minor]
    return [sale(order, context), *back][: args.get("first")]


def left(order: Order) -> int:
    """Return what an order comes to after what was given back."""
    return max(0, order.total_minor - sums.refunded(order))


def cancelled(order: Order, *_: object) -> str | None:
    """Return when an order was called off."""
    return moment(order.cancelled_at) if order.cancelled_at else None


def quantity_left(order: Order) -> int:
    """Return how many things an order holds after what was given back."""
    return sum(line.quantity - sums.returned(order, line) for line in order.lines)


def weight(order: Order, context: Context, _args: Args) -> str:
    """Return what the goods weigh, in grams."""
    known = [(line, context.state.variants.get(line.variant_id)) for line in order.lines]
    return str(
        sum(variant.weight_g * (line.quantity - sums.returned(order, line)) for line, variant in known if variant)
    )


ORDER: Final[Table] = {
    **same("name"),
    **plain(displayFinancialStatus="financial", displayFulfillmentStatus="fulfillment", sourceName="channel"),
    **fixed(tags=[], note=None, test=False, confirmed=True, edited=False, closed=False, taxesIncluded=True, alerts=[]),
    **fixed(discountCodes=[], customAttributes=[], estimatedTaxes=False, dutiesIncluded=False, taxExempt=False),
    **fixed(merchantEditable=True, merchantEditableErrors=[], requiresShipping=True, customerAcceptsMarketing=False),
    **fixed(paymentGatewayNames=[GATEWAY], billingAddressMatchesShippingAddress=True, canNotifyCustomer=True),
    **fixed(
        taxLines=[], currentTaxLines=[], capturable=False, canMarkAsPaid=False, riskLevel="LOW", productNetwork=False
    ),
    **fixed(returnStatus="NO_RETURN", fulfillments=[], disputes=[], additionalFees=[], hasTimelineComment=False),
    **of_owner("Order"),
    "id": lambda order, *_: gid("Order", order.id),
    "legacyResourceId": lambda order, *_: str(order.id),
    "number": lambda order, *_: int("".join(filter(str.isdigit, order.name)) or order.id),
    "email": lambda order, context, _: found.email if (found := customer_of(order, context)) else None,
    "phone": lambda order, context, _: found.phone if (found := customer_of(order, context)) else None,
    "createdAt": lambda order, *_: moment(order.created_at),
    "processedAt": lambda order, *_: moment(order.created_at),
    "updatedAt": lambda order, *_: moment(updated(order)),
    "cancelledAt": cancelled,
    "cancelReason": lambda order, *_: "OTHER" if order.cancelled_at else None,
    "currencyCode": lambda _, context, __: context.state.currency,
    "presentmentCurrencyCode": lambda _, context, __: context.state.currency,
    "customer": customer_of,
    "shippingAddress": ships_to,
    "billingAddress": ships_to,
    "displayAddress": ships_to,
    "lineItems": lines,
    "currentTotalWeight": weight,
    "subtotalLineItemsQuantity": lambda order, *_: sum(line.quantity for line in order.lines),
    "currentSubtotalLineItemsQuantity": lambda order, *_: quantity_left(order),
    "refunds": refunds,
    "refundable": lambda order, *_: sums.refundable(order) > 0,
    "restockable": lambda order, *_: quantity_left(order) > 0,
    "transactions": transactions,
    "transactionsCount": lambda order, context, args: count(len(transactions(order, context, args))),
    "fullyPaid": lambda order, *_: sums.received(order) >= order.total_minor,
    "unpaid": lambda order, *_: sums.received(order) == 0,
    "fulfillable": lambda order, *_: order.fulfillment != "FULFILLED" and order.cancelled_at is None,
    **dict.fromkeys(("shippingLines", "discountApplications", "returns", "fulfillmentOrders", "events"), empty),
    **dict.fromkeys(("nonFulfillableLineItems", "localizedFields", "agreements"), empty),
    "totalPrice": plain_money(sums.total),
    "totalPriceSet": bag(sums.total),
    "originalTotalPriceSet": bag(sums.total),
    "currentTotalPriceSet": bag(left),
    "subtotalPriceSet": bag(sums.subtotal),
    "currentSubtotalPriceSet": bag(lambda order: max(0, sums.subtotal(order) - sums.value_returned(order))),
    "currentCartDiscountAmountSet": bag(lambda _: 0),
    "totalDiscountsSet": bag(sums.discounts),
    "currentTotalDiscountsSet": bag(sums.discounts),
    "totalShippingPriceSet": bag(lambda order: order.shipping_minor),
    "currentShippingPriceSet": bag(lambda order: order.shipping_minor),
    "totalTaxSet": bag(lambda order: order.tax_minor),
    "currentTotalTaxSet": bag(lambda order: round(order.tax_minor * left(order) / (order.total_minor or 1))),
    "totalRefunded": plain_money(sums.refunded),
    "totalRefundedSet": bag(sums.refunded),
    "totalRefundedShippingSet": lambda order, context, _: money_bag(
        context.state.shipping_refunded.get(order.id, 0), context.state.currency
    ),
    "totalShippingPrice": plain_money(lambda order: order.shipping_minor),
    "totalReceived": plain_money(sums.received),
    "netPayment": plain_money(lambda order: sums.received(order) - sums.refunded(order)),
    "totalReceivedSet": bag(sums.received),
    "netPaymentSet": bag(lambda order: sums.received(order) - sums.refunded(order)),
    "totalOutstandingSet": bag(lambda order: 0 if order.cancelled_at else order.total_minor - sums.received(order)),
    "totalCapturableSet": bag(lambda _: 0),
    "totalTipReceivedSet": bag(lambda _: 0),
    "refundDiscrepancySet": bag(lambda _: 0),
}


def variant_of(found: Line, context: Context, _args: Args) -> Variant | None:
    """Return the variant that was bought."""
    return context.state.variants.get(found.line.variant_id)


def product_of(found: Line, context: Context, args: Args) -> Product | None:
    """Return the product that was bought."""
    variant = variant_of(found, context, args)
    return context.state.products[variant.product_id] if variant else None


def line_title(found: Line, context: Context, args: Args) -> str:
    """Return what the line is called: as its product."""
    product = product_of(found, context, args)
    return product.title if product else "Removed product"


def line_bag(sum_up: Callable[[Line], int]) -> Handler:
    """Return the handler of a sum of money of a line."""
    return lambda found, context, _: money_bag(sum_up(found), context.state.currency)


def allocations(found: Line, context: Context, _args: Args) -> list[Mapping[str, Any]]:
    """Return what was taken off a line, which is all by one discount."""
    off, currency = found.line.discount_minor, context.state.currency
    amounts = {"allocatedAmount": money(off, currency), "allocatedAmountSet": money_bag(off, currency)}
    return [amounts] if off else []


def undelivered(found: Line) -> int:
    """Return how many of a line are still to be sent."""
    return 0 if found.order.fulfillment == "FULFILLED" else found.line.quantity - sums.returned(found.order, found.line)


LINE: Final[Table] = {
    **plain(quantity="line.quantity"),
    **fixed(isGiftCard=False, requiresShipping=True, taxable=True, restockable=True, merchantEditable=False),
    **fixed(customAttributes=[], duties=[], taxLines=[], nonFulfillableQuantity=0),
    "id": lambda found, *_: gid("LineItem", found.line.id),
    "title": line_title,
    "name": line_title,
    "sku": lambda found, context, args: variant.sku if (variant := variant_of(found, context, args)) else None,
    "variantTitle": lambda found, context, args: one.title if (one := variant_of(found, context, args)) else None,
    "vendor": lambda found, context, args: product.vendor if (product := product_of(found, context, args)) else None,
    "variant": variant_of,
    "product": product_of,
    "currentQuantity": lambda found, *_: found.line.quantity - sums.returned(found.order, found.line),
    "refundableQuantity": lambda found, *_: found.line.quantity - sums.returned(found.order, found.line),
    "unfulfilledQuantity": lambda found, *_: undelivered(found),
    "fulfillableQuantity": lambda found, *_: undelivered(found),
    "originalUnitPriceSet": line_bag(lambda found: found.line.unit_price_minor),
    "originalTotalSet": line_bag(lambda found: found.line.unit_price_minor * found.line.quantity),
    "discountedTotalSet": line_bag(lambda found: sums.discounted(found.line)),
    "discountedUnitPriceSet": line_bag(lambda found: sums.share(found.line, 1)),
    "discountedUnitPriceAfterAllDiscountsSet": line_bag(lambda found: sums.share(found.line, 1)),
    "priceAfterAllDiscountsBeforeTaxesSet": line_bag(lambda found: sums.discounted(found.line)),
    "totalDiscountSet": line_bag(lambda found: found.line.discount_minor),
    "discountAllocations": allocations,
}
