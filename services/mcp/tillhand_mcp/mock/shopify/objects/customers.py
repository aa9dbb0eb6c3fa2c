"""Customers and where they live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tillhand_mcp.mock.shopify.connections import Page
from tillhand_mcp.mock.shopify.context import Args, Context, Table, empty, fixed, plain
from tillhand_mcp.mock.shopify.objects.metafields import of_owner
from tillhand_mcp.mock.shopify.objects.sums import refunded, total
from tillhand_mcp.mock.shopify.values import gid, moment, money
from tillhand_mockshop.model import Customer, Order


def address(customer: Customer, *_: object) -> Mapping[str, Any]:
    """Return where a customer lives."""
    lives = customer.address
    return {
        "__typename": "MailingAddress",
        "id": gid("MailingAddress", customer.id),
        "firstName": customer.first_name,
        "lastName": customer.last_name,
        "name": f"{customer.first_name} {customer.last_name}",
        "address1": lives.street,
        "city": lives.city,
        "zip": lives.postcode,
        "countryCodeV2": lives.country,
        "countryCode": lives.country,
        "phone": customer.phone,
        "coordinatesValidated": False,
        "formatted": [lives.street, f"{lives.postcode} {lives.city}", lives.country],
        "formattedArea": f"{lives.city}, {lives.country}",
    }


def orders_of(customer: Customer, context: Context) -> list[Order]:
    """Return what a customer has ordered, oldest first."""
    return [context.state.orders[number] for number in context.state.orders_of.get(customer.id, ())]


def orders(customer: Customer, context: Context, args: Args) -> Page:
    """Return what a customer has ordered, page by page."""
    return context.short(sorted(orders_of(customer, context), key=lambda order: order.id), args)


def spent(customer: Customer, context: Context, _args: Args) -> Mapping[str, str]:
    """Return what a customer has paid and not got back."""
    paid = sum(total(order) - refunded(order) for order in orders_of(customer, context) if not order.cancelled_at)
    return money(paid, context.state.currency)


def last_order(customer: Customer, context: Context, _args: Args) -> Order | None:
    """Return a customer's newest order."""
    return max(orders_of(customer, context), key=lambda order: order.created_at, default=None)


def email(customer: Customer, *_: object) -> Mapping[str, Any]:
    """Return a customer's address for messages."""
    return {
        "emailAddress": customer.email,
        "validFormat": True,
        "marketingState": "NOT_SUBSCRIBED",
        "openTrackingLevel": "UNKNOWN",
    }


def phone(customer: Customer, *_: object) -> Mapping[str, Any] | None:
    """Return a customer's telephone number."""
    return {"phoneNumber": customer.phone, "marketingState": "NOT_SUBSCRIBED"} if customer.phone else None


def addresses(customer: Customer, context: Context, args: Args) -> Page:
    """Return the one address of a customer, page by page."""
    return context.short((address(customer),), args, lambda one: (one["id"],))


CUSTOMER: Final[Table] = {
    **plain(firstName="first_name", lastName="last_name", email="email", phone="phone"),
    **fixed(state="DISABLED", tags=[], taxExempt=False, taxExemptions=[], verifiedEmail=True, validEmailAddress=True),
    **fixed(canDelete=False, dataSaleOptOut=False, locale="en", companyContactProfiles=[]),
    **of_owner("Customer"),
    "id": lambda customer, *_: gid("Customer", customer.id),
    "legacyResourceId": lambda customer, *_: str(customer.id),
    "displayName": lambda customer, *_: f"{customer.first_name} {customer.last_name}",
    "createdAt": lambda customer, *_: moment(customer.created_at),
    "updatedAt": lambda customer, *_: moment(customer.created_at),
    "defaultEmailAddress": email,
    "defaultPhoneNumber": phone,
    "defaultAddress": address,
    "addresses": lambda customer, *_: [address(customer)],
    "addressesV2": addresses,
    "events": empty,
    "numberOfOrders": lambda customer, context, _: str(len(orders_of(customer, context))),
    "orders": orders,
    "lastOrder": last_order,
    "amountSpent": spent,
}
