"""What is true of a shop, for the tests of whatever tries to find it out."""

from __future__ import annotations

from datetime import date

from tillhand_mockshop.generator import DAYS, LAST_DAY, SEED, SKUS, built
from tillhand_mockshop.known import Truths


def truths(*, seed: int = SEED, last_day: date = LAST_DAY, skus: int = SKUS, days: int = DAYS) -> Truths:
    """The truths of the shop that `build` makes of the same values; by default those of `generator.shop`."""
    return built(seed, last_day, skus, days)[1]
