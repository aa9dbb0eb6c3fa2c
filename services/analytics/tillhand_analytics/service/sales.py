"""What was sold: key figures and what they are made of, pairs, the funnel, and orders that look mistaken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

import numpy as np

from tillhand_analytics.domain.provenance import Method, Parameter, Source
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.sales.book import Basis, Book, booked
from tillhand_analytics.domain.sales.breakdown import Dimension, breakdown, grouped, restricted
from tillhand_analytics.domain.sales.bundles import Asked, bundles
from tillhand_analytics.domain.sales.funnel import Segment
from tillhand_analytics.domain.sales.funnel_tables import drop_offs, funnel
from tillhand_analytics.domain.sales.kpis import compared
from tillhand_analytics.domain.sales.mistakes import orders_to_check
from tillhand_analytics.domain.sales.reconciliation import Statement, mismatches, reconciled
from tillhand_analytics.domain.sales.series import series
from tillhand_analytics.domain.sales.uplift import promotions
from tillhand_analytics.domain.sales.windows import Step, Window, window
from tillhand_analytics.domain.tables import Table
from tillhand_analytics.service.figures import Figure, Figures, Question
from tillhand_analytics.service.reading import Reading

T = TypeVar("T")
_SHOP: Final[tuple[Source, ...]] = ("shopify",)
_VISITS: Final[tuple[Source, ...]] = ("ga4",)
BOOK: Final[Question[Book]] = Question("sales.book", _SHOP, Method("sales-book"), booked)
"""The entries that all figures of orders are sums of."""


@dataclass(frozen=True, slots=True)
class Span:
    """Which days are asked for; without a first day the last `default_days` of those that are known."""

    first_day: date | None
    last_day: date | None
    default_days: int


@dataclass(frozen=True, slots=True)
class Days:
    """The days that an answer is about, both in it."""

    first_day: date
    last_day: date

    @property
    def parameters(self) -> dict[str, Parameter]:
        """As provenance tells them."""
        return {"first_day": self.first_day.isoformat(), "last_day": self.last_day.isoformat()}

    def of(self, shop: Shop) -> Window:
        """The window of a shop. Raises `BadFigure`."""
        return window(shop, _day(self.first_day), _day(self.last_day), default_days=1)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The statement of a window, and which days these are."""

    days: Days
    statement: Statement


class Asking:
    """Asks for figures of sales."""

    def __init__(self, figures: Figures, reading: Reading, *, again: bool = False) -> None:
        self._figures = figures
        self._reading = reading
        self._again = again

    async def _days(self, span: Span) -> Days:
        """The very days, so that provenance tells them and whoever asks for the same ones shares an answer."""
        shop = (await self._reading.current()).shop
        found = window(shop, _day(span.first_day), _day(span.last_day), default_days=span.default_days)
        begin = shop.first_day.astype("datetime64[D]")
        return Days((begin + found.first).item(), (begin + found.last).item())

    async def _of(
        self, name: str, compute: Callable[..., T], parameters: Mapping[str, Parameter], *, visits: bool = False
    ) -> Figure[T]:
        uses = (*_SHOP, *_VISITS) if visits else _SHOP
        question = Question(f"sales.{name}", uses, _method(name), compute, parameters, needs=(BOOK,))
        return await self._figures.of(question, again=self._again)

    async def _of_visits(self, name: str, compute: Callable[..., T], parameters: Mapping[str, Parameter]) -> Figure[T]:
        question = Question(f"sales.{name}", _VISITS, _method(name), compute, parameters)
        return await self._figures.of(question, again=self._again)


class Sales(Asking):
    """Answers questions about sales. All raise `SourceUnavailable`, and `BadFigure` naming the parameter at fault."""

    async def kpis(self, span: Span, basis: Basis, channel: str | None) -> Figure[Table]:
        """Key figures of a window beside those before it and of last year."""
        days = await self._days(span)

        def compute(shop: Shop, book: Book) -> Table:
            return compared(shop, book, days.of(shop), basis, channel)

        return await self._of("kpis", compute, {**days.parameters, "basis": basis, "channel": channel}, visits=True)

    async def series(self, span: Span, step: Step, basis: Basis, channel: str | None) -> Figure[Table]:
        """Sales by day, week or month."""
        days = await self._days(span)

        def compute(shop: Shop, book: Book) -> Table:
            return series(shop, book, days.of(shop), step, basis, channel)

        parameters = {**days.parameters, "step": step, "basis": basis, "channel": channel}
        return await self._of("series", compute, parameters, visits=True)

    async def breakdown(
        self, span: Span, by: Dimension, basis: Basis, category: str | None, channel: str | None
    ) -> Figure[Table]:
        """What was sold, by what it was or where."""
        days = await self._days(span)

        def compute(shop: Shop, book: Book) -> Table:
            groups = restricted(shop, grouped(shop, by), category, channel)
            return breakdown(shop, book, days.of(shop), basis, groups)

        parameters = {**days.parameters, "by": by, "basis": basis, "category": category, "channel": channel}
        return await self._of("breakdown", compute, parameters)

    async def baskets(self, span: Span, asked: Asked) -> Figure[Table]:
        """Pairs bought together."""
        days = await self._days(span)

        def compute(shop: Shop, book: Book) -> Table:
            return bundles(shop, book, days.of(shop), asked)

        parameters: dict[str, Parameter] = {
            **days.parameters,
            "level": asked.level,
            "least_orders": asked.least,
            "false_discovery_rate": asked.rate,
            "only_findings": asked.only_findings,
        }
        return await self._of("baskets", compute, parameters)

    async def promotions(self, span: Span) -> Figure[Table]:
        """Discounts on whole categories, and what they sold beyond the usual."""
        days = await self._days(span)

        def compute(shop: Shop, book: Book) -> Table:
            return promotions(shop, book, days.of(shop))

        return await self._of("promotions", compute, days.parameters)

    async def orders_to_check(self, span: Span, factor: float) -> Figure[Table]:
        """Orders that look mistaken."""
        days = await self._days(span)

        def compute(shop: Shop, book: Book) -> Table:
            return orders_to_check(shop, book, days.of(shop), factor)

        return await self._of("orders_to_check", compute, {**days.parameters, "factor": factor})

    async def reconciliation(self, span: Span, basis: Basis) -> Figure[Reconciled]:
        """The statement of a window."""
        days = await self._days(span)

        def compute(shop: Shop, book: Book) -> Reconciled:
            return Reconciled(days, reconciled(shop, book, days.of(shop), basis))

        return await self._of("reconciliation", compute, {**days.parameters, "basis": basis})

    async def mismatches(self, span: Span) -> Figure[Table]:
        """Orders of a window that do not add up."""
        days = await self._days(span)

        def compute(shop: Shop, book: Book) -> Table:
            return mismatches(shop, book, days.of(shop))

        return await self._of("mismatches", compute, days.parameters)

    async def funnel(self, span: Span, by: Segment) -> Figure[Table]:
        """Each stage from visit to purchase."""
        days = await self._days(span)

        def compute(shop: Shop) -> Table:
            return funnel(shop, days.of(shop), by)

        return await self._of_visits("funnel", compute, {**days.parameters, "by": by})

    async def drop_offs(self, span: Span, by: Segment, rate: float) -> Figure[Table]:
        """Where segments lose more than all others."""
        days = await self._days(span)

        def compute(shop: Shop) -> Table:
            return drop_offs(shop, days.of(shop), by, rate)

        return await self._of_visits("drop_offs", compute, {**days.parameters, "by": by, "false_discovery_rate": rate})


def _method(name: str) -> Method:
    return Method(f"sales-{name.replace('_', '-')}")


def _day(day: date | None) -> np.datetime64 | None:
    return None if day is None else np.datetime64(day, "D")
