"""Sales as pictures."""

from __future__ import annotations

from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.sales.book import Basis, Book
from tillhand_analytics.domain.sales.breakdown import Dimension
from tillhand_analytics.domain.sales.pictures import (
    Drawing,
    Shown,
    breakdown_drawing,
    funnel_drawing,
    series_drawing,
    statement_drawing,
)
from tillhand_analytics.service.figures import Figure
from tillhand_analytics.service.sales import Asking, Span


class SalesCharts(Asking):
    """Draws sales. All raise `SourceUnavailable`, and `BadFigure` naming the parameter at fault."""

    async def series(self, span: Span, shown: Shown, basis: Basis) -> Figure[Drawing]:
        """A figure day by day."""
        days = await self._days(span)

        def compute(shop: Shop, book: Book) -> Drawing:
            return series_drawing(shop, book, days.of(shop), basis, shown)

        return await self._of("series_chart", compute, {**days.parameters, "shown": shown, "basis": basis}, visits=True)

    async def breakdown(self, span: Span, by: Dimension, basis: Basis) -> Figure[Drawing]:
        """Best sellers, and what they add up to."""
        days = await self._days(span)

        def compute(shop: Shop, book: Book) -> Drawing:
            return breakdown_drawing(shop, book, days.of(shop), basis, by)

        return await self._of("breakdown_chart", compute, {**days.parameters, "by": by, "basis": basis})

    async def funnel(self, span: Span) -> Figure[Drawing]:
        """Visits at each stage."""
        days = await self._days(span)

        def compute(shop: Shop) -> Drawing:
            return funnel_drawing(shop, days.of(shop))

        return await self._of_visits("funnel_chart", compute, days.parameters)

    async def statement(self, span: Span, basis: Basis) -> Figure[Drawing]:
        """From gross sales to the net total."""
        days = await self._days(span)

        def compute(shop: Shop, book: Book) -> Drawing:
            return statement_drawing(shop, book, days.of(shop), basis)

        return await self._of("reconciliation_chart", compute, {**days.parameters, "basis": basis})
