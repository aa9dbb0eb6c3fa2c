"""The shop is the same everywhere, and different where it should be."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import tillhand_mockshop
from tillhand_mockshop.digest import DEFAULT_DIGEST, digest
from tillhand_mockshop.generator import build
from tillhand_mockshop.generator import shop as cached
from tillhand_mockshop.known import Truths
from tillhand_mockshop.model import Shop
from tillhand_mockshop.truths import truths as found

PROGRAM = """
from tillhand_mockshop.digest import digest
from tillhand_mockshop.generator import build
print(digest(build(skus=40, days=60)))
"""


def test_the_default_shop_is_the_one_that_was_pinned(shop: Shop) -> None:
    assert digest(shop) == DEFAULT_DIGEST


def test_other_processes_build_the_same_shop_whatever_their_hash_seed_and_time_zone(
    small: tuple[Shop, Truths],
) -> None:
    home = str(Path(tillhand_mockshop.__file__).parent.parent)
    for seed, zone in (("1", "UTC"), ("4242", "Asia/Tokyo")):
        environment = {**os.environ, "PYTHONPATH": home, "PYTHONHASHSEED": seed, "TZ": zone}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True, timeout=60
        )
        assert done.stdout.strip() == digest(small[0])


def test_another_seed_makes_another_shop(small: tuple[Shop, Truths]) -> None:
    other = build(seed=7, skus=40, days=60)
    assert digest(other) != digest(small[0])
    assert len(other.variants()) == 40


def test_a_shop_ends_on_the_day_asked_for() -> None:
    made = build(skus=40, days=60, last_day=date(2027, 1, 15))
    assert (made.first_day, made.last_day) == (date(2026, 11, 17), date(2027, 1, 15))
    assert made.orders[-1].created_at.date() <= made.last_day


def test_the_smallest_shop_is_a_shop() -> None:
    made = build(skus=1, days=2)
    assert len(made.variants()) == 1


def test_truths_are_those_of_the_same_shop(small: tuple[Shop, Truths]) -> None:
    assert found(skus=40, days=60) == small[1]


def test_the_full_shop_is_built_once(shop: Shop) -> None:
    assert cached() is shop
