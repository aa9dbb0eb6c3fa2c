"""Inventory figures: each an answer with its provenance, all of them from one overview."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Final, TypeVar

import numpy as np

from tillhand_analytics.domain.inventory import summaries, tables
from tillhand_analytics.domain.inventory.columns import table_of
from tillhand_analytics.domain.inventory.goods import Goods, Limits
from tillhand_analytics.domain.inventory.overview import Grounds, Overview, Wish, grounds_of, overview_of
from tillhand_analytics.domain.inventory.pictures import Drawing, cover_drawing, demand_drawing
from tillhand_analytics.domain.inventory.tables import Which
from tillhand_analytics.domain.provenance import Method, Parameter
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.sales_forecast.expected import Ends, Expected
from tillhand_analytics.domain.sales_forecast.pictures import expected_of
from tillhand_analytics.domain.tables import Table
from tillhand_analytics.errors import BadFigure, UnknownRow
from tillhand_analytics.service.figures import Figure, Figures, Question
from tillhand_analytics.service.forecasts import OWN, Forecasters, ends_question, forecast_question
from tillhand_analytics.service.forecasts import Wish as ForecastWish
from tillhand_analytics.service.goods import GOODS, USES, goods_question
from tillhand_analytics.service.placing import Placing

T = TypeVar("T")
CHART_COVERAGE: Final = 0.9
"""How surely the band of a chart is to hold a day."""
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
    placing: Placing
    forecasters: Forecasters = OWN

    async def skus(self, wish: Wish, which: Which, *, again: bool = False) -> Figure[Table]:
        """All SKUs."""
        return await self._of("skus", lambda all_of: tables.skus(all_of, which), wish, _told(which), again=again)

    async def sku(self, name: str, wish: Wish, *, again: bool = False) -> Figure[Table]:
        """One SKU, as a table of one row. Raises `UnknownRow`."""

        def found(all_of: Overview) -> Table:
            row = place_of(all_of, name)
            return table_of("inventory-sku", all_of, tables.SKUS, np.array([row]))

        return await self._of("sku", found, wish, {"sku": name}, again=again)

    async def at_risk(self, wish: Wish, which: Which, *, again: bool = False) -> Figure[Table]:
        """What will run out."""
        return await self._of("at-risk", lambda all_of: tables.at_risk(all_of, which), wish, _told(which), again=again)

    async def reorder(self, wish: Wish, which: Which, *, due: bool | None = None, again: bool = False) -> Figure[Table]:
        """When to reorder."""

        def found(all_of: Overview) -> Table:
            return tables.reorder(all_of, which, due=due)

        return await self._of("reorder", found, wish, {**_told(which), "due": due}, again=again)

    async def purchase_lines(self, wish: Wish, which: Which, *, again: bool = False) -> Figure[Table]:
        """What to order now."""

        def found(all_of: Overview) -> Table:
            return tables.purchase_lines(all_of, which)

        return await self._of("purchase-proposals", found, wish, _told(which), again=again)

    async def purchases(self, wish: Wish, *, again: bool = False) -> Figure[Table]:
        """What to order now, by supplier."""
        return await self._of("purchase-orders", summaries.purchases, wish, {}, again=again)

    async def service_levels(self, wish: Wish, *, again: bool = False) -> Figure[Table]:
        """How reorder points have done."""
        return await self._of("service-levels", summaries.service_levels, wish, {}, again=again)

    async def totals(self, wish: Wish, *, again: bool = False) -> Figure[summaries.Totals]:
        """The stock in a few figures."""
        return await self._of("totals", summaries.totals, wish, {}, again=again)

    async def overview(self, wish: Wish, *, again: bool = False) -> Figure[Overview]:
        """Everything, as charts and proposals need it."""
        return await self.figures.of(await self._overview(wish), again=again)

    async def cover_chart(self, wish: Wish, which: Which, *, again: bool = False) -> Figure[Drawing]:
        """How long stock lasts, as a picture."""

        def drawn(all_of: Overview) -> Drawing:
            return cover_drawing(all_of, which)

        return await self._of("cover-chart", drawn, wish, _told(which), again=again)

    async def demand_chart(self, sku: str, days: int, forecast_days: int, *, again: bool = False) -> Figure[Drawing]:
        """Demand for a SKU, and what is expected of it, as a picture. Raises `UnknownRow`.

        Nothing is expected where the past is too short for a forecast.
        """
        told: dict[str, Parameter] = {"sku": sku, "days": days}
        if forecast_days:
            with suppress(BadFigure):
                return await self._expected_chart(told, forecast_days, again=again)

        def drawn(goods: Goods) -> Drawing:
            return demand_drawing(goods, place_of(goods, sku), days)

        return await self._plain("demand-chart", drawn, GOODS, told, again=again)

    async def _expected_chart(self, told: Mapping[str, Parameter], days: int, *, again: bool) -> Figure[Drawing]:
        goods, wish = goods_question(), ForecastWish("units", days, CHART_COVERAGE)
        forecast, ends = forecast_question("units", days, self.forecasters), ends_question(wish, self.forecasters)
        sku, shown = str(told["sku"]), int(told["days"] or 0)

        def compute(shop: Shop, known: Goods, found: Expected, surely: Ends) -> Drawing:
            del shop
            row = place_of(known, sku)
            ahead = expected_of(found, [surely], found.history.heads + row) if known.panel.for_sale[row] else None
            return demand_drawing(known, row, shown, ahead)

        parameters = {**goods.parameters, **wish.parameters, **told}
        question = Question(
            "inventory.demand-chart", USES, forecast.method, compute, parameters, (goods, forecast, ends)
        )
        return await self.figures.of(question, again=again)

    async def abc(self, which: Which, *, again: bool = False) -> Figure[Table]:
        """What earns most, and how evenly it sells."""
        return await self._plain("abc", lambda goods: tables.abc(goods, which), _PARETO, _told(which), again=again)

    async def matrix(self, *, again: bool = False) -> Figure[Table]:
        """ABC by XYZ."""
        return await self._plain("matrix", summaries.matrix, _PARETO, {}, again=again)

    async def dead_stock(self, which: Which, after_days: int, *, again: bool = False) -> Figure[Table]:
        """What nobody buys."""
        return await self._plain(
            "dead-stock",
            lambda goods: tables.dead_stock(goods, which),
            _VELOCITY,
            _told(which),
            limits=Limits(dead_after_days=after_days),
            again=again,
        )

    async def overstock(self, which: Which, days: int, *, again: bool = False) -> Figure[Table]:
        """What there is too much of."""
        return await self._plain(
            "overstock",
            lambda goods: tables.overstock(goods, which),
            _VELOCITY,
            _told(which),
            limits=Limits(overstock_days=days),
            again=again,
        )

    async def suppliers(self, *, again: bool = False) -> Figure[Table]:
        """How suppliers deliver."""
        question = Question("inventory.suppliers", USES, _DELIVERIES, summaries.suppliers)
        return await self.figures.of(question, again=again)

    async def _of(
        self,
        name: str,
        found: Callable[[Overview], T],
        wish: Wish,
        more: Mapping[str, Parameter],
        *,
        again: bool,
    ) -> Figure[T]:
        """Something of the overview."""
        overview = await self._overview(wish)

        def compute(shop: Shop, all_of: Overview) -> T:
            del shop
            return found(all_of)

        parameters = {**overview.parameters, **more}
        question = Question(f"inventory.{name}", USES, overview.method, compute, parameters, (overview,))
        return await self.figures.of(question, again=again)

    async def _plain(
        self,
        name: str,
        found: Callable[[Goods], T],
        method: Method,
        more: Mapping[str, Parameter],
        *,
        again: bool,
        limits: Limits = Limits(),  # noqa: B008  # frozen
    ) -> Figure[T]:
        """Something of the goods alone, which no reorder point is needed for."""
        goods = goods_question(limits)

        def compute(shop: Shop, known: Goods) -> T:
            del shop
            return found(known)

        parameters = {**goods.parameters, **more}
        question = Question(f"inventory.{name}", USES, method, compute, parameters, (goods,))
        return await self.figures.of(question, again=again)

    async def _overview(self, wish: Wish) -> Question[Overview]:
        placed = await self.placing.current()

        def compute(shop: Shop, grounds: Grounds) -> Overview:
            del shop
            return overview_of(grounds, wish, placed)

        grounds = self._grounds()
        rules = {each.name: getattr(wish.rules, each.name) for each in fields(wish.rules)}
        plain = {each.name: getattr(wish, each.name) for each in fields(wish) if each.name != "rules"}
        parameters = {**grounds.parameters, **plain, **rules, **placed.parameters}
        return Question("inventory.overview", USES, _REORDER[wish.method], compute, parameters, (grounds,))

    def _grounds(self) -> Question[Grounds]:
        days = self.lead_time_days

        def compute(shop: Shop, goods: Goods) -> Grounds:
            del shop
            return grounds_of(goods, days)

        goods = goods_question()
        parameters = {**goods.parameters, "lead_time_days": days}
        return Question("inventory.grounds", USES, GOODS, compute, parameters, (goods,))


def place_of(goods: Goods, sku: str) -> int:
    """The place of a SKU. Raises `UnknownRow`."""
    if sku not in goods.panel.skus:
        raise UnknownRow("There is no such SKU.", field="path.sku")
    return goods.panel.skus.index(sku)


def _told(asked: Which | Limits) -> dict[str, Parameter]:
    return {each.name: getattr(asked, each.name) for each in fields(asked)}
