"""The seeded mock shop as columns, under the ids that the connectors give."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from tillhand_analytics.adapters.column_making import Places, days, ints, local_days, moments, truths
from tillhand_analytics.domain import records
from tillhand_mockshop import model

_ENGINE: Final = {"google": 0, "bing": 1}


def gid(kind: str, number: int) -> str:
    """An id as Shopify writes it."""
    return f"gid://shopify/{kind}/{number}"


def columns(shop: model.Shop) -> records.Shop:
    """A mock shop as columns; what it does not know, such as suppliers' promises, is as unknown there."""
    place = {variant.id: at for at, variant in enumerate(shop.variants())}
    zone = ZoneInfo(shop.time_zone)
    return records.Shop(
        name=shop.name,
        domain=shop.domain,
        currency=shop.currency,
        time_zone=shop.time_zone,
        first_day=np.datetime64(shop.first_day, "D"),
        last_day=np.datetime64(shop.last_day, "D"),
        variants=_variants(shop),
        orders=_orders(shop, zone),
        lines=_lines(shop, place),
        refunds=_refunds(shop, zone),
        stock=_stock(shop),
        stock_outs=_stock_outs(shop, place),
        deliveries=_deliveries(shop, place),
        searches=_searches(shop.search),
        visits=_visits(shop.sessions),
    )


def _variants(shop: model.Shop) -> records.Variants:
    pairs = [(product, variant) for product in shop.products for variant in product.variants]
    return records.Variants(
        ids=tuple(gid("ProductVariant", variant.id) for _, variant in pairs),
        skus=tuple(variant.sku for _, variant in pairs),
        titles=tuple(f"{product.title} / {variant.title}" for product, variant in pairs),
        product_ids=tuple(gid("Product", product.id) for product, _ in pairs),
        categories=tuple(product.product_type for product, _ in pairs),
        suppliers=tuple(variant.supplier for _, variant in pairs),
        price_minor=ints(variant.price_minor for _, variant in pairs),
        unit_cost_minor=ints(variant.unit_cost_minor for _, variant in pairs),
        lead_time_days=ints(variant.lead_time_days for _, variant in pairs),
        on_sale_from=local_days((product.created_at for product, _ in pairs), ZoneInfo(shop.time_zone)),
        for_sale=truths(product.status == "ACTIVE" for product, _ in pairs),
    )


def _orders(shop: model.Shop, zone: ZoneInfo) -> records.Orders:
    customers, channels = Places(), Places()
    placed = [order.created_at for order in shop.orders]
    return records.Orders(
        ids=tuple(gid("Order", order.id) for order in shop.orders),
        names=tuple(order.name for order in shop.orders),
        customer=customers.of(gid("Customer", order.customer_id) for order in shop.orders),
        channel=channels.of(order.channel for order in shop.orders),
        customers=customers.texts,
        channels=channels.texts,
        created_at=moments(placed),
        day=local_days(placed, zone),
        cancelled_at=moments(order.cancelled_at for order in shop.orders),
        shipping_minor=ints(order.shipping_minor for order in shop.orders),
        tax_minor=ints(order.tax_minor for order in shop.orders),
        total_minor=ints(order.total_minor for order in shop.orders),
    )


def _lines(shop: model.Shop, place: dict[int, int]) -> records.Lines:
    lines = [line for order in shop.orders for line in order.lines]
    gross = ints(line.quantity * line.unit_price_minor for line in lines)
    discount = ints(line.discount_minor for line in lines)
    return records.Lines(
        ids=tuple(gid("LineItem", line.id) for line in lines),
        order=np.repeat(np.arange(len(shop.orders)), [len(order.lines) for order in shop.orders]),
        variant=ints(place[line.variant_id] for line in lines),
        quantity=ints(line.quantity for line in lines),
        amount_minor=gross - discount,
        discount_minor=discount,
    )


def _refunds(shop: model.Shop, zone: ZoneInfo) -> records.Refunds:
    """The lines of each refund, and what it gave back beyond them as a row of money alone."""
    line_at = {line.id: at for at, line in enumerate(line for order in shop.orders for line in order.lines)}
    rows: list[tuple[int, int, datetime, int, int]] = []
    for at, order in enumerate(shop.orders):
        for refund in order.refunds:
            rows += [
                (at, line_at[each.line_id], refund.created_at, each.quantity, each.amount_minor)
                for each in refund.lines
            ]
            if rest := refund.amount_minor - sum(each.amount_minor for each in refund.lines):
                rows.append((at, records.UNKNOWN, refund.created_at, 0, rest))
    given = [row[2] for row in rows]
    return records.Refunds(
        order=ints(row[0] for row in rows),
        line=ints(row[1] for row in rows),
        at=moments(given),
        day=local_days(given, zone),
        quantity=ints(row[3] for row in rows),
        amount_minor=ints(row[4] for row in rows),
    )


def _stock(shop: model.Shop) -> records.Stock:
    """Nothing is committed: what was ordered counts as sent."""
    item = {variant.inventory_item_id: at for at, variant in enumerate(shop.variants())}
    location = {each.id: at for at, each in enumerate(shop.locations)}
    rows = [(item[key[0]], location[key[1]], units) for key, units in shop.stock.items()]
    incoming = _incoming(shop)
    first_rows: set[int] = set()
    coming = []
    for variant, _, _ in rows:  # what is on its way has no location yet: it stands with the first of its SKU
        coming.append(0 if variant in first_rows else incoming.get(variant, 0))
        first_rows.add(variant)
    return records.Stock(
        locations=tuple(each.name for each in shop.locations),
        variant=ints(row[0] for row in rows),
        location=ints(row[1] for row in rows),
        available=ints(row[2] for row in rows),
        on_hand=ints(row[2] for row in rows),
        committed=np.zeros(len(rows), np.int64),
        incoming=np.array(coming, np.int64),
    )


def _incoming(shop: model.Shop) -> dict[int, int]:
    place = {variant.id: at for at, variant in enumerate(shop.variants())}
    found: dict[int, int] = {}
    for each in shop.deliveries:
        if each.received_on is None:
            at = place[each.variant_id]
            found[at] = found.get(at, 0) + each.ordered
    return found


def _stock_outs(shop: model.Shop, place: dict[int, int]) -> records.StockOuts:
    rows = sorted((place[variant], day) for variant, out in shop.stocked_out.items() for day in out)
    return records.StockOuts(
        variant=ints(row[0] for row in rows),
        day=days(row[1] for row in rows),
        known_from=np.datetime64(shop.first_day, "D"),
    )


def _deliveries(shop: model.Shop, place: dict[int, int]) -> records.Deliveries:
    suppliers, purchases = Places(), Places()
    rows = shop.deliveries
    return records.Deliveries(
        purchase=purchases.of(str(each.id) for each in rows),
        supplier=suppliers.of(each.supplier for each in rows),
        ids=purchases.texts,
        suppliers=suppliers.texts,
        variant=ints(place[each.variant_id] for each in rows),
        ordered_on=days(each.ordered_on for each in rows),
        promised_on=days(each.promised_on for each in rows),
        received_on=days(each.received_on for each in rows),
        ordered=ints(each.ordered for each in rows),
        received=ints(each.received for each in rows),
    )


def _searches(rows: Sequence[model.SearchRow]) -> records.Searches:
    pages, queries, countries, devices = Places(), Places(), Places(), Places()
    return records.Searches(
        page=pages.of(row.page for row in rows),
        query=queries.of(row.query for row in rows),
        country=countries.of(row.country for row in rows),
        device=devices.of(row.device for row in rows),
        pages=pages.texts,
        queries=queries.texts,
        countries=countries.texts,
        devices=devices.texts,
        engine=ints(_ENGINE[row.engine] for row in rows),
        day=days(row.day for row in rows),
        clicks=ints(row.clicks for row in rows),
        impressions=ints(row.impressions for row in rows),
        position=np.fromiter((row.position for row in rows), np.float64, len(rows)),
    )


def _visits(rows: Sequence[model.SessionRow]) -> records.Visits:
    pages, channels, devices, countries = Places(), Places(), Places(), Places()
    return records.Visits(
        page=pages.of(row.landing_page for row in rows),
        channel=channels.of(row.channel for row in rows),
        device=devices.of(row.device for row in rows),
        country=countries.of(row.country for row in rows),
        pages=pages.texts,
        channels=channels.texts,
        devices=devices.texts,
        countries=countries.texts,
        day=days(row.day for row in rows),
        sessions=ints(row.sessions for row in rows),
        engaged=ints(row.engaged_sessions for row in rows),
        users=ints(row.users for row in rows),
        new_users=ints(row.new_users for row in rows),
        item_views=ints(row.item_views for row in rows),
        add_to_carts=ints(row.add_to_carts for row in rows),
        checkouts=ints(row.checkouts for row in rows),
        purchases=ints(row.purchases for row in rows),
        revenue_minor=ints(row.revenue_minor for row in rows),
    )
