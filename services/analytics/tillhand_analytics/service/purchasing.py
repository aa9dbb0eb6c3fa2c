"""Proposes orders to suppliers: made of today's figures, decided by a person."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from tillhand_analytics import errors
from tillhand_analytics.domain.inventory.ordering import TOOL, Order, arguments_of, evidence_of, order_from
from tillhand_analytics.domain.inventory.overview import Wish
from tillhand_analytics.domain.provenance import Provenance
from tillhand_analytics.ports.proposing import Draft, Proposals, Proposed, Speaker
from tillhand_analytics.service.figures import Figure
from tillhand_analytics.service.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Asked:
    """What should be proposed: all that is due from a supplier, or some SKUs of it."""

    supplier: str
    to: str
    skus: Collection[str] | None
    deliver_by: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Made:
    """An order that was proposed, and what became of it."""

    order: Order
    proposed: Proposed


@dataclass(frozen=True, slots=True)
class Purchasing:
    """Proposes what the figures call for."""

    inventory: Inventory
    proposals: Proposals

    async def propose(self, asked: Asked, wish: Wish, speaker: Speaker) -> Figure[Made]:
        """Propose an order. Raises `UnknownRow` where nothing is due, and what the figures and the approvals raise."""
        figure = await self.inventory.overview(wish)
        order = order_from(figure.value, asked.supplier, asked.skus)
        if order is None:
            raise errors.UnknownRow(
                "Nothing with a known cost is due from this supplier beyond what is on order or waits for a decision.",
                field="body.supplier",
            )
        currency = figure.value.shop.currency
        draft = Draft(
            tool=TOOL,
            arguments=arguments_of(order, to=asked.to, currency=currency, deliver_by=asked.deliver_by, note=asked.note),
            justification=f"{len(order.lines)} SKUs of {order.supplier} are at or below their reorder point.",
            evidence=[*_sourced(figure.provenance), *evidence_of(order)],
        )
        proposed = await self.proposals.propose(speaker, draft)
        self.inventory.placing.forget()
        return Figure(Made(order, proposed), figure.provenance)


def _sourced(provenance: Provenance) -> Iterator[dict[str, Any]]:
    if not provenance.live:
        yield {"kind": "notice", "text": f"The figures are of {provenance.mode} data."}
    yield {"kind": "figure", "name": "figures_as_of", "value": provenance.computed_at.isoformat()}
    yield {"kind": "figure", "name": "method", "value": f"{provenance.method.name} {provenance.method.version}"}
