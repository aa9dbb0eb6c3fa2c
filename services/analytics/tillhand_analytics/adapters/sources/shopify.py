"""The shop: exports of goods, stock and orders, refunds line by line, and what analytics has noted itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from tillhand_analytics.adapters.normalising import files as named
from tillhand_analytics.adapters.normalising.assembling import About
from tillhand_analytics.adapters.normalising.files import Window, lines
from tillhand_analytics.adapters.sources.connectors import Answered, Connectors
from tillhand_analytics.adapters.sources.reading import Answers, SourceRead
from tillhand_analytics.adapters.sources.together import together
from tillhand_analytics.domain.provenance import Mode
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.errors import SourceUnavailable
from tillhand_analytics.ports.keeping import Keeper, Lying

REFUNDS_A_CALL: Final = 25
CALLS_AT_ONCE: Final = 4
ROWS_A_BATCH: Final = 2_000
BATCHES_A_READING: Final = 50
"""Rows of stock that are forgotten in a transaction, and transactions in a reading: far more than a day brings."""
_REFUND: Final = re.compile(rb"gid://shopify/Refund/\d+")


class ShopifyReader:
    """Reads a shop. Refunds never change: those that are kept are not asked for again."""

    def __init__(self, connectors: Connectors, keeper: Keeper, *, stock_days_kept: int) -> None:
        self._connectors = connectors
        self._keeper = keeper
        self._stock_days_kept = stock_days_kept

    async def about(self) -> tuple[About, Answered]:
        """What the shop says of itself. Raises `SourceUnavailable`."""
        answered = await self._connectors.call("shopify", "shopify_shop", {})
        try:
            found = answered.found
            return About(found["name"], found["domain"], found["currency"], found["time_zone"]), answered
        except KeyError as error:
            raise SourceUnavailable("shopify: services/mcp is older than this service.") from error

    async def read(self, about: About, told: Answered, window: Window) -> SourceRead:
        """All of it. Raises `SourceUnavailable`."""
        exports = (
            self._connectors.export("products"),
            self._connectors.export("inventory"),
            self._connectors.export("orders", window.first_day),
        )
        (products, first), (inventory, second), (orders, third) = await together(exports, len(exports))
        answers = Answers.of((told, first, second, third))
        refunds = await self._refunds(answers.mode, orders)
        shop = {"name": about.name, "domain": about.domain, "currency": about.currency, "time_zone": about.time_zone}
        found = {
            named.SHOP: lines([shop]),
            named.PRODUCTS: products,
            named.INVENTORY: inventory,
            named.ORDERS: orders,
            named.REFUNDS: b"".join(refunds[name] for name in sorted(refunds)),
            named.STOCK_DAYS: await self._stock_days(answers.mode, window),
            named.PURCHASES: await self._purchases(answers.mode),
        }
        return SourceRead(found, answers.mode, answers.fetched_at, window.last_day, stale=answers.stale)

    async def note_stock(self, read: SourceRead, shop: Shop, now: datetime) -> None:
        """Note what lies where today, and forget what was noted too long ago."""
        stock, today = shop.stock, now.astimezone(About("", "", "", shop.time_zone).zone).date()
        columns = zip(stock.variant.tolist(), stock.location.tolist(), stock.available.tolist(), strict=True)
        lying = [
            Lying(shop.variants.ids[variant], stock.locations[location], units) for variant, location, units in columns
        ]
        await self._keeper.note_stock(read.mode, today, lying)
        await self._forget_stock(today - timedelta(days=self._stock_days_kept))

    async def _forget_stock(self, before: date) -> None:
        """A batch at a time, so that nobody waits for the file meanwhile; what is left is for the next reading."""
        for _ in range(BATCHES_A_READING):
            if await self._keeper.forget_stock(before, ROWS_A_BATCH) < ROWS_A_BATCH:
                break

    async def _refunds(self, mode: Mode, orders: bytes) -> Mapping[str, bytes]:
        wanted = await asyncio.to_thread(_refund_ids, orders)
        found = dict(await self._keeper.refunds(mode, wanted))
        missing = [name for name in wanted if name not in found]
        parts = [missing[start : start + REFUNDS_A_CALL] for start in range(0, len(missing), REFUNDS_A_CALL)]
        for new in await together([self._asked(mode, names) for names in parts], CALLS_AT_ONCE):
            found.update(new)
        return found

    async def _asked(self, mode: Mode, names: Sequence[str]) -> Mapping[str, bytes]:
        answered = await self._connectors.call("shopify", "shopify_refunds", {"refund_ids": list(names)})
        new = {str(each["id"]): lines([each]) for each in answered.found["refunds"]}
        if not answered.stale:
            await self._keeper.keep_refunds(mode, new)
        return new

    async def _stock_days(self, mode: Mode, window: Window) -> bytes:
        found = await self._keeper.sold_out(mode, window.first_day, window.last_day)
        return lines({"day": day.isoformat(), "out": list(out)} for day, out in sorted(found.items()))

    async def _purchases(self, mode: Mode) -> bytes:
        return lines(
            {
                "id": each.id,
                "supplier": each.supplier,
                "sku": each.sku,
                "ordered_on": each.ordered_on.isoformat(),
                "promised_on": None if each.promised_on is None else each.promised_on.isoformat(),
                "received_on": None if each.received_on is None else each.received_on.isoformat(),
                "ordered": each.ordered,
                "received": each.received,
            }
            for each in await self._keeper.purchases(mode)
        )


def window_of(about: About, now: datetime, days: int) -> Window:
    """The last whole days of the shop, `days` of them."""
    last = now.astimezone(about.zone).date() - timedelta(days=1)
    return Window(last - timedelta(days=days - 1), last)


def _refund_ids(orders: bytes) -> list[str]:
    """The ids of all refunds, each once; an export of tens of megabytes need not be parsed for that."""
    return list(dict.fromkeys(each.decode() for each in _REFUND.findall(orders)))
