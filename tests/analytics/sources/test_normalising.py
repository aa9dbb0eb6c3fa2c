"""Orders, stock and reports of every kind become columns that add up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.connectors import ITEM, PRODUCT, VARIANT, jsonl, level, line, money, order
from tillhand_analytics.adapters.column_making import minor
from tillhand_analytics.adapters.normalising import files as named
from tillhand_analytics.adapters.normalising.assembling import normalised, with_traffic
from tillhand_analytics.adapters.normalising.countries import two_letters
from tillhand_analytics.adapters.normalising.files import Window, digest, lines
from tillhand_analytics.adapters.sources.scrubbing import REMOVED, scrubbed
from tillhand_analytics.domain.records import UNKNOWN, Shop
from tillhand_analytics.errors import SourceUnavailable

WINDOW: Final = Window(date(2026, 10, 1), date(2026, 10, 31))
ABOUT: Final = {"name": "Jars", "domain": "jars.example", "currency": "EUR", "time_zone": "Europe/Berlin"}
EUR: Final = {"currency": "EUR"}


def shop_of(**more: bytes) -> Shop:
    """A shop of one jar; `more` replaces files by their names without the ending."""
    plain = {
        named.SHOP: lines([ABOUT]),
        named.PRODUCTS: jsonl(PRODUCT, VARIANT),
        named.INVENTORY: jsonl(ITEM, level(7)),
        named.ORDERS: b"",
        named.REFUNDS: b"",
        named.STOCK_DAYS: b"",
        named.PURCHASES: b"",
    }
    known = {name.partition(".")[0]: name for names in named.OF_SOURCE.values() for name in names}
    return normalised({**plain, **{known[name]: content for name, content in more.items()}}, WINDOW)


def refund(lines_: list[Mapping[str, Any]], amount: int, at: str | None = "2026-10-21T10:00:00Z") -> bytes:
    told = {"id": "gid://shopify/Refund/5", "order_id": "gid://shopify/Order/1", "created_at": at}
    return jsonl({**told, "amount": {"amount_minor": amount, **EUR}, "lines": lines_})


def given_back(subtotal: int, tax: int = 0, currency: str = "EUR") -> Mapping[str, Any]:
    return {
        "line_id": "gid://shopify/LineItem/11",
        "quantity": 1,
        "subtotal": {"amount_minor": subtotal, "currency": currency},
        "tax": {"amount_minor": tax, "currency": currency},
    }


def test_days_are_those_of_the_shop() -> None:
    late = order(1, "2026-10-31T22:59:59Z")  # a minute before midnight in Berlin
    after = order(2, "2026-10-31T23:00:00Z")
    before = order(3, "2026-09-30T21:59:59Z")
    shop = shop_of(orders=jsonl(after, late, before))
    assert shop.orders.ids == ("gid://shopify/Order/1",)
    assert shop.orders.day.tolist() == [date(2026, 10, 31)]


def test_orders_that_were_placed_as_a_test_are_none() -> None:
    assert shop_of(orders=jsonl(order(1, "2026-10-20T10:00:00Z", test=True), line(11, 1))).lines.ids == ()


def test_guests_and_goods_that_are_gone_have_no_place() -> None:
    content = jsonl(order(1, "2026-10-20T10:00:00Z", customer=None, sourceName=None), line(11, 1, variant=None))
    shop = shop_of(orders=content)
    assert shop.orders.customer.tolist() == [UNKNOWN]
    assert shop.orders.channels == ("unknown",)
    assert shop.lines.variant.tolist() == [UNKNOWN]


def test_every_discount_of_a_line_counts_also_that_of_the_whole_order() -> None:
    off = [{"allocatedAmountSet": money("1.50")}, {"allocatedAmountSet": money("0.75")}]
    shop = shop_of(orders=jsonl(order(1, "2026-10-20T10:00:00Z"), line(11, 1, discountAllocations=off)))
    assert (shop.lines.amount_minor.tolist(), shop.lines.discount_minor.tolist()) == ([1775], [225])


def test_where_prices_come_without_tax_it_is_in_no_total() -> None:
    content = jsonl(order(1, "2026-10-20T10:00:00Z", taxesIncluded=False, totalPriceSet=money("30.04")), line(11, 1))
    shop = shop_of(orders=content, refunds=refund([given_back(1000, 160)], 1160))
    goods, shipping = int(shop.lines.amount_minor.sum()), int(shop.orders.shipping_minor.sum())
    assert shop.orders.total_minor.tolist() == [goods + shipping]
    assert shop.refunds.amount_minor.tolist() == [1000]


def test_money_beyond_the_lines_of_a_refund_is_a_row_of_its_own() -> None:
    content = jsonl(order(1, "2026-10-20T10:00:00Z"), line(11, 1))
    refunds = shop_of(orders=content, refunds=refund([given_back(1000)], 1590)).refunds
    assert (refunds.line.tolist(), refunds.quantity.tolist()) == ([0, UNKNOWN], [1, 0])
    assert refunds.amount_minor.tolist() == [1000, 590]


@pytest.mark.parametrize("at", [None, "2026-11-02T10:00:00Z"])
def test_refunds_that_are_not_of_the_window_are_left_out(at: str | None) -> None:
    content = jsonl(order(1, "2026-10-20T10:00:00Z"), line(11, 1))
    assert len(shop_of(orders=content, refunds=refund([given_back(1000)], 1000, at)).refunds.day) == 0


def test_a_refund_in_other_money_cannot_be_added_up() -> None:
    content = jsonl(order(1, "2026-10-20T10:00:00Z"), line(11, 1))
    with pytest.raises(SourceUnavailable, match="shopify"):
        shop_of(orders=content, refunds=refund([given_back(1000, currency="USD")], 1000))


def test_goods_that_are_not_counted_have_no_stock() -> None:
    untracked = {**ITEM, "tracked": False}
    assert len(shop_of(inventory=jsonl(untracked, level(7))).stock.variant) == 0
    gone = {**ITEM, "variant": {"id": "gid://shopify/ProductVariant/9"}}
    assert len(shop_of(inventory=jsonl(gone, level(7))).stock.variant) == 0


@pytest.mark.parametrize(
    ("told", "days"), [("21", 21), (" 7 ", 7), ("two weeks", UNKNOWN), ("-3", UNKNOWN), ("٣", UNKNOWN), ("", UNKNOWN)]
)
def test_a_lead_time_is_a_number_of_days_or_unknown(told: str, days: int) -> None:
    shop = shop_of(products=jsonl(PRODUCT, {**VARIANT, "leadTimeDays": {"value": told}}))
    assert shop.variants.lead_time_days.tolist() == [days]


@pytest.mark.parametrize(("told", "supplier"), [({"value": "Glass Works"}, "Glass Works"), (None, "Jars & Co")])
def test_the_vendor_supplies_what_nobody_else_is_named_for(told: Any, supplier: str) -> None:  # noqa: ANN401  # any JSON
    shop = shop_of(products=jsonl(PRODUCT, {**VARIANT, "supplier": told}))
    assert shop.variants.suppliers == (supplier,)


@pytest.mark.parametrize("cost", [None, {"amount": "4.50", "currencyCode": "USD"}])
def test_a_cost_that_nobody_tells_in_the_shops_money_is_unknown(cost: Any) -> None:  # noqa: ANN401  # any JSON
    item = {"id": "gid://shopify/InventoryItem/1", "unitCost": cost}
    shop = shop_of(products=jsonl(PRODUCT, {**VARIANT, "inventoryItem": item}))
    assert shop.variants.unit_cost_minor.tolist() == [UNKNOWN]


def test_an_empty_shop_is_a_shop() -> None:
    shop = shop_of(products=b"", inventory=b"")
    assert (shop.variants.ids, shop.orders.ids, len(shop.stock.variant)) == ((), (), 0)
    assert shop.orders.day.dtype == np.dtype("datetime64[D]")
    assert shop.orders.created_at.dtype == np.dtype("datetime64[s]")
    assert shop.refunds.at.dtype == np.dtype("datetime64[s]")
    assert shop.searches.day.dtype == np.dtype("datetime64[D]")


def test_a_time_zone_that_nobody_knows_is_told() -> None:
    with pytest.raises(SourceUnavailable, match="time zone"):
        normalised({**_files(), named.SHOP: lines([{**ABOUT, "time_zone": "Mars/Olympus"}])}, WINDOW)


def _files() -> dict[str, bytes]:
    return {name: b"" for names in named.OF_SOURCE.values() for name in names}


def test_what_one_source_tells_takes_nothing_from_another() -> None:
    google = lines([{"day": "2026-10-02", "rows": [["https://jars.example/", "jars", "deu", "MOBILE", 1, 9, 3.5]]}])
    bing = lines([{"day": "2026-10-03", "rows": [["jars", 2, 20, 5.0], ["lids", 1, 3, None]]}])
    both = shop_of(search_console=google, bing=bing)
    assert both.searches.engine.tolist() == [0, 1, 1]
    assert both.searches.queries == ("jars", "lids")
    assert [both.searches.pages[page] for page in both.searches.page] == ["https://jars.example/"] * 2 + [""]
    assert np.isnan(both.searches.position[2])
    other = with_traffic(both, {named.GOOGLE: b""}, WINDOW)
    assert other.searches.engine.tolist() == [1, 1]
    same = with_traffic(other, {named.GOOGLE: google}, WINDOW)
    assert (same.searches.engine.tolist(), same.searches.clicks.tolist()) == ([0, 1, 1], [1, 2, 1])


def test_a_query_on_bing_led_to_the_page_that_google_shows_most_for_it() -> None:
    shown = [("/lids", "lids", 5), ("/a", "jars", 9), ("/b", "jars", 6), ("/b", "jars", 6), ("/b", "tins", 900)]
    google = lines(
        [{"day": "2026-10-02", "rows": [[page, query, "deu", "MOBILE", 0, n, 3.5] for page, query, n in shown]}]
    )
    bing = lines([{"day": "2026-10-03", "rows": [[query, 1, 9, 2.0] for query in ("tins", "jars", "pots", "lids")]}])
    searches = shop_of(search_console=google, bing=bing).searches
    led = [searches.pages[page] for page in searches.page[searches.engine == 1]]
    assert led == ["/b", "/b", "", "/lids"]
    assert [searches.pages[page] for page in searches.page[searches.engine == 0]] == [page for page, _, _ in shown]


@pytest.mark.parametrize("name", ["ga4", "search_console", "bing"])
@pytest.mark.parametrize("content", [b"[]\n", b'{"day": "2026-10-02", "rows": [["too", "short"]]}\n', b"{}\n"])
def test_a_report_that_makes_no_sense_names_its_source(name: str, content: bytes) -> None:
    with pytest.raises(SourceUnavailable, match=f"^{name}: "):
        shop_of(**{name: content})


@given(st.lists(st.integers(-(10**11), 10**11), max_size=20), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_amounts_come_back_to_the_minor_unit(amounts: list[int], currency: str) -> None:
    digits = {"EUR": 2, "JPY": 0, "KWD": 3}[currency]
    written = [f"{amount / 10**digits:.{digits}f}" for amount in amounts]
    assert minor(written, currency).tolist() == amounts


@given(st.dictionaries(st.sampled_from(["a", "b", "ab"]), st.binary(max_size=4), max_size=3))
def test_a_digest_knows_names_and_contents_and_no_order(files: dict[str, bytes]) -> None:
    assert digest(files) == digest(dict(reversed(files.items())))
    assert digest(files) != digest({**files, "c": b""})
    if files:
        name = next(iter(files))
        assert digest(files) != digest({**files, name: files[name] + b"x"})


@pytest.mark.parametrize(
    ("three", "two"), [("deu", "DE"), ("GBR", "GB"), ("tur", "TR"), ("zzz", ""), ("xkx", "XKX"), ("", "")]
)
def test_countries_have_two_letters(three: str, two: str) -> None:
    assert two_letters(three) == two


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("jo.doe+shop@mail.example", REMOVED),
        ("order jo@mail.co.example now", f"order {REMOVED} now"),
        ("/x?m=jo%40mail.example&a=1", f"/x?m={REMOVED}&a=1"),
        ("call +49 170 1234567", f"call {REMOVED}"),
        ("0049-170-1234567", REMOVED),
        ("a@b", "a@b"),
        ("jar 500 ml", "jar 500 ml"),
        ("sku 10045000123", "sku 10045000123"),
        ("100+ jars", "100+ jars"),
    ],
)
def test_only_what_tells_who_somebody_is_gets_removed(text: str, kept: str) -> None:
    assert scrubbed(text) == kept
