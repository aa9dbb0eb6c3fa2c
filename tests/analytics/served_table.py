"""A table served as all tables are: the router of a test."""

from functools import partial
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query

from tillhand_analytics.domain.charts import cover_chart
from tillhand_analytics.domain.provenance import SOURCES, Method
from tillhand_analytics.domain.tables import Column, Table
from tillhand_analytics.models.base import Out
from tillhand_analytics.routes.charting import Drawing, charted
from tillhand_analytics.routes.dependencies import Again, Parts, Reads
from tillhand_analytics.routes.tabling import tabled
from tillhand_analytics.service.figures import Figure, Question

ROWS = 1_000
router = APIRouter(prefix="/v1", tags=["things"], dependencies=[Reads])


class ThingOut(Out):
    """One thing."""

    name: str | None
    days_of_cover: float | None
    units: int
    last_sold: str | None


def things(above: int) -> Table:
    """Made-up rows with every kind of gap."""
    at = np.arange(ROWS)
    days = np.where(at % 5 == 0, np.nan, at / 7)
    last_sold = np.where(at % 3 == 0, np.datetime64("NaT"), np.datetime64("2026-01-01") + at)
    chosen = at[at * 3 > above] if above else at
    columns = (
        Column("name", "text", "Its name.", [None if i % 11 == 0 else f"Thing {i % 400}, ö" for i in chosen.tolist()]),
        Column("days_of_cover", "number", "Days until nothing is left.", days[chosen]),
        Column("units", "integer", "Units.", chosen * 3 - 50),
        Column("last_sold", "day", "Its last sale.", last_sold[chosen]),
    )
    return Table("things", columns)


@tabled(router, "/things", row=ThingOut)
async def show_things(parts: Parts, again: Again, above: Annotated[int, Query(ge=0)] = 0) -> Figure[Table]:
    """Things of the shop.

    Not said in the document.
    """
    question: Question[Table] = Question(
        name="inventory.things",
        uses=SOURCES[:1],
        method=Method("things", "1"),
        compute=lambda _shop: things(above),
        parameters={"above": above},
    )
    return await parts.figures.of(question, again=again)


@charted(router, "/things/chart.svg")
async def draw_things(parts: Parts, again: Again, above: Annotated[int, Query(ge=0)] = 0) -> Figure[Drawing]:
    """Days of cover of the things."""
    figure = await show_things(parts, again, above)
    days = np.asarray(figure.value.columns[1].values)
    return Figure(partial(cover_chart, "Days of cover & <things>", days), figure.provenance)
