"""From nothing to a live connector: what to do at the vendor's, and which settings it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tillhand_common.settings import load
from tillhand_mcp.settings import McpSettings, access


@dataclass(frozen=True, slots=True)
class Asked:
    """A setting that the vendor's page gives."""

    setting: str
    prompt: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Guide:
    """How one connector becomes live."""

    connector: str
    title: str
    steps: Sequence[str]
    settings: Sequence[Asked]


GUIDES: Final[Mapping[str, Guide]] = {
    "shopify": Guide(
        "shopify",
        "Shopify Admin API",
        (
            (
                "In the shop's admin open Settings, Apps, Develop apps, and from there the Dev Dashboard. Create an "
                "app; it needs no public address, and no tunnel unless you add webhooks of your own."
            ),
            (
                "Give it a version with these Admin API scopes. To read: read_products, read_inventory, "
                "read_locations, read_orders, read_customers. To carry out what people approve: write_products, "
                "write_inventory, write_orders, write_discounts. Leave out what your agents shall never propose."
            ),
            "Release the version, and install the app in the shop.",
            (
                "Under the app's Settings copy client id and client secret. They give tokens of a day each, which the "
                "connector renews by itself."
            ),
        ),
        (
            Asked("TILLHAND_SHOPIFY_STORE", "The shop, such as my-shop.myshopify.com"),
            Asked("TILLHAND_SHOPIFY_CLIENT_ID", "Client id"),
            Asked("TILLHAND_SHOPIFY_CLIENT_SECRET", "Client secret", secret=True),
        ),
    ),
    "ga4": Guide(
        "ga4",
        "Google Analytics 4",
        (
            "In the Google Cloud console choose or make a project, and enable the Google Analytics Data API there.",
            (
                "Under IAM, Service accounts make a service account; it needs no role in the project. Under its Keys "
                "make a JSON key, and put the file where only this service can read it (chmod 600)."
            ),
            "In Analytics open Admin, Property access management, and add the service account's address as Viewer.",
            "Under Admin, Property details copy the property's number (digits, not the G-… measurement id).",
        ),
        (
            Asked("TILLHAND_GOOGLE_CREDENTIALS", "Path of the JSON key"),
            Asked("TILLHAND_GA4_PROPERTY", "Number of the property"),
        ),
    ),
    "gsc": Guide(
        "search_console",
        "Google Search Console",
        (
            (
                "In the Google Cloud console enable the Google Search Console API, in the project of the service "
                "account (`tillhand connect ga4` tells how to make one; the same key serves both)."
            ),
            (
                "In Search Console open Settings, Users and permissions, and add the service account's address with "
                "restricted permission."
            ),
            (
                "The site is named as Search Console lists it: sc-domain:example.com for a domain, or the address with "
                "its last slash."
            ),
        ),
        (
            Asked("TILLHAND_GOOGLE_CREDENTIALS", "Path of the JSON key"),
            Asked("TILLHAND_SEARCH_CONSOLE_SITE", "The site, such as sc-domain:example.com"),
        ),
    ),
    "bing": Guide(
        "bing",
        "Bing Webmaster Tools",
        (
            "In Bing Webmaster Tools add and verify the site; it can be imported from Search Console.",
            "Open Settings, API access, and generate a key. It stands for you: it can do whatever you can there.",
        ),
        (
            Asked("TILLHAND_BING_API_KEY", "API key", secret=True),
            Asked("TILLHAND_BING_SITE", "The site, such as https://example.com/"),
        ),
    ),
}


def missing(name: str) -> Sequence[str]:
    """Settings that lack for one of `GUIDES`. Raises `SettingsError`."""
    found = access.BY_NAME[GUIDES[name].connector](load(McpSettings))
    return [each.setting for each in found.missing]
