"""Forecasts of sales: each an answer with its provenance and its record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from tillhand_analytics.domain.inventory.goods import Goods
from tillhand_analytics.domain.provenance import Method, Parameter
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.sales_forecast import tables
from tillhand_analytics.domain.sales_forecast.expected import Ends, Expected, ends_of, expected
from tillhand_analytics.domain.sales_forecast.history import Level, Measure, history_of
from tillhand_analytics.domain.sales_forecast.pictures import NARROW, Drawing, forecast_drawing
from tillhand_analytics.domain.sales_forecast.trials import backtest_table
from tillhand_analytics.domain.sales_forecast.walking import Menus, own_sums_menu, walked
from tillhand_analytics.domain.tables import Table
from tillhand_analytics.service.figures import Figure, Figures, Question
from tillhand_analytics.service.goods import USES, goods_question

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is forecast, how far, and how surely the interval is to hold what comes."""

    measure: Measure
    horizon_days: int
    coverage: float

    @property
    def parameters(self) -> dict[str, Parameter]:
        """As provenance tells them."""
        return {"measure": self.measure, "horizon_days": self.horizon_days, "coverage": self.coverage}


@dataclass(frozen=True, slots=True)
class Series:
    """Which series."""

    level: Level
    key: str

    @property
    def parameters(self) -> dict[str, Parameter]:
        """As provenance tells them."""
        return {"level": self.level, "key": self.key}


@dataclass(frozen=True, slots=True)
class Forecasters:
    """The models to choose from, and whose they are: another set is another method."""

    sums: Menus = own_sums_menu
    library: str = "own"

    @property
    def method(self) -> Method:
        """As provenance tells it."""
        return Method("sales-forecast" if self.library == "own" else f"sales-forecast-{self.library}", "1")


OWN: Final = Forecasters()


class Forecasts:
    """Answers what comes. All raise `SourceUnavailable`, and `BadFigure` where the past is too short."""

    def __init__(self, figures: Figures, forecasters: Forecasters, *, again: bool = False) -> None:
        self._figures = figures
        self._forecasters = forecasters
        self._again = again

    async def table(self, wish: Wish, which: tables.Which) -> Figure[Table]:
        """What is expected of each series."""
        parameters: dict[str, Parameter] = {"level": which.level, "category": which.category}
        return await self._of(
            "table", wish, lambda found, ends, _: tables.forecast_table(found, ends, which), parameters
        )

    async def days(self, wish: Wish, series: Series) -> Figure[Table]:
        """A series day by day. Raises `UnknownRow`."""

        def compute(found: Expected, ends: Ends, shop: Shop) -> Table:
            del shop
            return tables.days_table(found, ends, tables.row_of(found.history, series.level, series.key))

        return await self._of("days", wish, compute, series.parameters)

    async def backtest(self, measure: Measure, horizon_days: int) -> Figure[Table]:
        """What was tried on the past."""

        def compute(shop: Shop, found: Expected) -> Table:
            del shop
            return backtest_table(found)

        question = forecast_question(measure, horizon_days, self._forecasters)
        return await self._figures.of(
            Question("sales.forecast-backtest", USES, question.method, compute, question.parameters, needs=(question,)),
            again=self._again,
        )

    async def chart(self, wish: Wish, series: Series, days: int) -> Figure[Drawing]:
        """A series and what is expected of it. Raises `UnknownRow`."""

        def compute(found: Expected, ends: Ends, shop: Shop) -> Drawing:
            row = tables.row_of(found.history, series.level, series.key)
            bands = [ends, ends_of(found, NARROW)] if wish.coverage > NARROW else [ends]
            return forecast_drawing(found, bands, row, days, shop.currency)

        return await self._of("chart", wish, compute, {**series.parameters, "days": days})

    async def _of(
        self,
        name: str,
        wish: Wish,
        compute: Callable[[Expected, Ends, Shop], T],
        more: Mapping[str, Parameter],
    ) -> Figure[T]:
        def of_shop(shop: Shop, found: Expected, ends: Ends) -> T:
            return compute(found, ends, shop)

        expected_of = forecast_question(wish.measure, wish.horizon_days, self._forecasters)
        ends = ends_question(wish, self._forecasters)
        question = Question(
            f"sales.forecast-{name}",
            USES,
            self._forecasters.method,
            of_shop,
            {**wish.parameters, **more},
            needs=(expected_of, ends),
        )
        return await self._figures.of(question, again=self._again)


def forecast_question(measure: Measure, horizon_days: int, forecasters: Forecasters) -> Question[Expected]:
    """The forecast itself."""

    def compute(shop: Shop, goods: Goods) -> Expected:
        return expected(walked(history_of(shop, goods.panel, measure), horizon_days, forecasters.sums))

    parameters: dict[str, Parameter] = {"measure": measure, "horizon_days": horizon_days}
    return Question("sales.forecast", USES, forecasters.method, compute, parameters, needs=(goods_question(),))


def ends_question(wish: Wish, forecasters: Forecasters) -> Question[Ends]:
    """Its intervals at one level."""

    def compute(shop: Shop, found: Expected) -> Ends:
        del shop
        return ends_of(found, wish.coverage)

    needs = (forecast_question(wish.measure, wish.horizon_days, forecasters),)
    return Question("sales.forecast-ends", USES, forecasters.method, compute, wish.parameters, needs=needs)
