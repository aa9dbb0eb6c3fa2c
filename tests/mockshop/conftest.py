"""The shop of full size and a small one, built once."""

from __future__ import annotations

import pytest

from tillhand_mockshop.generator import DAYS, LAST_DAY, SEED, SKUS, build_with_truths, built
from tillhand_mockshop.known import Truths
from tillhand_mockshop.model import Shop


@pytest.fixture(scope="session")
def full() -> tuple[Shop, Truths]:
    """The default shop with its truths."""
    return built(SEED, LAST_DAY, SKUS, DAYS)


@pytest.fixture(scope="session")
def shop(full: tuple[Shop, Truths]) -> Shop:
    """The default shop."""
    return full[0]


@pytest.fixture(scope="session")
def truths(full: tuple[Shop, Truths]) -> Truths:
    """What is true of the default shop."""
    return full[1]


@pytest.fixture(scope="session")
def small() -> tuple[Shop, Truths]:
    """A shop of 40 SKUs and 60 days."""
    return build_with_truths(skus=40, days=60)
