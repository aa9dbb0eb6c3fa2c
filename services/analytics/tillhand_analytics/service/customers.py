"""What customers may bring, which segments they make, and whether they come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

import numpy as np

from tillhand_analytics.domain.customers.cohorts import Cohorts, Period, cohorts
from tillhand_analytics.domain.customers.lifetime import Horizon
from tillhand_analytics.domain.customers.outlook import Outlook, Prospects, outlook, prospects
from tillhand_analytics.domain.customers.pictures import Drawing, cohorts_drawing, tracking_drawing
from tillhand_analytics.domain.customers.purchases import Purchases, shop_purchases
from tillhand_analytics.domain.customers.retention import Retention, SecondPurchase, retention, second_purchase
from tillhand_analytics.domain.customers.rfm import rfm
from tillhand_analytics.domain.customers.tables import (
    clv_table,
    cohorts_table,
    scores_table,
    segments_table,
    tracking_table,
)
from tillhand_analytics.domain.provenance import Method, Parameter, Source
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.tables import Table
from tillhand_analytics.errors import BadFigure
from tillhand_analytics.service.figures import Figure, Figures, Question

T = TypeVar("T")
_SHOP: Final[tuple[Source, ...]] = ("shopify",)
_CLV: Final = Method("bg-nbd-gamma-gamma")
_RFM: Final = Method("rfm-fifths")
_COHORTS: Final = Method("cohorts-by-first-purchase")


@dataclass(frozen=True, slots=True)
class Kept:
    """Key figures of customers who come back, and how soon they do."""

    figures: Retention
    second: SecondPurchase


@dataclass(frozen=True, slots=True)
class Asked:
    """Which purchases are meant: up to a day, of a channel; all of them where neither is given."""

    last_day: date | None = None
    channel: str | None = None

    @property
    def parameters(self) -> dict[str, Parameter]:
        """As provenance tells them."""
        return {"last_day": None if self.last_day is None else self.last_day.isoformat(), "channel": self.channel}

    def bought(self) -> Question[Purchases]:
        """The purchases, which several figures are made of."""

        def compute(shop: Shop) -> Purchases:
            return shop_purchases(shop, self.channel).until(self.day(shop))

        return Question("sales.purchases", _SHOP, Method("purchases-by-day"), compute, self.parameters)

    def day(self, shop: Shop) -> np.datetime64:
        """The last day of the purchases. Raises `BadFigure` for a day of which nothing is known."""
        return shop.last_day if self.last_day is None else _known(shop, self.last_day, "last_day")


class Customers:
    """Answers questions about customers. All raise `SourceUnavailable`, and `BadFigure` naming what is at fault."""

    def __init__(self, figures: Figures, *, again: bool = False) -> None:
        self._figures = figures
        self._again = again

    async def clv(self, asked: Asked, holdout_days: int, horizon: Horizon) -> Figure[Table]:
        """What each customer may bring."""

        def compute(shop: Shop, found: Prospects) -> Table:
            return clv_table(found, shop.orders.customers)

        expected = _prospects(asked, holdout_days, horizon)
        return await self._of("clv", _CLV, compute, expected.parameters, expected)

    async def prospects(self, asked: Asked, holdout_days: int, horizon: Horizon) -> Figure[Prospects]:
        """The models, how they did, and what all customers together may bring."""
        return await self._figures.of(_prospects(asked, holdout_days, horizon), again=self._again)

    async def tracking(self, asked: Asked, holdout_days: int) -> Figure[Table]:
        """All repeat purchases, expected and as they came."""

        def compute(_: Shop, found: Outlook) -> Table:
            return tracking_table(found)

        models = _outlook(asked, holdout_days)
        return await self._of("clv_tracking", _CLV, compute, models.parameters, models)

    async def segments(self, asked: Asked) -> Figure[Table]:
        """What the segments come to."""

        def compute(shop: Shop, bought: Purchases) -> Table:
            return segments_table(rfm(bought, asked.day(shop)))

        return await self._of("rfm", _RFM, compute, asked.parameters, asked.bought())

    async def scores(self, asked: Asked, segment: str | None) -> Figure[Table]:
        """Each customer's scores and segment."""

        def compute(shop: Shop, bought: Purchases) -> Table:
            return scores_table(rfm(bought, asked.day(shop)), shop.orders.customers, segment)

        return await self._of("rfm_customers", _RFM, compute, {**asked.parameters, "segment": segment}, asked.bought())

    async def cohorts(self, asked: Asked, first_day: date | None, period: Period) -> Figure[Table]:
        """Cohorts from `first_day` on, that of the data by default."""

        def compute(_: Shop, found: Cohorts) -> Table:
            return cohorts_table(found)

        made = _cohorts(asked, first_day, period)
        return await self._of("cohorts_table", _COHORTS, compute, made.parameters, made)

    async def cohorts_drawing(self, asked: Asked, first_day: date | None, period: Period) -> Figure[Drawing]:
        """The same as a heat map."""

        def compute(_: Shop, found: Cohorts) -> Drawing:
            return cohorts_drawing(found)

        made = _cohorts(asked, first_day, period)
        return await self._of("cohorts_chart", _COHORTS, compute, made.parameters, made)

    async def tracking_drawing(self, asked: Asked, holdout_days: int) -> Figure[Drawing]:
        """Repeat purchases as lines."""

        def compute(_: Shop, found: Outlook) -> Drawing:
            return tracking_drawing(found)

        models = _outlook(asked, holdout_days)
        return await self._of("clv_tracking_chart", _CLV, compute, models.parameters, models)

    async def retention(self, asked: Asked, active_days: int) -> Figure[Kept]:
        """Whether customers come back, and how soon."""

        def compute(shop: Shop, bought: Purchases) -> Kept:
            last = asked.day(shop)
            return Kept(retention(bought, last, active_days=active_days), second_purchase(bought, last))

        parameters = {**asked.parameters, "active_days": active_days}
        return await self._of("retention", Method("retention-kaplan-meier"), compute, parameters, asked.bought())

    async def _of(
        self,
        name: str,
        method: Method,
        compute: Callable[..., T],
        parameters: Mapping[str, Parameter],
        *needs: Question[Purchases] | Question[Outlook] | Question[Prospects] | Question[Cohorts],
    ) -> Figure[T]:
        question = Question(f"sales.{name}", _SHOP, method, compute, parameters, needs=needs)
        return await self._figures.of(question, again=self._again)


def _outlook(asked: Asked, holdout_days: int) -> Question[Outlook]:
    def compute(shop: Shop, bought: Purchases) -> Outlook:
        return outlook(bought, shop.first_day, asked.day(shop), holdout_days)

    parameters = {**asked.parameters, "holdout_days": holdout_days}
    return Question("sales.clv_models", _SHOP, _CLV, compute, parameters, needs=(asked.bought(),))


def _prospects(asked: Asked, holdout_days: int, horizon: Horizon) -> Question[Prospects]:
    def compute(_: Shop, found: Outlook) -> Prospects:
        return prospects(found, horizon)

    models = _outlook(asked, holdout_days)
    parameters = {
        **models.parameters,
        "horizon_days": horizon.days,
        "yearly_discount": horizon.yearly_discount,
        "margin": horizon.margin,
    }
    return Question("sales.clv_prospects", _SHOP, _CLV, compute, parameters, needs=(models,))


def _cohorts(asked: Asked, first_day: date | None, period: Period) -> Question[Cohorts]:
    def compute(shop: Shop, bought: Purchases) -> Cohorts:
        first = shop.first_day if first_day is None else _known(shop, first_day, "first_day")
        last = asked.day(shop)
        if first > last:
            raise BadFigure("It lies after the last day.", field="first_day")
        return cohorts(bought, first, last, period=period)

    first = None if first_day is None else first_day.isoformat()
    parameters = {**asked.parameters, "first_day": first, "period": period}
    return Question("sales.cohorts", _SHOP, _COHORTS, compute, parameters, needs=(asked.bought(),))


def _known(shop: Shop, day: date, field: str) -> np.datetime64:
    found = np.datetime64(day, "D")
    if not shop.first_day <= found <= shop.last_day:
        raise BadFigure(f"The shop is known from {shop.first_day} to {shop.last_day}.", field=field)
    return found
