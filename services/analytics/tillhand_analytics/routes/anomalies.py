"""Anomalies over HTTP."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from tillhand_analytics.domain.anomalies.discovery import Direction
from tillhand_analytics.domain.anomalies.episodes import Severity
from tillhand_analytics.domain.anomalies.facts import ALL, Metric
from tillhand_analytics.domain.anomalies.picture import days_chart
from tillhand_analytics.domain.tables import Table
from tillhand_analytics.models.anomalies import (
    CauseOut,
    DayOut,
    EpisodeOut,
    FactorOut,
    OverviewOut,
    PromotionOut,
)
from tillhand_analytics.models.provenance import Answer
from tillhand_analytics.routes.charting import Drawing, charted
from tillhand_analytics.routes.dependencies import Again, Joined, Parts, Reads
from tillhand_analytics.routes.tabling import UNREADABLE, tabled, told
from tillhand_analytics.service.anomalies import Anomalies, Looked, Wanted
from tillhand_analytics.service.figures import Figure

router = APIRouter(prefix="/v1/anomalies", tags=["anomalies"], dependencies=[Reads])

Episode = Annotated[str | None, Query(max_length=300, description="Only of the episode of this name.")]
Alpha = Annotated[
    float, Query(ge=0.001, le=0.2, description="Share of ordinary days that may fall outside their interval.")
]


async def _looked(
    days: Annotated[int, Query(ge=1, le=365, description="How many days back to look.")] = 28,
    alpha: Alpha = 0.01,
    rate: Annotated[
        float, Query(gt=0, lt=1, description="The share of finds that may be false, on average (Benjamini-Hochberg).")
    ] = 0.1,
) -> Looked:
    return Looked(days, alpha, rate)


async def _wanted(
    metric: Annotated[Metric, Query(description="What is followed.")] = "sales_minor",
    dimension: Annotated[str, Query(max_length=64, description="What it is split by; `all` for the whole.")] = ALL,
    element: Annotated[str, Query(max_length=300, description="Which part of it; `all` for the whole.")] = ALL,
    days: Annotated[int, Query(ge=1, le=365, description="How many days back.")] = 91,
    alpha: Alpha = 0.01,
) -> Wanted:
    return Wanted(metric, dimension, element, days, alpha)


Look = Annotated[Looked, Depends(_looked)]
Want = Annotated[Wanted, Depends(_wanted)]


def _anomalies(parts: Joined, again: bool) -> Anomalies:
    return Anomalies(parts.figures, again=again)


@tabled(router, "", row=EpisodeOut)
async def anomalies(
    parts: Parts,
    again: Again,
    looked: Look,
    metric: Annotated[Metric | None, Query(description="Only of this metric.")] = None,
    dimension: Annotated[str | None, Query(max_length=64, description="Only of this dimension.")] = None,
    element: Annotated[str | None, Query(max_length=300, description="Only of this element.")] = None,
    direction: Annotated[Direction | None, Query(description="Only to this side.")] = None,
    severity: Annotated[Severity | None, Query(description="Only of this severity.")] = None,
) -> Figure[Table]:
    """Days on which sales, orders, units, discounts, visits, conversion or search were not as the weeks before them
    promised, merged to episodes, the latest first, each with its likeliest cause.
    """
    filters = {
        "metric": metric,
        "dimension": dimension,
        "element": element,
        "direction": direction,
        "severity": severity,
    }
    return await _anomalies(parts, again).episodes(looked, filters)


@router.get("/overview", responses=UNREADABLE)
async def anomalies_overview(parts: Parts, again: Again, looked: Look, response: Response) -> Answer[OverviewOut]:
    """How many series were watched, and how many episodes were found."""
    figure = await _anomalies(parts, again).overview(looked)
    return Answer(provenance=told(response, figure.provenance), value=OverviewOut.model_validate(figure.value))


@tabled(router, "/causes", row=CauseOut)
async def anomaly_causes(parts: Parts, again: Again, looked: Look, episode: Episode = None) -> Figure[Table]:
    """Likely causes of the episodes, ranked: where the deviation lies, and what is known to have happened."""
    return await _anomalies(parts, again).causes(looked, episode)


@tabled(router, "/factors", row=FactorOut)
async def anomaly_factors(parts: Parts, again: Again, looked: Look, episode: Episode = None) -> Figure[Table]:
    """How the episodes of the whole shop came about: visits, conversion, order size and price, adding up exactly."""
    return await _anomalies(parts, again).factors(looked, episode)


@tabled(router, "/promotions", row=PromotionOut)
async def promotions(parts: Parts, again: Again) -> Figure[Table]:
    """Promotions, read from the discounts of orders, and what each brought beside what the weeks before promised."""
    return await _anomalies(parts, again).promotions()


@tabled(router, "/days", row=DayOut)
async def anomaly_days(parts: Parts, again: Again, wanted: Want) -> Figure[Table]:
    """One series day by day: what there was, what was expected, and the interval."""
    return await _anomalies(parts, again).days(wanted)


@charted(router, "/chart.svg")
async def anomaly_chart(parts: Parts, again: Again, wanted: Want) -> Figure[Drawing]:
    """One series day by day beside what was expected, with the interval."""
    figure = await _anomalies(parts, again).followed(wanted)
    provenance = figure.provenance
    drawing = partial(days_chart, wanted.metric, wanted.element, figure.value, currency=provenance.currency)
    return Figure(drawing, provenance)
