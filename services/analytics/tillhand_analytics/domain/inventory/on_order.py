"""What was ordered through the approvals, or waits there for a decision, and is not known from anywhere else yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.inventory.panel import Panel
from tillhand_analytics.domain.provenance import Parameter, digest_of
from tillhand_analytics.domain.records import Deliveries, Floats

Told = Literal["none", "read", "stale", "unavailable"]
GRACE_DAYS: Final = 7
"""How late an order may be that has a day of its own."""
_LATE: Final = 1.5
"""Times the lead time that an order without one may take."""


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A SKU in an order of a proposal. `on` is the day of its sending, or of its proposal while it still `waits`.

    `due` is when it was asked for, None where nobody said.
    """

    proposal: str
    sku: str
    units: int
    on: date
    waits: bool
    due: date | None


@dataclass(frozen=True, slots=True)
class Placed:
    """All such lines, and how the approvals stand: none are connected, they were read, or they could not be.

    `stale` lines are those of an earlier reading. `today` is the day by which lines are too old.
    """

    told: Told = "none"
    lines: tuple[OrderedLine, ...] = ()
    today: date = date.min

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """What figures say of it: how it was read, and a digest of what was."""
        about = (self.today.isoformat(), *map(repr, self.lines)) if self.lines else ()
        return {"orders": self.told, "orders_digest": digest_of(about)[:16] if about else None}


@dataclass(frozen=True, slots=True)
class OnOrder:
    """Units by SKU, in the order of the panel: what was sent, and what waits for a decision."""

    sent: Floats
    waiting: Floats


def on_order(panel: Panel, deliveries: Deliveries, lead_days: Floats, placed: Placed) -> OnOrder:
    """What counts of it: a line does until it is noted as a purchase, or should have come long ago.

    A purchase is noted under the proposal's id, or as one of the same SKU from the day of the order on.
    """
    place = {sku: at for at, sku in enumerate(panel.skus)}
    sent, waiting = np.zeros(len(panel.skus)), np.zeros(len(panel.skus))
    noted = _noted(deliveries)
    for line in placed.lines:
        at = place.get(line.sku)
        if at is None:
            continue
        if line.waits:
            waiting[at] += line.units
        elif not noted.holds(line, at) and placed.today <= _last_day(line, float(lead_days[at])):
            sent[at] += line.units
    return OnOrder(sent, waiting)


def _last_day(line: OrderedLine, lead_days: float) -> date:
    if line.due is not None:
        return date.fromordinal(line.due.toordinal() + GRACE_DAYS)
    return date.fromordinal(line.on.toordinal() + int(np.ceil(_LATE * lead_days)))


@dataclass(frozen=True, slots=True)
class _Noted:
    """Which purchases were noted: by id and SKU, and the last day on which each SKU was ordered."""

    named: frozenset[tuple[str, int]]
    last: Mapping[int, date]

    def holds(self, line: OrderedLine, at: int) -> bool:
        return (line.proposal, at) in self.named or self.last.get(at, date.min) >= line.on


def _noted(deliveries: Deliveries) -> _Noted:
    variants = deliveries.variant.tolist()
    names = (deliveries.ids[place] for place in deliveries.purchase.tolist())
    last: dict[int, date] = {}
    for at, day in zip(variants, deliveries.ordered_on.astype("datetime64[D]").tolist(), strict=True):
        last[at] = max(last.get(at, date.min), day)
    return _Noted(frozenset(zip(names, variants, strict=True)), last)
