"""Inventory figures: each an answer with its provenance, all of them from one overview."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Final, TypeVar

import numpy as np

from tillhand_analytics.domain.inventory import summaries, tables
from tillhand_analytics.domain.inventory.overview import Grounds, Overview, Wish, grounds_of, overview_of
from tillhand_analytics.domain.inventory.tables import SkuTable, Which
from tillhand_analytics.domain.provenance import Method, Parameter
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.tables import Table
from tillhand_analytics.errors import UnknownRow
from tillhand_analytics.service.figures import Figure, Figures, Question

T = TypeVar("T")
_USES: Final = ("shopify",)
_EVERYTHING: Final = Which()
_GROUNDS: Final = Method("demand-panel", "1")
_DELIVERIES: Final = Method("delivery-counts", "1")
_VELOCITY: Final = Method("velocity-28-90", "1")
_PARETO: Final = Method("abc-80-95-xyz-weekly-cv", "1")
_REORDER: Final[Mapping[str, Method]] = {
    "conformal": Method("class-conditional-conformal", "1"),
    "textbook": Method("textbook-normal", "1"),
}


@dataclass(frozen=True, slots=True)
class Inventory:
    """Answers what the stock of the current shop is like; `lead_time_days` is assumed where nobody knows better."""

    figures: Figures
    lead_time_days: int

    async def skus(self, wish: Wish, which: Which, *, again: bool = False) -> Figure[Table]:
        """All SKUs."""
        return await self._table("skus", tables.skus, wish, which, again=again)

    async def sku(self, name: str, wish: Wish, *, again: bool = False) -> Figure[Table]:
        """One SKU, as a table of one row. Raises `UnknownRow`."""

        def found(all_of: Overview, which: Which) -> Table:
            del which
            if name not in all_of.panel.skus:
                raise UnknownRow("There is no such SKU.", field="path.sku")
            return tables.table_of("inventory-sku", all_of, tables.SKUS, np.array([all_of.panel.skus.index(name)]))

        return await self._table("sku", found, wish, _EVERYTHING, again=again, sku=name)

    async def at_risk(self, wish: Wish, which: Which, *, again: bool = False) -> Figure[Table]:
        """What will run out."""
        return await self._table("at-risk", tables.at_risk, wish, which, again=again)

    async def abc(self, wish: Wish, which: Which, *, again: bool = False) -> Figure[Table]:
        """What earns most, and how evenly it sells."""
        return await self._table("abc", tables.abc, wish, which, again=again, method=_PARETO)

    async def dead_stock(self, wish: Wish, which: Which, *, again: bool = False) -> Figure[Table]:
        """What nobody buys."""
        return await self._table("dead-stock", tables.dead_stock, wish, which, again=again, method=_VELOCITY)

    async def overstock(self, wish: Wish, which: Which, *, again: bool = False) -> Figure[Table]:
        """What there is too much of."""
        return await self._table("overstock", tables.overstock, wish, which, again=again, method=_VELOCITY)

    async def reorder(self, wish: Wish, which: Which, *, due: bool | None = None, again: bool = False) -> Figure[Table]:
        """When to reorder."""

        def found(all_of: Overview, chosen: Which) -> Table:
            return tables.reorder(all_of, chosen, due=due)

        return await self._table("reorder", found, wish, which, again=again, due=due)

    async def purchase_lines(self, wish: Wish, which: Which, *, again: bool = False) -> Figure[Table]:
        """What to order now."""
        return await self._table("purchase-proposals", tables.purchase_lines, wish, which, again=again)

    async def purchases(self, wish: Wish, *, again: bool = False) -> Figure[Table]:
        """What to order now, by supplier."""
        return await self._summary("purchase-orders", summaries.purchases, wish, again=again)

    async def service_levels(self, wish: Wish, *, again: bool = False) -> Figure[Table]:
        """How reorder points have done."""
        return await self._summary("service-levels", summaries.service_levels, wish, again=again)

    async def matrix(self, wish: Wish, *, again: bool = False) -> Figure[Table]:
        """ABC by XYZ."""
        return await self._summary("matrix", summaries.matrix, wish, again=again, method=_PARETO)

    async def totals(self, wish: Wish, *, again: bool = False) -> Figure[summaries.Totals]:
        """The stock in a few figures."""
        return await self._summary("totals", summaries.totals, wish, again=again)

    async def suppliers(self, *, again: bool = False) -> Figure[Table]:
        """How suppliers deliver."""
        return await self.figures.of(
            Question("inventory.suppliers", _USES, _DELIVERIES, summaries.suppliers), again=again
        )

    async def overview(self, wish: Wish, *, again: bool = False) -> Figure[Overview]:
        """Everything, as charts and proposals need it."""
        return await self.figures.of(self._overview(wish), again=again)

    async def _table(
        self,
        name: str,
        table: SkuTable,
        wish: Wish,
        which: Which,
        *,
        again: bool,
        method: Method | None = None,
        **more: Parameter,
    ) -> Figure[Table]:
        def compute(shop: Shop, all_of: Overview) -> Table:
            del shop
            return table(all_of, which)

        chosen: dict[str, Parameter] = {each.name: getattr(which, each.name) for each in fields(which)}
        return await self.figures.of(self._question(name, compute, wish, method, {**chosen, **more}), again=again)

    async def _summary(
        self, name: str, summary: Callable[[Overview], T], wish: Wish, *, again: bool, method: Method | None = None
    ) -> Figure[T]:
        def compute(shop: Shop, all_of: Overview) -> T:
            del shop
            return summary(all_of)

        return await self.figures.of(self._question(name, compute, wish, method, {}), again=again)

    def _question(
        self,
        name: str,
        compute: Callable[[Shop, Overview], T],
        wish: Wish,
        method: Method | None,
        more: Mapping[str, Parameter],
    ) -> Question[T]:
        overview = self._overview(wish)
        parameters = {**overview.parameters, **more}
        return Question(f"inventory.{name}", _USES, method or overview.method, compute, parameters, (overview,))

    def _overview(self, wish: Wish) -> Question[Overview]:
        def compute(shop: Shop, grounds: Grounds) -> Overview:
            return overview_of(shop, grounds, wish)

        parameters = {**_told(wish), "lead_time_days": self.lead_time_days}
        grounds = self._grounds()
        return Question("inventory.overview", _USES, _REORDER[wish.method], compute, parameters, (grounds,))

    def _grounds(self) -> Question[Grounds]:
        days = self.lead_time_days
        return Question(
            "inventory.grounds", _USES, _GROUNDS, lambda shop: grounds_of(shop, days), {"lead_time_days": days}
        )


def _told(wish: Wish) -> dict[str, Parameter]:
    plain = {each.name: getattr(wish, each.name) for each in fields(wish) if each.name != "rules"}
    return {**plain, **{each.name: getattr(wish.rules, each.name) for each in fields(wish.rules)}}
