"""Numbers that tell things apart: identifiers that grow as a big platform's do, and bar codes."""

from __future__ import annotations

from random import Random
from typing import Final

PRODUCTS: Final = 8_000_000_000_000
VARIANTS: Final = 45_000_000_000_000
INVENTORY_ITEMS: Final = 47_000_000_000_000
METAFIELDS: Final = 33_000_000_000_000
LOCATIONS: Final = 65_000_000_000
CUSTOMERS: Final = 7_000_000_000_000
ORDERS: Final = 5_000_000_000_000
LINES: Final = 13_000_000_000_000
REFUNDS: Final = 900_000_000_000
PURCHASES: Final = 21_000_000_000

_STEP: Final = 90_000


class Identifiers:
    """Ever larger identifiers of one kind of thing."""

    __slots__ = ("_draw", "_last")

    def __init__(self, base: int, random: Random) -> None:
        self._draw = random.random
        self._last = base

    def next(self) -> int:
        """The next identifier."""
        self._last += 1 + int(self._draw() * _STEP)
        return self._last


def ean13(number: int) -> str:
    """The bar code of a number, of the range that shops may use as they like (GS1 prefix 20)."""
    digits = f"20{number:010d}"
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighed % 10}"
