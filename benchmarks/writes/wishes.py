"""What the agents of the proof want done: writes of three kinds, of which no two are the same."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from tillhand_approvals.domain.canonical import digest_of
from tillhand_mcp.mock.shopify.values import gid
from tillhand_mockshop.model import Shop, Variant

Plan = Literal["approve", "edit", "reject", "leave"]
ADJUST: Final = "shopify_inventory_adjust"
PRODUCT: Final = "shopify_product_update"
PRICE: Final = "shopify_price_change"
TOOLS: Final = (ADJUST, ADJUST, ADJUST, PRODUCT, PRICE)
PLANS: Final[tuple[Plan, ...]] = ("approve",) * 17 + ("edit", "reject", "leave")
SMALL: Final = 5
POLICIES: Final[Mapping[str, Any]] = {
    "version": 1,
    "default": "deny",
    "rules": [
        {
            "id": "small-counts",
            "when": {"tools": ADJUST, "arguments": [{"at": "/delta", "gte": -SMALL, "lte": SMALL}]},
            "then": {"action": "allow", "reason": "Small differences are booked at once."},
        },
        {"id": "the-rest", "when": {"writes": True}, "then": {"action": "require_approval"}},
    ],
}
"""Small adjustments are approved in advance by whoever wrote this; people decide on all else."""


@dataclass
class Wish:
    """A write that an agent wants, and what a person makes of it. `id` is the proposal's, where that was told."""

    number: int
    tool: str
    arguments: dict[str, Any]
    plan: Plan
    id: str = ""

    @property
    def digest(self) -> str:
        """The digest that an approval of it names."""
        return digest_of(self.arguments)

    def edited(self) -> dict[str, Any]:
        """The arguments as a person puts them right."""
        if self.tool == ADJUST:
            return self.arguments | {"delta": self.arguments["delta"] + 1000}
        if self.tool == PRODUCT:
            return self.arguments | {"title": f"{self.arguments['title']} by hand"}
        return self.arguments | {"price_minor": self.arguments["price_minor"] + 10_000_000}


@dataclass
class Wishes:
    """Draws them over a shop, whose stock and prices it learns from what is refused."""

    shop: Shop
    chance: random.Random
    stock: dict[tuple[int, int], int] = field(init=False)
    prices: dict[int, int] = field(init=False)
    _places: Iterator[tuple[int, int]] = field(init=False)
    _variants: Iterator[Variant] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the shop as it was made up."""
        self.stock = dict(self.shop.stock)
        self.prices = {each.id: each.price_minor for each in self.shop.variants()}
        self._places = itertools.cycle(list(self.stock))
        self._variants = itertools.cycle(list(self.shop.variants()))

    def wish(self, number: int) -> Wish:
        """The next one; its number makes its title or its price one of a kind."""
        tool, plan = self.chance.choice(TOOLS), self.chance.choice(PLANS)
        if tool == ADJUST:
            arguments = self._adjustment()
        elif tool == PRODUCT:
            product = gid("Product", next(self._variants).product_id)
            arguments = {"product_id": product, "title": f"Blue kettle {number}"}
        else:
            arguments = self._price(number)
        return Wish(number, tool, arguments, plan)

    def learn(self, wish: Wish, reason: str, told: Mapping[str, Any]) -> None:
        """Take over what a refusal says about the shop as it is now."""
        if reason == "stock-changed":
            item, location = (_number(wish.arguments[name]) for name in ("inventory_item_id", "location_id"))
            self.stock[item, location] = int(told["available"])
        elif reason == "price-changed":
            amount = str(told["detail"]).partition("the price is ")[2].partition(" ")[0]
            self.prices[_number(wish.arguments["variant_id"])] = round(float(amount) * 100)

    def _adjustment(self) -> dict[str, Any]:
        item, location = place = next(self._places)
        delta = self.chance.choice((*range(1, SMALL + 1), *range(SMALL + 1, 40)))
        expected, self.stock[place] = self.stock[place], self.stock[place] + delta
        return {
            "inventory_item_id": gid("InventoryItem", item),
            "location_id": gid("Location", location),
            "delta": delta,
            "expected_available": expected,
            "cause": "correction",
        }

    def _price(self, number: int) -> dict[str, Any]:
        variant = next(self._variants)
        before, self.prices[variant.id] = self.prices[variant.id], 100_000 + number
        return {
            "product_id": gid("Product", variant.product_id),
            "variant_id": gid("ProductVariant", variant.id),
            "price_minor": 100_000 + number,
            "currency": self.shop.currency,
            "expected_price_minor": before,
        }


def _number(name: str) -> int:
    return int(name.rpartition("/")[2])
