"""All products of the default shop, a page at a time, out of a bucket that is as small as the vendor's."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any, Final

from benchmarks.connectors.stage import CALLER, show, staged
from tillhand_mcp.domain.tools import Done
from tillhand_mockshop.model import Shop

SIZE: Final = 2000.0
RATE: Final = 100.0
PAGE: Final = 50


async def paging(shop: Shop) -> None:
    """Print how long it takes, against the shortest that the bucket allows for the same pages."""
    async with staged(shop) as stage:
        begun, cursor, skus, pages = perf_counter(), None, 0, 0
        while pages == 0 or cursor is not None:
            arguments: dict[str, Any] = {"limit": PAGE} | ({} if cursor is None else {"cursor": cursor})
            found = await stage.toolbox.call(CALLER, "shopify_products", arguments)
            assert isinstance(found, Done), found
            skus += sum(len(each["variants"]) for each in found.structured["products"])
            cursor, pages = found.structured["next_cursor"], pages + 1
        took = perf_counter() - begun
        costs = stage.engine.costs
    paid = [(asked, actual) for asked, actual in costs if actual is not None]
    least = shortest(paid)
    asked, actual = (sum(each[place] for each in paid) for place in (0, 1))
    show("all products, real costs", f"{skus:,} SKUs, {pages} pages, {len(costs)} calls, {asked:g} points asked for, "
         f"{actual:g} spent")  # fmt: skip  # one line
    ratio = f", {took / least:.2f} times" if least else ""
    show("… seconds", f"{took:.2f}, where the bucket allows {least:.2f}{ratio}", "≤ 1.1 times")
    show("… THROTTLED", str(len(costs) - len(paid)), "0")


def shortest(costs: Sequence[tuple[float, float]]) -> float:
    """Seconds until the last of these calls can go out, one after the other, for one who knows all costs beforehand."""
    left, now = SIZE, 0.0
    for asked, actual in costs:
        wait = max(0.0, (asked - left) / RATE)
        now += wait
        left = min(SIZE, left + wait * RATE) - actual
    return now
