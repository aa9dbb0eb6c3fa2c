"""Products and their variants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from tillhand_mockshop import identifiers
from tillhand_mockshop.dice import Wheel, between, dice, pick, shuffled, spread
from tillhand_mockshop.goods_text import care, compact, describe, metafields, slug
from tillhand_mockshop.identifiers import Identifiers, ean13
from tillhand_mockshop.model import Product, ProductStatus, Variant
from tillhand_mockshop.words import BADGES, COLOURS, RANGES, SUPPLIERS, VENDORS
from tillhand_mockshop.words_goods import KINDS, Kind

_SIZES_OF_RANGE: Final = Wheel({1: 0.42, 2: 0.13, 3: 0.13, 4: 0.11, 5: 0.06, 6: 0.06, 7: 0.03, 8: 0.03})
_STATUSES: Final[Wheel[ProductStatus]] = Wheel({"ACTIVE": 0.945, "DRAFT": 0.025, "ARCHIVED": 0.03})
_LAUNCHED: Final = 0.07
_REDUCED: Final = 0.12
_CENTS: Final = (95, 99, 95, 99, 49, 95)
_CHEAP_CENTS: Final = (49, 79, 95, 99, 29)
_CHEAP: Final = 12
_LONGEST_LEAD: Final = 45


@dataclass(frozen=True, slots=True)
class Listing:
    """A product with its kind and the days on which it is for sale, as indexes from the first day, both in it."""

    product: Product
    kind: Kind
    sale_from: int
    sale_to: int


@dataclass(frozen=True, slots=True)
class _Form:
    """What sets one variant apart: its title, its part of the SKU, its place among the sizes from 0 to 1."""

    title: str
    code: str
    place: float


@dataclass(slots=True)
class _Press:
    """Everything that is counted up while the catalogue is made."""

    random: Random
    products: Identifiers
    variants: Identifiers
    items: Identifiers
    fields: Identifiers
    bar_code: int


def _forms(random: Random, kind: Kind, material: str, wanted: int) -> list[_Form]:
    """At most `wanted` forms: of one size or colour, of several, or of both."""
    if wanted == 1:
        return [_Form("Default Title", compact(material)[:3].upper(), spread(random, 0.0, 1.0))]
    top = max(len(kind.sizes) - 1, 1)
    sizes = [_Form(label, compact(label).upper(), place / top) for place, label in enumerate(kind.sizes)]
    colours = [_Form(label, code, 0.5) for label, code in shuffled(random, COLOURS)]
    if not kind.coloured:
        return sizes[:wanted]
    if not sizes or (wanted <= 4 and random.random() < 0.5):  # noqa: PLR2004  # more is too much for one choice
        return colours[:wanted]
    across = [
        _Form(f"{colour.title} / {size.title}", f"{colour.code}-{size.code}", size.place)
        for colour in colours
        for size in sizes
    ]
    return across[:wanted]


def _price(whole: float, cents: int) -> int:
    """A price near a whole amount, in minor units."""
    return max(int(whole) - 1, 2) * 100 + cents


def _variants(press: _Press, kind: Kind, product_id: int, number: int, forms: Sequence[_Form]) -> tuple[Variant, ...]:
    random = press.random
    supplier = pick(random, [supplier for supplier in SUPPLIERS if kind.department in supplier.departments])
    dear = random.random() ** 1.6
    reduced = random.random() < _REDUCED
    share = spread(random, 0.37, 0.63)
    cents = pick(random, _CHEAP_CENTS if kind.low < _CHEAP and dear < 0.3 else _CENTS)  # noqa: PLR2004  # the cheaper third
    lead_days = min(max(supplier.lead_days + between(random, -2, 3), 3), _LONGEST_LEAD)
    made = []
    for form in forms:
        whole = kind.low + (kind.high - kind.low) * (0.7 * dear + 0.3 * form.place)
        price = _price(whole, cents)
        press.bar_code += between(random, 1, 900)
        made.append(
            Variant(
                id=press.variants.next(),
                inventory_item_id=press.items.next(),
                product_id=product_id,
                sku=f"{kind.code}-{number:04d}-{form.code}",
                title=form.title,
                price_minor=price,
                compare_at_minor=_price(whole * 1.25 + 2, cents) if reduced else None,
                unit_cost_minor=int(price * (share + spread(random, -0.015, 0.015))),
                barcode=ean13(press.bar_code),
                weight_g=int(kind.grams * (0.6 + 0.8 * form.place)) // 5 * 5,
                supplier=supplier.name,
                lead_time_days=lead_days,
            )
        )
    return tuple(made)


def _moment(random: Random, day: date) -> datetime:
    """A moment of a working day."""
    return datetime.combine(day, time(7), UTC) + timedelta(seconds=between(random, 0, 8 * 3600))


def _days_for_sale(random: Random, status: ProductStatus, days: int) -> tuple[int, int]:
    """From which to which index: drafts never, archived ones until some day, most always."""
    if status == "DRAFT":
        return days, days - 1
    if status == "ARCHIVED":
        return 0, between(random, days // 4, days * 4 // 5)
    start = between(random, days // 8, days * 4 // 5) if random.random() < _LAUNCHED else 0
    return start, days - 1


def _created(random: Random, first_day: date, sale: tuple[int, int]) -> datetime:
    """New goods are entered some days before they are sold, all others stem from the years before."""
    if sale[0] == 0:
        return _moment(random, first_day - timedelta(days=between(random, 20, 1500)))
    return _moment(random, first_day + timedelta(days=max(sale[0] - between(random, 2, 9), -30)))


def _listing(
    press: _Press, name: tuple[Kind, str, str], wanted: int, first_day: date, days: int, number: int
) -> Listing:
    kind, series, model = name
    random = press.random
    status = _STATUSES.spin(random)
    sale = _days_for_sale(random, status, days)
    material = pick(random, kind.materials)
    forms = _forms(random, kind, material, wanted)
    identifier = press.products.next()
    title = f"{series} {model}"
    created = _created(random, first_day, sale)
    known = max((created.date() - first_day).days, 0)
    changed = days - 1 if status != "ARCHIVED" else sale[1] + 1
    updated = max(created, _moment(random, first_day + timedelta(days=between(random, known, max(changed, known)))))
    badges = [badge for badge in BADGES if random.random() < 0.12]  # noqa: PLR2004  # about one for each product
    product = Product(
        id=identifier,
        handle=slug(title),
        title=title,
        vendor=pick(random, VENDORS[kind.department]),
        product_type=kind.name,
        description_html=describe(random, kind, title, material, forms[-1].title),
        tags=(kind.department.lower(), kind.handle, *slug_all(material), *badges),
        status=status,
        created_at=created,
        updated_at=updated,
        variants=_variants(press, kind, identifier, number, forms),
        metafields=metafields(random, press.fields, title, kind, material, care(material)),
    )
    return Listing(product, kind, *sale)


def slug_all(material: str) -> tuple[str, ...]:
    """The tag of a material, and that of its last word where it has several."""
    words = material.lower().split()
    return (material.lower(),) if len(words) == 1 else (material.lower(), words[-1])


def _names(random: Random) -> list[tuple[Kind, str, str]]:
    """All names that products may bear, kinds taking turns."""
    by_kind = [
        shuffled(random, [(kind, series, model) for series in RANGES for model in kind.models]) for kind in KINDS
    ]
    rounds = max(len(names) for names in by_kind)
    taken = []
    for turn in range(rounds):
        row = [names[turn] for names in by_kind if turn < len(names)]
        taken.extend(shuffled(random, row))
    return taken


def catalogue(seed: int, first_day: date, days: int, skus: int) -> tuple[Listing, ...]:
    """Products that have `skus` variants together, ordered by identifier."""
    random = dice(seed, "catalogue")
    press = _Press(
        random,
        Identifiers(identifiers.PRODUCTS, random),
        Identifiers(identifiers.VARIANTS, random),
        Identifiers(identifiers.INVENTORY_ITEMS, random),
        Identifiers(identifiers.METAFIELDS, random),
        0,
    )
    names = iter(_names(random))
    listings: list[Listing] = []
    left = skus
    while left > 0:
        wanted = min(_SIZES_OF_RANGE.spin(random), left)
        listing = _listing(press, next(names), wanted, first_day, days, len(listings) + 1)
        left -= len(listing.product.variants)
        listings.append(listing)
    return tuple(listings)
