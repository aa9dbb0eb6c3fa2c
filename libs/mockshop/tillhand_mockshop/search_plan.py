"""Which queries bring which pages before searchers, and what is wrong with some of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final, Literal

from tillhand_mockshop.catalogue import Listing
from tillhand_mockshop.dice import between, dice, pick, shuffled, skewed, spread
from tillhand_mockshop.words import DOMAIN
from tillhand_mockshop.words_goods import Kind
from tillhand_mockshop.words_search import ARTICLES, BRAND_QUERIES, KIND_QUERIES, PRODUCT_QUERIES

Role = Literal["usual", "brand", "decay", "rival", "gap", "striking"]
_SITE: Final = f"https://{DOMAIN}"
_DECAYS: Final = 6
_RIVALS: Final = 5
_GAPS: Final = 6
_STRIKING: Final = 12
_FAR: Final = 0.3
_SHORTEST_DECAY: Final = 50
_LONGEST_DECAY: Final = 110


@dataclass(frozen=True, slots=True)
class Pair:
    """A query and the page that it brings: impressions on a mean day, position, season, and what is the matter.

    A decaying pair sinks by `positions_lost` from day index `since` on; a rival pair has the other page in `rival`.
    """

    page: str
    query: str
    impressions: float
    position: float
    season: str
    role: Role = "usual"
    since: int = 0
    positions_lost: float = 0.0
    rival: str = ""


def _usual_position(random: Random) -> float:
    """Well before or well behind the places from 8 to 15, which are told apart."""
    return spread(random, 18.0, 45.0) if random.random() < _FAR else spread(random, 1.4, 6.6)


def _kinds(listings: Sequence[Listing]) -> list[tuple[Kind, Listing]]:
    """The kinds that have a page, with their first product."""
    found: dict[str, tuple[Kind, Listing]] = {}
    for listing in listings:
        found.setdefault(listing.kind.code, (listing.kind, listing))
    return list(found.values())


def _heads(random: Random, listings: Sequence[Listing]) -> list[Pair]:
    """Pairs with many impressions: category pages and articles."""
    pairs = []
    for kind, listing in _kinds(listings):
        page = f"{_SITE}/collections/{kind.handle}"
        for rank, shape in enumerate(KIND_QUERIES[:2]):
            query = shape.format(kind=kind.name.lower(), material=pick(random, listing.kind.materials))
            pairs.append(Pair(page, query, spread(random, 60, 300) / (1 + rank), _usual_position(random), kind.season))
    for slug, season, questions in ARTICLES:
        for rank, query in enumerate(questions[:2]):
            shown = spread(random, 50, 220) / (1 + rank)
            pairs.append(Pair(f"{_SITE}/blogs/journal/{slug}", query, shown, _usual_position(random), season))
    return pairs


def _brand(random: Random) -> list[Pair]:
    shown = (140.0, 60.0, 35.0, 12.0)
    return [
        Pair(f"{_SITE}/", query, number, spread(random, 1.0, 1.1), "flat", "brand")
        for query, number in zip(BRAND_QUERIES, shown, strict=True)
    ]


def _tails(random: Random, listings: Sequence[Listing]) -> list[Pair]:
    """Pairs with few impressions: products, and rarer queries of articles and categories."""
    pairs = []
    for listing in listings:
        if listing.product.status != "ACTIVE":
            continue
        product, kind = listing.product, listing.kind
        words = {
            "title": product.title.lower(),
            "model": product.title.split(" ", 1)[1].lower(),
            "material": product.metafields[0].value.lower(),
            "vendor": product.vendor.lower(),
        }
        for shape in shuffled(random, PRODUCT_QUERIES)[: between(random, 1, 3)]:
            page = f"{_SITE}/products/{product.handle}"
            shown = skewed(random, 0.008, 0.15)
            pairs.append(Pair(page, shape.format(**words), shown, spread(random, 1.2, 38.0), kind.season))
    for slug, season, questions in ARTICLES:
        page = f"{_SITE}/blogs/journal/{slug}"
        pairs.append(Pair(page, questions[-1], skewed(random, 0.2, 0.8), spread(random, 2.0, 30.0), season))
    for kind, _ in _kinds(listings):
        query = pick(random, KIND_QUERIES[2:]).format(kind=kind.name.lower(), material=pick(random, kind.materials))
        page = f"{_SITE}/collections/{kind.handle}"
        pairs.append(Pair(page, query, skewed(random, 0.2, 0.8), spread(random, 2.0, 30.0), kind.season))
    return pairs


def _troubled(pair: Pair, role: Role, position: float, least: float) -> Pair:
    """The pair in another role, with at least so many impressions."""
    return replace(pair, role=role, position=position, impressions=max(pair.impressions, least))


def _decaying(random: Random, pair: Pair, days: int) -> Pair:
    longest = max(min(_LONGEST_DECAY, days * 2 // 3), 1)
    since = days - between(random, max(min(_SHORTEST_DECAY, longest // 2), 1), longest)
    lost = round(spread(random, 5.0, 9.0), 2)
    shown, position = max(pair.impressions, 90.0), spread(random, 2.0, 3.8)
    return replace(pair, role="decay", since=since, positions_lost=lost, position=position, impressions=shown)


def _rivals(pair: Pair, other: str) -> list[Pair]:
    """The pair, and the same query with another page of the site."""
    shown = max(pair.impressions, 80.0)
    first = replace(pair, role="rival", rival=other, position=3.4, impressions=shown)
    return [first, replace(first, page=other, rival=pair.page)]


def _products(listings: Sequence[Listing]) -> dict[str, str]:
    """The page of an active product for the page of each category."""
    return {
        f"{_SITE}/collections/{listing.kind.handle}": f"{_SITE}/products/{listing.product.handle}"
        for listing in listings
        if listing.product.status == "ACTIVE" and listing.sale_from == 0
    }


def _with_troubles(random: Random, heads: Sequence[Pair], products: Mapping[str, str], days: int) -> list[Pair]:
    """Give some pairs a trouble each; what sinks has no season where that can be, so that the cause is clear.

    `products` names a product's page for each category's page: the two that get into each other's way.
    """
    order = shuffled(random, heads)
    order.sort(key=lambda pair: pair.season != "flat")
    decaying, rest = order[:_DECAYS], shuffled(random, order[_DECAYS:])
    made = [_decaying(random, pair, days) for pair in decaying]
    rivals = [pair for pair in rest if pair.page in products][:_RIVALS]
    for pair in rivals:
        made.extend(_rivals(pair, products[pair.page]))
    rest = [pair for pair in rest if pair not in rivals]
    gaps, striking, usual = rest[:_GAPS], rest[_GAPS : _GAPS + _STRIKING], rest[_GAPS + _STRIKING :]
    made.extend(_troubled(pair, "gap", spread(random, 1.8, 4.8), 120.0) for pair in gaps)
    made.extend(_troubled(pair, "striking", spread(random, 8.8, 13.8), 150.0) for pair in striking)
    return made + usual


def plan(seed: int, listings: Sequence[Listing], days: int) -> tuple[list[Pair], list[Pair]]:
    """The pairs that are shown every day, and those that are shown now and then."""
    random = dice(seed, "search plan")
    heads = _with_troubles(random, _heads(random, listings), _products(listings), days)
    return heads + _brand(random), _tails(random, listings)
