"""How Shopify writes identities, amounts of money and moments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

from graphql import GraphQLError

GID: Final = re.compile(r"gid://shopify/(\w+)/(\d+)(?:\?(.*))?")
LEVEL: Final = re.compile(r"gid://shopify/InventoryLevel/(\d+)\?inventory_item_id=(\d+)")
WITHOUT_MINOR: Final = {"JPY", "KRW", "CLP", "ISK", "VND"}


def refusal(message: str, code: str = "BAD_REQUEST", **more: object) -> GraphQLError:
    """Return an error in the form that Shopify gives its own: with a code among the extensions."""
    return GraphQLError(message, extensions={"code": code, **more})


def gid(kind: str, number: int) -> str:
    """Return the global id of an object."""
    return f"gid://shopify/{kind}/{number}"


def level_gid(item: int, location: int) -> str:
    """Return the global id of an inventory level, which names two objects."""
    return f"gid://shopify/InventoryLevel/{location}?inventory_item_id={item}"


def split_gid(text: str) -> tuple[str, int]:
    """Return the kind and the number in a global id; what is none is refused as Shopify does."""
    matched = GID.fullmatch(text)
    if matched is None:
        raise refusal(f"Invalid global id '{text}'", "argumentLiteralsIncompatible")
    return matched[1], int(matched[2])


def number(text: str, kind: str) -> int:
    """Return the number in a global id of one kind."""
    found, value = split_gid(text)
    if found != kind:
        raise refusal(f"Invalid global id '{text}'", "argumentLiteralsIncompatible")
    return value


def split_level(text: str) -> tuple[int, int] | None:
    """Return the inventory item and the location in the global id of an inventory level."""
    matched = LEVEL.fullmatch(text)
    return (int(matched[2]), int(matched[1])) if matched else None


def exponent(currency: str) -> int:
    """Return how many digits the minor unit of a currency has."""
    return 0 if currency in WITHOUT_MINOR else 2


def amount(minor: int, currency: str) -> str:
    """Return an amount as the scalar `Money` writes it: with all digits of the minor unit."""
    return f"{Decimal(minor).scaleb(-exponent(currency)):.{exponent(currency)}f}"


def money(minor: int, currency: str) -> dict[str, str]:
    """Return an amount as a `MoneyV2`, whose digits end where they say nothing more, but not before the first."""
    whole, _, fraction = amount(minor, currency).partition(".")
    return {"amount": f"{whole}.{fraction.rstrip('0') or '0'}", "currencyCode": currency}


def money_bag(minor: int, currency: str) -> dict[str, dict[str, str]]:
    """Return an amount as a `MoneyBag`: shop and customer use one currency."""
    both = money(minor, currency)
    return {"shopMoney": both, "presentmentMoney": both}


def minor_units(text: object, currency: str) -> int | None:
    """Return an amount in minor units, or None for what is no amount or is finer than the currency."""
    try:
        value = Decimal(str(text)).scaleb(exponent(currency))
    except InvalidOperation:
        return None
    rounded = value.to_integral_value(ROUND_HALF_UP) if value.is_finite() else None
    return int(rounded) if rounded is not None and rounded == value else None


def moment(at: datetime) -> str:
    """Return a moment as Shopify writes it: in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def user_error(message: str, *field: str, code: str | None = None, **more: object) -> Mapping[str, Any]:
    """Return an entry of `userErrors`; `code` is dropped where the mutation's type has none."""
    return {"field": list(field) or None, "message": message, "code": code, **more}
