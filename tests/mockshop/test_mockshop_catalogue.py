"""The catalogue looks like that of a real shop."""

from __future__ import annotations

import re
from collections import Counter

from tillhand_mockshop.known import Truths
from tillhand_mockshop.model import Shop
from tillhand_mockshop.words import SUPPLIERS


def test_a_shop_has_as_many_skus_as_asked(shop: Shop, small: tuple[Shop, Truths]) -> None:
    assert len(shop.variants()) == 1200
    assert len(small[0].variants()) == 40
    assert 440 <= len(shop.products) <= 540


def test_numbers_and_names_are_unique(shop: Shop) -> None:
    variants = shop.variants()
    for values in (
        [variant.sku for variant in variants],
        [variant.id for variant in variants],
        [variant.inventory_item_id for variant in variants],
        [variant.barcode for variant in variants],
        [product.id for product in shop.products],
        [product.handle for product in shop.products],
        [field.id for product in shop.products for field in product.metafields],
    ):
        assert len(set(values)) == len(values)
    assert all(variant.product_id == product.id for product in shop.products for variant in product.variants)


def test_skus_and_bar_codes_are_well_formed(shop: Shop) -> None:
    for variant in shop.variants():
        assert re.fullmatch(r"[A-Z]{3}-\d{4}-[A-Z0-9]+(-[A-Z0-9]+)?", variant.sku)
        digits = [int(digit) for digit in variant.barcode]
        assert len(digits) == 13
        assert (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def test_prices_end_as_prices_do_and_leave_a_margin(shop: Shop) -> None:
    for variant in shop.variants():
        assert variant.price_minor % 10 in {5, 9}
        assert 0.35 <= variant.unit_cost_minor / variant.price_minor <= 0.65
        assert variant.compare_at_minor is None or variant.compare_at_minor > variant.price_minor


def test_suppliers_deliver_within_three_to_forty_five_days(shop: Shop) -> None:
    names = {supplier.name for supplier in SUPPLIERS}
    assert {variant.supplier for variant in shop.variants()} == names
    assert all(3 <= variant.lead_time_days <= 45 for variant in shop.variants())


def test_most_products_are_active_and_some_are_not(shop: Shop) -> None:
    counted = Counter(product.status for product in shop.products)
    assert counted["ACTIVE"] > 0.9 * len(shop.products)
    assert counted["DRAFT"] >= 3
    assert counted["ARCHIVED"] >= 3


def test_products_tell_facts(shop: Shop) -> None:
    for product in shop.products:
        fields = {(field.namespace, field.key): field.value for field in product.metafields}
        assert fields["custom", "material"].lower() in product.description_html.lower()
        assert int(fields["custom", "warranty_months"]) >= 24
        assert product.tags
        assert product.created_at <= product.updated_at
        assert product.handle.isascii()


def test_titles_of_variants_differ_within_a_product(shop: Shop) -> None:
    for product in shop.products:
        titles = [variant.title for variant in product.variants]
        assert len(set(titles)) == len(titles) <= 8
