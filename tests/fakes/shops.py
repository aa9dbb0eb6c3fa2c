"""Sources that give a shop of the test's own, and can fail."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import numpy as np

from tillhand_analytics.domain.gates import Gate
from tillhand_analytics.domain.provenance import SOURCES, Mode, Stamp
from tillhand_analytics.domain.records import Bools, Orders, Shop
from tillhand_analytics.ports.sources import Loaded

FETCHED = datetime(2026, 11, 1, 6, tzinfo=UTC)


@dataclass
class HeldSources:
    """Gives `shop`, in `mode`, as often as it is asked, or raises `failure`; counts the readings."""

    shop: Shop
    mode: Mode = "mock"
    failure: Exception | None = None
    complete_through: dict[str, date] = field(default_factory=dict)
    readings: int = 0
    closed: bool = False
    has_token: bool = False

    async def load(self) -> Loaded:
        """The shop."""
        self.readings += 1
        if self.failure is not None:
            raise self.failure
        last_day = self.shop.last_day.astype("datetime64[D]").item()
        digest = sha256(repr((self.shop.name, self.shop.first_day, last_day)).encode()).hexdigest()
        return Loaded(
            self.shop,
            tuple(
                Stamp(each, self.mode, FETCHED, self.complete_through.get(each, last_day), 1, digest)
                for each in SOURCES
            ),
        )

    async def gates(self) -> tuple[Gate, ...]:
        """All as the mode says."""
        state = "verified" if self.mode == "live" else "absent"
        return tuple(Gate(each, state, self.mode) for each in SOURCES)  # type: ignore[arg-type]  # a state of the two

    async def aclose(self) -> None:
        """Nothing is asked any more."""
        self.closed = True


def with_orders(shop: Shop, chosen: Bools) -> Shop:
    """A shop of fewer orders, without lines and refunds."""
    places = np.flatnonzero(chosen)
    orders: dict[str, Any] = {}
    for each in fields(Orders):
        column = getattr(shop.orders, each.name)
        if isinstance(column, np.ndarray):
            orders[each.name] = column[places]
        else:
            orders[each.name] = column if each.name in {"customers", "channels"} else tuple(column[at] for at in places)
    none = np.zeros(0, np.int64)
    lines = replace(shop.lines, ids=(), order=none, variant=none, quantity=none, amount_minor=none, discount_minor=none)
    refunds = replace(
        shop.refunds,
        order=none,
        line=none,
        at=none.astype("datetime64[s]"),
        day=none.astype("datetime64[D]"),
        quantity=none,
        amount_minor=none,
    )
    return replace(shop, orders=Orders(**orders), lines=lines, refunds=refunds)
