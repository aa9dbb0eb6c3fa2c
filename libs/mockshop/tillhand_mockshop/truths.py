"""What is true of a shop, for the tests of whatever tries to find it out."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from tillhand_mockshop.generator import DAYS, LAST_DAY, SEED, SKUS, build_with_truths
from tillhand_mockshop.known import Truths


@lru_cache(maxsize=2)
def truths(*, seed: int = SEED, last_day: date = LAST_DAY, skus: int = SKUS, days: int = DAYS) -> Truths:
    """The truths of the shop that `build` makes of the same values."""
    return build_with_truths(seed=seed, last_day=last_day, skus=skus, days=days)[1]
