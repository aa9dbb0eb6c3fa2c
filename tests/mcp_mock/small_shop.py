"""A shop that fits on a page: eight products, fifteen variants, four customers, six orders."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tillhand_mockshop.model import (
    Address,
    Customer,
    Financial,
    Fulfillment,
    Location,
    Metafield,
    Order,
    OrderLine,
    Product,
    ProductStatus,
    Refund,
    RefundLine,
    SearchRow,
    SessionRow,
    Shop,
    Variant,
)

FIRST_DAY = date(2026, 1, 1)
LAST_DAY = date(2026, 1, 31)
START = datetime(2026, 1, 1, 9, tzinfo=UTC)
HOME, STORE = 501, 502
# Title, vendor, type, tags, status, and the price in minor units of each variant.
GOODS: tuple[tuple[str, str, str, tuple[str, ...], ProductStatus, tuple[int, ...]], ...] = (
    ("Oak Desk Lamp", "Bracken Lane", "Lamps", ("oak", "sale"), "ACTIVE", (4900, 5900)),
    ("Linen Throw", "Moss & Co", "Textiles", ("linen",), "ACTIVE", (3500, 3500, 3900)),
    ("Stoneware Mug", "Bracken Lane", "Kitchen", ("stoneware", "sale"), "ACTIVE", (1450,)),
    ("Walnut Tray", "Fernhill", "Kitchen", ("walnut",), "ACTIVE", (2600, 3200)),
    ("Wool Rug", "Moss & Co", "Textiles", ("wool",), "ACTIVE", (18900, 24900)),
    ("Beeswax Candle", "Fernhill", "Candles", (), "ACTIVE", (1200, 1200, 1200)),
    ("Oak Stool", "Bracken Lane", "Furniture", ("oak",), "DRAFT", (8900,)),
    ("Brass Hook", "Fernhill", "Hardware", ("brass",), "ARCHIVED", (700,)),
)
# Customer, day, (variant number, quantity), financial and fulfillment state.
SALES: tuple[tuple[int, int, tuple[tuple[int, int], ...], Financial, Fulfillment], ...] = (
    (1, 2, ((1, 1), (6, 4)), "PAID", "FULFILLED"),
    (2, 5, ((3, 2),), "PAID", "UNFULFILLED"),
    (1, 9, ((9, 1),), "PENDING", "UNFULFILLED"),
    (3, 14, ((11, 6), (2, 1)), "PARTIALLY_REFUNDED", "FULFILLED"),
    (2, 20, ((7, 1),), "PAID", "PARTIALLY_FULFILLED"),
    (1, 27, ((6, 2), (8, 1)), "PAID", "UNFULFILLED"),
)


def variant(number: int, product: int, place: int, price: int) -> Variant:
    """The variant with a running number."""
    return Variant(
        *(2000 + number, 3000 + number, product, f"BL-{number:03d}", f"Kind {place}", price),
        *(None if number % 4 else price + 500, price // 2, f"40000000{number:05d}", 250 * number),
        *("Kiln & Loom" if number % 2 else "Timber Yard", 7 + number),
    )


def products() -> tuple[Product, ...]:
    """All products."""
    made: list[Product] = []
    number = 0
    for index, (title, vendor, kind, tags, status, prices) in enumerate(GOODS, 1):
        variants = tuple(variant(number + place, 1000 + index, place, price) for place, price in enumerate(prices, 1))
        number += len(prices)
        created = START + timedelta(days=index)
        made.append(
            Product(
                1000 + index,
                title.lower().replace(" ", "-"),
                *(title, vendor, kind, f"<p>A {title.lower()} &amp; nothing else.</p>"),
                tags,
                status,
                *(created, created),
                variants,
                (Metafield(4000 + index, "care", "advice", "single_line_text_field", f"Keep it dry, {index}"),),
            )
        )
    return tuple(made)


def customers() -> tuple[Customer, ...]:
    """All customers; the last has bought nothing."""
    names = (("Ada", "Birch"), ("Ben", "Cole"), ("Cleo", "Dale"), ("Dan", "Elm"))
    return tuple(
        Customer(
            *(6000 + number, first, last, f"{first}.{last}@post.example".lower(), None if number == 2 else "+15550100"),
            Address(f"{number} Mill Road", "Leith", f"EH{number} 1AA", "GB"),
            START + timedelta(hours=number),
        )
        for number, (first, last) in enumerate(names, 1)
    )


def orders(variants: tuple[Variant, ...]) -> tuple[Order, ...]:
    """All orders: that of a partly refunded one holds the refund."""
    by_number = {one.id - 2000: one for one in variants}
    made: list[Order] = []
    for number, (customer, day, bought, financial, fulfillment) in enumerate(SALES, 1):
        lines = tuple(
            OrderLine(8000 + 10 * number + place, by_number[one].id, count, by_number[one].price_minor, 100 * place)
            for place, (one, count) in enumerate(bought)
        )
        created = START + timedelta(days=day)
        goods = sum(line.unit_price_minor * line.quantity - line.discount_minor for line in lines)
        part = RefundLine(lines[0].id, 2, 2400)
        given = Refund(9000 + number, created + timedelta(days=2), (part,), 2400, "Broken")
        made.append(
            Order(
                *(7000 + number, f"#{1000 + number}", 6000 + customer, created, lines, 490, goods // 6, goods + 490),
                *(financial, fulfillment, None, (given,) if financial == "PARTIALLY_REFUNDED" else (), "web"),
            )
        )
    return tuple(made)


def search() -> tuple[SearchRow, ...]:
    """A few days of what was looked for."""
    pages = ("/products/oak-desk-lamp", "/products/wool-rug")
    return tuple(
        SearchRow(
            "google" if day % 2 else "bing", date(2026, 1, day), page, f"buy {page[10:]}", "gbr", "mobile", day, 90, 4.5
        )
        for day in range(1, 7)
        for page in pages
    )


def sessions() -> tuple[SessionRow, ...]:
    """A few days of visits."""
    return tuple(
        SessionRow(
            *(date(2026, 1, day), "Organic Search", "google", "organic", "/", "mobile", "GB"),
            *(40 + day, 30, 35, 20, 25, 6, 4, 2, 9800),
        )
        for day in range(1, 7)
    )


def small_shop() -> Shop:
    """The whole shop. Of the last variant of each product little is left; one is sold out."""
    goods = products()
    variants = tuple(one for product in goods for one in product.variants)
    stock = {(one.inventory_item_id, HOME): 3 * (one.id - 2000) for one in variants}
    stock |= {(one.inventory_item_id, STORE): 2 for one in variants[:5]}
    stock[variants[8].inventory_item_id, HOME] = 0
    return Shop(
        *("Bracken Lane", "brackenlane.example", "GBP", "Europe/London", FIRST_DAY, LAST_DAY),
        *((Location(HOME, "Warehouse"), Location(STORE, "Shop floor")), goods, customers(), orders(variants), stock),
        *({variants[8].id: frozenset({date(2026, 1, 30), date(2026, 1, 31)})}, (), search(), sessions()),
    )
