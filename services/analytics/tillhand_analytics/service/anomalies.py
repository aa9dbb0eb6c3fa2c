"""What was not as expected, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from tillhand_analytics.domain.anomalies.effects import effects
from tillhand_analytics.domain.anomalies.episodes import Report
from tillhand_analytics.domain.anomalies.facts import Metric
from tillhand_analytics.domain.anomalies.followed import Followed, follow
from tillhand_analytics.domain.anomalies.scan import ALPHA, DAYS, RATE, Ground, ground, scan
from tillhand_analytics.domain.anomalies.tables import (
    causes_table,
    days_table,
    episodes_table,
    factors_table,
    promotions_table,
)
from tillhand_analytics.domain.provenance import Method, Parameter, Source
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.tables import Table, where
from tillhand_analytics.service.figures import Figure, Figures, Question

T = TypeVar("T")
_USES: Final[tuple[Source, ...]] = ("shopify", "ga4", "search_console", "bing")
_ORDERS: Final[tuple[Source, ...]] = ("shopify",)
_FOUND: Final = "anomalies-conformal-fdr"
GROUND: Final[Question[Ground]] = Question("anomalies.ground", _USES, Method("anomalies-facts"), ground)


@dataclass(frozen=True, slots=True)
class Looked:
    """Over which days was looked, and how strictly."""

    days: int = DAYS
    alpha: float = ALPHA
    rate: float = RATE

    @property
    def parameters(self) -> dict[str, Parameter]:
        """As provenance tells them."""
        return {"days": self.days, "alpha": self.alpha, "rate": self.rate}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which series is followed."""

    metric: Metric
    dimension: str
    element: str
    days: int
    alpha: float

    @property
    def parameters(self) -> dict[str, Parameter]:
        """As provenance tells them."""
        return {
            "metric": self.metric,
            "dimension": self.dimension,
            "element": self.element,
            "days": self.days,
            "alpha": self.alpha,
        }


@dataclass(frozen=True, slots=True)
class Overview:
    """How much was searched, and found."""

    series: int
    silent: int
    episodes: int
    notice: int
    warning: int
    critical: int


class Anomalies:
    """Answers questions about anomalies. All raise `SourceUnavailable`, and `BadFigure` naming what is out of range."""

    def __init__(self, figures: Figures, *, again: bool = False) -> None:
        self._figures = figures
        self._again = again

    async def overview(self, looked: Looked) -> Figure[Overview]:
        """How much was searched, and found."""
        return await self._told("overview", looked, {}, lambda _, report: _overview(report))

    async def episodes(self, looked: Looked, filters: Mapping[str, str | None]) -> Figure[Table]:
        """Episodes; filters keep the rows whose columns equal what is given."""
        return await self._told(
            "episodes", looked, filters, lambda shop, report: where(episodes_table(shop, report), **filters)
        )

    async def causes(self, looked: Looked, episode: str | None) -> Figure[Table]:
        """Causes of all episodes, or of one."""
        filters = {"episode": episode}
        return await self._told(
            "causes", looked, filters, lambda shop, report: where(causes_table(shop, report), **filters)
        )

    async def factors(self, looked: Looked, episode: str | None) -> Figure[Table]:
        """Factors of all episodes of the whole shop, or of one."""
        filters = {"episode": episode}
        return await self._told(
            "factors", looked, filters, lambda shop, report: where(factors_table(shop, report), **filters)
        )

    async def promotions(self) -> Figure[Table]:
        """What promotions brought."""
        question = Question(
            "anomalies.promotions",
            _ORDERS,
            Method("promotions-by-discounts-robust-baseline"),
            lambda shop, on: promotions_table(shop, effects(on.facts, on.known)),
            needs=(GROUND,),
        )
        return await self._figures.of(question, again=self._again)

    async def days(self, wanted: Wanted) -> Figure[Table]:
        """One series, day by day."""
        followed = await self.followed(wanted)
        return Figure(days_table(followed.value), followed.provenance)

    async def followed(self, wanted: Wanted) -> Figure[Followed]:
        """One series, day by day. Raises `UnknownRow` where there is none of that name."""
        compute = partial(_followed, wanted)
        question = Question(
            "anomalies.days", _USES, Method("anomalies-conformal"), compute, wanted.parameters, needs=(GROUND,)
        )
        return await self._figures.of(question, again=self._again)

    async def _told(
        self, name: str, looked: Looked, filters: Mapping[str, str | None], compute: Callable[[Shop, Report], T]
    ) -> Figure[T]:
        report: Question[Report] = Question(
            "anomalies.report",
            _USES,
            Method(_FOUND),
            partial(_scanned, looked),
            looked.parameters,
            needs=(GROUND,),
        )
        parameters = {**looked.parameters, **{key: value for key, value in filters.items() if value is not None}}
        question = Question(f"anomalies.{name}", _USES, Method(_FOUND), compute, parameters, needs=(report,))
        return await self._figures.of(question, again=self._again)


def _scanned(looked: Looked, shop: Shop, on: Ground) -> Report:
    return scan(shop, on, days=looked.days, alpha=looked.alpha, rate=looked.rate)


def _followed(wanted: Wanted, shop: Shop, on: Ground) -> Followed:
    return follow(shop, on, wanted.metric, wanted.dimension, wanted.element, days=wanted.days, alpha=wanted.alpha)


def _overview(report: Report) -> Overview:
    counted = Counter(episode.severity for episode in report.episodes)
    return Overview(
        series=report.series,
        silent=report.silent,
        episodes=len(report.episodes),
        notice=counted["notice"],
        warning=counted["warning"],
        critical=counted["critical"],
    )
