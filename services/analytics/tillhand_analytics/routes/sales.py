"""Sales over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from tillhand_analytics.domain.sales.baskets import Level
from tillhand_analytics.domain.sales.book import Basis
from tillhand_analytics.domain.sales.breakdown import Dimension
from tillhand_analytics.domain.sales.bundles import Asked
from tillhand_analytics.domain.sales.funnel import Segment
from tillhand_analytics.domain.sales.mistakes import FACTOR
from tillhand_analytics.domain.sales.pictures import Drawing, Shown
from tillhand_analytics.domain.sales.windows import Step
from tillhand_analytics.domain.tables import Table
from tillhand_analytics.models.provenance import Answer
from tillhand_analytics.models.sales import (
    BreakdownOut,
    DropOffOut,
    KpiOut,
    MismatchOut,
    OrderToCheckOut,
    PairOut,
    PeriodOut,
    PromotionOut,
    StageOut,
    StatementOut,
    StepOut,
)
from tillhand_analytics.routes.charting import charted
from tillhand_analytics.routes.dependencies import Again, Joined, Parts, Reads
from tillhand_analytics.routes.tabling import UNREADABLE, tabled, told
from tillhand_analytics.service.figures import Figure
from tillhand_analytics.service.sales import Reconciled, Sales, Span
from tillhand_analytics.service.sales_charts import SalesCharts

router = APIRouter(prefix="/v1/sales", tags=["sales"], dependencies=[Reads])
MONTH_DAYS = 28
QUARTER_DAYS = 91
YEAR_DAYS = 365

First = Annotated[
    date | None,
    Query(description="First day of the window, in the shop's time zone; left out, as many days as said above."),
]
Last = Annotated[date | None, Query(description="Last day of the window; left out, the last whole day.")]
Based = Annotated[
    Basis,
    Query(
        description="When cancellations and returns count: `event` on their own day, `order` on that of their order."
    ),
]
Channel = Annotated[str | None, Query(max_length=100, description="Only orders that came through this channel.")]
Rate = Annotated[
    float, Query(gt=0, lt=1, description="The share of findings that may be false, on average (Benjamini-Hochberg).")
]


def _sales(parts: Joined, again: bool) -> Sales:
    return Sales(parts.figures, parts.reading, again=again)


def _charts(parts: Joined, again: bool) -> SalesCharts:
    return SalesCharts(parts.figures, parts.reading, again=again)


@tabled(router, "/kpis", row=KpiOut)
async def kpis(
    parts: Parts,
    again: Again,
    first_day: First = None,
    last_day: Last = None,
    basis: Based = "event",
    channel: Channel = None,
) -> Figure[Table]:
    """Key figures of a window (the last 28 days), beside those of as many days before and of 52 weeks ago."""
    return await _sales(parts, again).kpis(Span(first_day, last_day, MONTH_DAYS), basis, channel)


@tabled(router, "/series", row=PeriodOut)
async def sales_series(
    parts: Parts,
    again: Again,
    step: Annotated[Step, Query(description="Length of a period; weeks are those of ISO 8601.")] = "day",
    first_day: First = None,
    last_day: Last = None,
    basis: Based = "event",
    channel: Channel = None,
) -> Figure[Table]:
    """Sales by day, week or month of a window (the last 91 days); what sold nothing is a row of zeros."""
    span = Span(first_day, last_day, QUARTER_DAYS)
    return await _sales(parts, again).series(span, step, basis, channel)


@tabled(router, "/breakdown", row=BreakdownOut)
async def sales_breakdown(
    parts: Parts,
    again: Again,
    by: Annotated[Dimension, Query(description="What rows are about.")] = "category",
    first_day: First = None,
    last_day: Last = None,
    basis: Based = "event",
    category: Annotated[str | None, Query(max_length=200, description="Only goods of this category.")] = None,
    channel: Channel = None,
) -> Figure[Table]:
    """Goods sold in a window (the last 28 days), best sellers first, with their shares of the whole.

    Cancelled orders count for nothing, so that no mistake is a best seller.
    """
    span = Span(first_day, last_day, MONTH_DAYS)
    return await _sales(parts, again).breakdown(span, by, basis, category, channel)


@tabled(router, "/baskets", row=PairOut)
async def baskets(
    parts: Parts,
    again: Again,
    level: Annotated[Level, Query(description="What is paired.")] = "product",
    least_orders: Annotated[int, Query(ge=1, le=100_000, description="Pairs of at least so many orders.")] = 5,
    false_discovery_rate: Rate = 0.05,
    only_findings: Annotated[bool, Query(description="Leave out what may be chance.")] = False,
    first_day: First = None,
    last_day: Last = None,
) -> Figure[Table]:
    """What was bought together in a window (the last 365 days), more often than chance would have it first."""
    asked = Asked(level, least_orders, false_discovery_rate, only_findings)
    return await _sales(parts, again).baskets(Span(first_day, last_day, YEAR_DAYS), asked)


@tabled(router, "/promotions", row=PromotionOut)
async def promotions(parts: Parts, again: Again, first_day: First = None, last_day: Last = None) -> Figure[Table]:
    """Discounts on whole categories that a window (the last 365 days) touches, and what they sold beyond the usual."""
    return await _sales(parts, again).promotions(Span(first_day, last_day, YEAR_DAYS))


@tabled(router, "/funnel", row=StageOut)
async def sales_funnel(
    parts: Parts,
    again: Again,
    by: Annotated[Segment, Query(description="What visits are divided by.")] = "all",
    first_day: First = None,
    last_day: Last = None,
) -> Figure[Table]:
    """How many visits of a window (the last 28 days) got to each stage, beside as many days before."""
    return await _sales(parts, again).funnel(Span(first_day, last_day, MONTH_DAYS), by)


@tabled(router, "/funnel/drop-offs", row=DropOffOut)
async def drop_offs(
    parts: Parts,
    again: Again,
    by: Annotated[Segment, Query(description="What visits are divided by.")] = "device",
    false_discovery_rate: Rate = 0.05,
    first_day: First = None,
    last_day: Last = None,
) -> Figure[Table]:
    """Where a segment loses more visitors of a window (the last 28 days) than all others, what costs most first."""
    span = Span(first_day, last_day, MONTH_DAYS)
    return await _sales(parts, again).drop_offs(span, by, false_discovery_rate)


@tabled(router, "/orders-to-check", row=OrderToCheckOut)
async def orders_to_check(
    parts: Parts,
    again: Again,
    factor: Annotated[
        float, Query(ge=2, le=1_000, description="How many times the usual quantity makes an order suspect.")
    ] = FACTOR,
    first_day: First = None,
    last_day: Last = None,
) -> Figure[Table]:
    """Orders of a window (the last 28 days) that hold far more of something than anybody orders, open ones first."""
    return await _sales(parts, again).orders_to_check(Span(first_day, last_day, MONTH_DAYS), factor)


@router.get("/reconciliation", responses=UNREADABLE)
async def reconciliation(
    response: Response,
    parts: Parts,
    again: Again,
    first_day: First = None,
    last_day: Last = None,
    basis: Based = "event",
) -> Answer[StatementOut]:
    """From gross sales to the net total of a window (the last 28 days), to the last minor unit."""
    figure = await _sales(parts, again).reconciliation(Span(first_day, last_day, MONTH_DAYS), basis)
    return Answer(provenance=told(response, figure.provenance), value=_statement(figure.value))


def _statement(found: Reconciled) -> StatementOut:
    statement = found.statement
    return StatementOut(
        first_day=found.days.first_day,
        last_day=found.days.last_day,
        steps=[StepOut.model_validate(step) for step in statement.steps],
        by_lines_minor=statement.by_lines_minor,
        by_orders_minor=statement.by_orders_minor,
        unexplained_minor=statement.unexplained_minor,
        orders_off=statement.orders_off,
        agrees=statement.agrees,
    )


@tabled(router, "/reconciliation/orders", row=MismatchOut)
async def mismatches(parts: Parts, again: Again, first_day: First = None, last_day: Last = None) -> Figure[Table]:
    """Orders of a window (the last 28 days) whose lines, shipping and refunds do not fit their totals."""
    return await _sales(parts, again).mismatches(Span(first_day, last_day, MONTH_DAYS))


@charted(router, "/series/chart.svg")
async def sales_series_chart(
    parts: Parts,
    again: Again,
    shown: Annotated[Shown, Query(description="Which figure is drawn.")] = "net_sales",
    first_day: First = None,
    last_day: Last = None,
    basis: Based = "event",
) -> Figure[Drawing]:
    """A figure day by day of a window (the last 91 days), beside as many days before."""
    return await _charts(parts, again).series(Span(first_day, last_day, QUARTER_DAYS), shown, basis)


@charted(router, "/breakdown/chart.svg")
async def sales_breakdown_chart(
    parts: Parts,
    again: Again,
    by: Annotated[Dimension, Query(description="What bars are about.")] = "category",
    first_day: First = None,
    last_day: Last = None,
    basis: Based = "event",
) -> Figure[Drawing]:
    """Best sellers of a window (the last 28 days), and what they add up to."""
    return await _charts(parts, again).breakdown(Span(first_day, last_day, MONTH_DAYS), by, basis)


@charted(router, "/funnel/chart.svg")
async def sales_funnel_chart(
    parts: Parts, again: Again, first_day: First = None, last_day: Last = None
) -> Figure[Drawing]:
    """Visits of a window (the last 28 days) at each stage."""
    return await _charts(parts, again).funnel(Span(first_day, last_day, MONTH_DAYS))


@charted(router, "/reconciliation/chart.svg")
async def reconciliation_chart(
    parts: Parts, again: Again, first_day: First = None, last_day: Last = None, basis: Based = "event"
) -> Figure[Drawing]:
    """From gross sales to the net total of a window (the last 28 days), step by step."""
    return await _charts(parts, again).statement(Span(first_day, last_day, MONTH_DAYS), basis)
