"""Customers over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from tillhand_analytics.domain.customers.cohorts import Period
from tillhand_analytics.domain.customers.lifetime import Horizon
from tillhand_analytics.domain.customers.pictures import Drawing
from tillhand_analytics.domain.customers.rfm import Name
from tillhand_analytics.domain.tables import Table
from tillhand_analytics.models.customer_models import ClvModelOut
from tillhand_analytics.models.customers import (
    ClvOut,
    CohortOut,
    RetentionOut,
    ScoreOut,
    SegmentOut,
    TrackingOut,
)
from tillhand_analytics.models.provenance import Answer
from tillhand_analytics.routes.charting import charted
from tillhand_analytics.routes.dependencies import Again, Parts, Reads
from tillhand_analytics.routes.tabling import UNREADABLE, tabled, told
from tillhand_analytics.service.customers import Asked, Customers
from tillhand_analytics.service.figures import Figure

router = APIRouter(prefix="/v1/sales", tags=["customers"], dependencies=[Reads])

First = Annotated[
    date | None, Query(description="First day of purchases, in the shop's time zone; left out, that of the data.")
]
Last = Annotated[
    date | None, Query(description="Last day of purchases, as if today were the next; left out, the last whole day.")
]
Channel = Annotated[str | None, Query(max_length=100, description="Only orders that came through this channel.")]
Length = Annotated[Period, Query(description="Length of a period; weeks begin on Mondays.")]
HoldoutDays = Annotated[
    int, Query(ge=7, le=1_830, description="Days before the last one on which the models are tried, unseen.")
]
HorizonDays = Annotated[int, Query(ge=1, le=3_650, description="Days ahead for which value is expected.")]
Discount = Annotated[
    float, Query(ge=0, le=10, allow_inf_nan=False, description="What a year's delay costs, such as 0.1.")
]
Margin = Annotated[
    float, Query(ge=0, le=1, allow_inf_nan=False, description="Share of the value that is earned; 1 gives revenue.")
]


@tabled(router, "/clv", row=ClvOut)
async def clv(
    parts: Parts,
    again: Again,
    horizon_days: HorizonDays = 365,
    yearly_discount: Discount = 0.1,
    margin: Margin = 1.0,
    holdout_days: HoldoutDays = 90,
    last_day: Last = None,
) -> Figure[Table]:
    """What each customer may bring within a horizon, by BG/NBD and Gamma-Gamma and beside it at the customer's own
    rate; who may bring most comes first.

    Guests are no customers: nobody can tell them apart.
    """
    horizon = Horizon(horizon_days, yearly_discount, margin)
    return await Customers(parts.figures, again=again).clv(Asked(last_day), holdout_days, horizon)


@router.get("/clv/model", responses=UNREADABLE)
async def clv_model(
    response: Response,
    parts: Parts,
    again: Again,
    horizon_days: HorizonDays = 365,
    yearly_discount: Discount = 0.1,
    margin: Margin = 1.0,
    holdout_days: HoldoutDays = 90,
    last_day: Last = None,
) -> Answer[ClvModelOut]:
    """The models behind lifetime values, how they did on days that they had not seen, and whether to go by them."""
    horizon = Horizon(horizon_days, yearly_discount, margin)
    figure = await Customers(parts.figures, again=again).prospects(Asked(last_day), holdout_days, horizon)
    return Answer(provenance=told(response, figure.provenance), value=ClvModelOut.of(figure.value))


@tabled(router, "/clv/tracking", row=TrackingOut)
async def clv_tracking(
    parts: Parts, again: Again, holdout_days: HoldoutDays = 90, last_day: Last = None
) -> Figure[Table]:
    """Repeat purchases by all customers week by week: as the model of the holdout expected them, and as they came."""
    return await Customers(parts.figures, again=again).tracking(Asked(last_day), holdout_days)


@charted(router, "/clv/tracking/chart.svg")
async def clv_tracking_chart(
    parts: Parts, again: Again, holdout_days: HoldoutDays = 90, last_day: Last = None
) -> Figure[Drawing]:
    """Repeat purchases so far: as they came, and as the model of the holdout expected them."""
    return await Customers(parts.figures, again=again).tracking_drawing(Asked(last_day), holdout_days)


@tabled(router, "/rfm", row=SegmentOut)
async def rfm_segments(parts: Parts, again: Again, last_day: Last = None, channel: Channel = None) -> Figure[Table]:
    """Segments of customers by how lately and how often they bought, and what each brought."""
    return await Customers(parts.figures, again=again).segments(Asked(last_day, channel))


@tabled(router, "/rfm/customers", row=ScoreOut)
async def rfm_customers(
    parts: Parts,
    again: Again,
    segment: Annotated[Name | None, Query(description="Only customers of this segment.")] = None,
    last_day: Last = None,
    channel: Channel = None,
) -> Figure[Table]:
    """How lately, how often and for how much each customer bought, as scores from 1 to 5, and the segment; who paid
    most comes first. Nobody is named.
    """
    return await Customers(parts.figures, again=again).scores(Asked(last_day, channel), segment)


@tabled(router, "/cohorts", row=CohortOut)
async def sales_cohorts(
    parts: Parts,
    again: Again,
    period: Length = "month",
    first_day: First = None,
    last_day: Last = None,
    channel: Channel = None,
) -> Figure[Table]:
    """Customers by the month or week of their first purchase: who came back in each later one, and what they paid.

    Purchases from before the first day are unknown: cohorts near it may hold older customers.
    """
    return await Customers(parts.figures, again=again).cohorts(Asked(last_day, channel), first_day, period)


@charted(router, "/cohorts/chart.svg")
async def sales_cohorts_chart(
    parts: Parts,
    again: Again,
    period: Length = "month",
    first_day: First = None,
    last_day: Last = None,
    channel: Channel = None,
) -> Figure[Drawing]:
    """Retention of cohorts as a heat map. Periods that are not over are left out."""
    return await Customers(parts.figures, again=again).cohorts_drawing(Asked(last_day, channel), first_day, period)


@router.get("/retention", responses=UNREADABLE)
async def sales_retention(
    response: Response,
    parts: Parts,
    again: Again,
    active_days: Annotated[
        int, Query(ge=1, le=1_830, description="Who bought within so many days counts as active.")
    ] = 90,
    last_day: Last = None,
    channel: Channel = None,
) -> Answer[RetentionOut]:
    """Whether customers come back, how soon, and how much of the revenue that is."""
    figure = await Customers(parts.figures, again=again).retention(Asked(last_day, channel), active_days)
    return Answer(
        provenance=told(response, figure.provenance), value=RetentionOut.of(figure.value.figures, figure.value.second)
    )
