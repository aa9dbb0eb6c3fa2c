"""What sources answered, as it is kept: files of JSON lines, named by what they hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import orjson

from tillhand_analytics.domain.provenance import Source, digest_of

Files = Mapping[str, bytes]
SHOP: Final = "shop.json"
PRODUCTS: Final = "products.jsonl"
INVENTORY: Final = "inventory.jsonl"
ORDERS: Final = "orders.jsonl"
REFUNDS: Final = "refunds.jsonl"
STOCK_DAYS: Final = "stock_days.jsonl"
PURCHASES: Final = "purchases.jsonl"
VISITS: Final = "ga4.jsonl"
GOOGLE: Final = "search_console.jsonl"
BING: Final = "bing.jsonl"
OF_SOURCE: Final[Mapping[Source, tuple[str, ...]]] = {
    "shopify": (SHOP, PRODUCTS, INVENTORY, ORDERS, REFUNDS, STOCK_DAYS, PURCHASES),
    "ga4": (VISITS,),
    "search_console": (GOOGLE,),
    "bing": (BING,),
}
"""The files of each source. Stock by day and purchases are what analytics itself has noted of the shop."""


@dataclass(frozen=True, slots=True)
class Window:
    """The days that are read, both in it."""

    first_day: date
    last_day: date


def digest(files: Files) -> str:
    """The digest of some files: names and content count, their order does not."""
    return digest_of(part for name in sorted(files) for part in (name, hashlib.sha256(files[name]).hexdigest()))


def rows(content: bytes) -> Iterator[dict[str, Any]]:
    """The objects of a file, one a line."""
    return (orjson.loads(line) for line in content.splitlines() if line)


def lines(objects: Iterable[Mapping[str, Any]]) -> bytes:
    """A file of objects, one a line, their members in the order of the alphabet."""
    return b"".join(orjson.dumps(each, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE) for each in objects)
