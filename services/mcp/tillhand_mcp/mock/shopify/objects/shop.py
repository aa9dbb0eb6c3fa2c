"""The shop itself, and the app that asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from tillhand_mcp.mock.shopify.context import Args, Context, Table, fixed
from tillhand_mcp.mock.shopify.objects import metafields
from tillhand_mcp.mock.shopify.values import gid, moment
from tillhand_mcp.mock.world import World
from tillhand_mockshop.model import Shop

SHOP_ID: Final = 1
APP_ID: Final = 1
SCOPES: Final = (
    *("read_products", "write_products", "read_inventory", "write_inventory", "read_locations"),
    *("read_orders", "write_orders", "read_customers", "read_discounts", "write_discounts"),
)


def offset(shop: Shop, context: Context) -> int:
    """Return by how many minutes the shop's clock is ahead of UTC."""
    ahead = context.state.now().astimezone(ZoneInfo(shop.time_zone)).utcoffset()
    return int(ahead.total_seconds() // 60) if ahead else 0


def offset_text(shop: Shop, context: Context, _args: Args) -> str:
    """Return by how much the shop's clock is ahead of UTC, as in `+0100`."""
    minutes = offset(shop, context)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}{rest:02d}"


def zone_name(shop: Shop, context: Context, _args: Args) -> str:
    """Return the short name of the shop's zone, as in `CET`."""
    return context.state.now().astimezone(ZoneInfo(shop.time_zone)).tzname() or shop.time_zone


def opened(shop: Shop, *_: object) -> str:
    """Return when the shop was opened: with the first day that is known of it."""
    return moment(datetime.combine(shop.first_day, time(), ZoneInfo(shop.time_zone)))


def domain(shop: Shop, *_: object) -> Mapping[str, Any]:
    """Return the shop's own domain."""
    url = f"https://{shop.domain}"
    return {"__typename": "Domain", "id": gid("Domain", SHOP_ID), "host": shop.domain, "url": url, "sslEnabled": True}


PLAN: Final = {
    "displayName": "Development",
    "publicDisplayName": "Development",
    "partnerDevelopment": True,
    "shopifyPlus": False,
}


def text(form: str) -> Any:  # noqa: ANN401  # a handler
    """Return the handler of a text with the shop's domain in it."""
    return lambda shop, *_: form.format(domain=shop.domain, handle=shop.domain.split(".")[0])


SHOP: Final[Table] = {
    **fixed(id=gid("Shop", SHOP_ID), taxesIncluded=True, taxShipping=True, setupRequired=False, alerts=[], plan=PLAN),
    **fixed(weightUnit="KILOGRAMS", unitSystem="METRIC_SYSTEM", checkoutApiSupported=True, orderNumberFormatPrefix="#"),
    **fixed(orderNumberFormatSuffix="", shopOwnerName="Mock Owner", transactionalSmsDisabled=True, shopPolicies=[]),
    "name": lambda shop, *_: shop.name,
    "currencyCode": lambda shop, *_: shop.currency,
    "enabledPresentmentCurrencies": lambda shop, *_: [shop.currency],
    "ianaTimezone": lambda shop, *_: shop.time_zone,
    "timezoneAbbreviation": zone_name,
    "timezoneOffset": offset_text,
    "timezoneOffsetMinutes": lambda shop, context, _: offset(shop, context),
    "myshopifyDomain": text("{handle}.myshopify.example"),
    "url": text("https://{domain}"),
    "primaryDomain": domain,
    "domains": lambda shop, *_: [domain(shop)],
    "email": text("owner@{domain}"),
    "contactEmail": text("help@{domain}"),
    "createdAt": opened,
    "updatedAt": opened,
    "metafield": lambda _, context, args: metafields.one(context, gid("Shop", SHOP_ID), args),
    "metafields": lambda _, context, args: metafields.several(context, gid("Shop", SHOP_ID), args),
}


def installation(world: World) -> Mapping[str, Any]:
    """Return what the app that asks may do."""
    scopes = [{"handle": scope, "description": scope.replace("_", " ")} for scope in SCOPES]
    app = {"__typename": "App", "id": gid("App", APP_ID), "title": "Mock app", "handle": "mock-app"}
    return {
        "__typename": "AppInstallation",
        "id": gid("AppInstallation", APP_ID),
        "accessScopes": scopes,
        "app": app,
        "launchUrl": f"https://{world.shop.domain}/",
        "activeSubscriptions": [],
    }
