"""Inventory: what there is, what will run out, what to order, and from whom."""

from dataclasses import replace
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Depends, Path, Query, Response

from tillhand_analytics import errors
from tillhand_analytics.domain.inventory.overview import Wish
from tillhand_analytics.domain.inventory.quantity import LEAST_HOLDING_RATE, Rules
from tillhand_analytics.domain.inventory.reorder import ReorderMethod
from tillhand_analytics.domain.inventory.risk import Standing
from tillhand_analytics.domain.inventory.tables import AbcClass, Which, XyzClass
from tillhand_analytics.domain.paging import rows
from tillhand_analytics.domain.tables import Table
from tillhand_analytics.models.inventory import (
    AbcOut,
    AtRiskOut,
    DeadStockOut,
    MatrixOut,
    OverstockOut,
    PurchaseLineOut,
    PurchaseOrderOut,
    ReorderOut,
    ServiceLevelOut,
    SkuOut,
    SupplierOut,
    TotalsOut,
)
from tillhand_analytics.models.provenance import Answer
from tillhand_analytics.routes.charting import Drawing, charted
from tillhand_analytics.routes.dependencies import MOST_DAYS, Again, Joined, Parts, Reads
from tillhand_analytics.routes.tabling import UNREADABLE, as_json, tabled, told
from tillhand_analytics.service.figures import Figure
from tillhand_analytics.service.inventory import Inventory
from tillhand_common.problems import responses

router = APIRouter(prefix="/v1/inventory", tags=["inventory"], dependencies=[Reads])
Level = Annotated[
    float | None,
    Query(gt=0.5, lt=1, description="Share of lead times in which stock should suffice; else that of the settings."),
]
By = Annotated[ReorderMethod, Query(description="How reorder points are made.")]
_FIRST = np.array([0])


async def _rules(
    cover_days: Annotated[int, Query(ge=1, le=365, description="Days that an order should last.")] = 28,
    ordering_cost_minor: Annotated[
        int, Query(ge=0, le=10_000_000, description="What one order costs; above 0 the economic quantity is ordered.")
    ] = 0,
    holding_rate: Annotated[
        float,
        Query(ge=LEAST_HOLDING_RATE, le=10, description="Yearly cost of keeping stock, as a share of its value."),
    ] = 0.25,
    minimum_units: Annotated[int, Query(ge=1, le=100_000, description="Least units of a line.")] = 1,
    pack_units: Annotated[
        int, Query(ge=1, le=100_000, description="Units of a pack; only whole ones are ordered.")
    ] = 1,
) -> Rules:
    return Rules(cover_days, ordering_cost_minor, holding_rate, minimum_units, pack_units)


async def _wish(
    parts: Parts,
    rules: Annotated[Rules, Depends(_rules)],
    service_level: Level = None,
    method: By = "conformal",
    at_risk: Annotated[float, Query(gt=0, lt=1, description="Chance to run out from which a SKU is at risk.")] = 0.3,
) -> Wish:
    level = parts.defaults.service_level if service_level is None else service_level
    return Wish(service_level=level, method=method, at_risk=at_risk, rules=rules)


async def _goods(
    category: Annotated[str | None, Query(max_length=200, description="Only of this product type.")] = None,
    supplier: Annotated[str | None, Query(max_length=200, description="Only from this supplier.")] = None,
    abc_class: Annotated[AbcClass | None, Query(description="Only of this class by revenue.")] = None,
    xyz_class: Annotated[XyzClass | None, Query(description="Only of this class by evenness.")] = None,
    search: Annotated[
        str | None, Query(max_length=200, description="Only with these words in SKU, title, category or supplier.")
    ] = None,
) -> Which:
    return Which(category, supplier, abc_class, xyz_class, search=search)


async def _which(
    goods: Annotated[Which, Depends(_goods)],
    standing: Annotated[Standing | None, Query(description="Only of this standing.")] = None,
) -> Which:
    return replace(goods, standing=standing)


Wished = Annotated[Wish, Depends(_wish)]
Chosen = Annotated[Which, Depends(_which)]
OfGoods = Annotated[Which, Depends(_goods)]


def inventory_of(parts: Joined) -> Inventory:
    """What answers, of the running service."""
    return Inventory(parts.figures, parts.defaults.lead_time_days, parts.placing, parts.forecasters)


@tabled(router, "/skus", row=SkuOut)
async def skus(parts: Parts, wish: Wished, which: Chosen, again: Again) -> Figure[Table]:
    """Every SKU: stock, velocity, cover, classes, worth, risk, reorder point and what to order."""
    return await inventory_of(parts).skus(wish, which, again=again)


@tabled(router, "/at-risk", row=AtRiskOut)
async def at_risk(parts: Parts, wish: Wished, which: Chosen, again: Again) -> Figure[Table]:
    """SKUs that are out of stock, or likely to be before a new order could come; the dearest first."""
    return await inventory_of(parts).at_risk(wish, which, again=again)


@tabled(router, "/abc", row=AbcOut)
async def abc(parts: Parts, which: OfGoods, again: Again) -> Figure[Table]:
    """SKUs by revenue: ABC (80 and 95 % of it), XYZ (how evenly weeks sell), the shape of demand, velocity deciles."""
    return await inventory_of(parts).abc(which, again=again)


@tabled(router, "/matrix", row=MatrixOut)
async def matrix(parts: Parts, again: Again) -> Figure[Table]:
    """ABC by XYZ: how many SKUs there are, what they earn, and what their stock is worth."""
    return await inventory_of(parts).matrix(again=again)


@tabled(router, "/dead-stock", row=DeadStockOut)
async def dead_stock(
    parts: Parts,
    which: OfGoods,
    again: Again,
    after_days: Annotated[int, Query(ge=1, le=1_830, description="Days without a sale.")] = 90,
) -> Figure[Table]:
    """Stock of which nothing was sold for so many days, all of them on sale; by its value."""
    return await inventory_of(parts).dead_stock(which, after_days, again=again)


@tabled(router, "/overstock", row=OverstockOut)
async def overstock(
    parts: Parts,
    which: OfGoods,
    again: Again,
    days: Annotated[int, Query(ge=1, le=1_830, description="Days of demand that stock may last.")] = 180,
) -> Figure[Table]:
    """Stock beyond so many days of demand; by its value. What does not sell at all is dead stock."""
    return await inventory_of(parts).overstock(which, days, again=again)


@tabled(router, "/reorder", row=ReorderOut)
async def reorder(
    parts: Parts,
    wish: Wished,
    which: Chosen,
    again: Again,
    due: Annotated[bool | None, Query(description="Only what is due, or only what is not.")] = None,
) -> Figure[Table]:
    """Reorder points of all SKUs for sale, with the service level that was measured beside the target."""
    return await inventory_of(parts).reorder(wish, which, due=due, again=again)


@tabled(router, "/service-levels", row=ServiceLevelOut)
async def service_levels(parts: Parts, wish: Wished, again: Again) -> Figure[Table]:
    """What reorder points would have kept in the past half year, conformal beside textbook, by velocity class."""
    return await inventory_of(parts).service_levels(wish, again=again)


@tabled(router, "/suppliers", row=SupplierOut)
async def suppliers(parts: Parts, again: Again) -> Figure[Table]:
    """How well suppliers deliver: on time, in full, after how many days, and what is open or overdue."""
    return await inventory_of(parts).suppliers(again=again)


@tabled(router, "/purchase-proposals", row=PurchaseLineOut)
async def purchase_proposals(parts: Parts, wish: Wished, which: Chosen, again: Again) -> Figure[Table]:
    """What to order now, line by line with its evidence; supplier by supplier, the most urgent first."""
    return await inventory_of(parts).purchase_lines(wish, which, again=again)


@tabled(router, "/purchase-orders", row=PurchaseOrderOut)
async def purchase_orders(parts: Parts, wish: Wished, again: Again) -> Figure[Table]:
    """What to order now by supplier: lines, units, cost, and what waiting would cost; the most urgent first."""
    return await inventory_of(parts).purchases(wish, again=again)


@router.get("/totals", responses=UNREADABLE)
async def show_totals(response: Response, parts: Parts, wish: Wished, again: Again) -> Answer[TotalsOut]:
    """The stock in a few figures, and how well reorder points have done."""
    figure = await inventory_of(parts).totals(wish, again=again)
    return Answer(provenance=told(response, figure.provenance), value=TotalsOut.model_validate(figure.value))


Sku = Annotated[str, Path(min_length=1, max_length=200, description="The stock keeping unit.")]


@charted(router, "/cover/chart.svg")
async def cover_chart(parts: Parts, wish: Wished, which: Chosen, again: Again) -> Figure[Drawing]:
    """How many SKUs last how many days, and which of them have to be ordered now."""
    return await inventory_of(parts).cover_chart(wish, which, again=again)


@charted(router, "/skus/{sku:path}/chart.svg", more=responses(errors.UnknownRow), numbers=True)
async def demand_chart(
    parts: Parts,
    again: Again,
    sku: Sku,
    days: Annotated[int, Query(ge=7, le=1_830, description="The last so many days.")] = 90,
    forecast_days: Annotated[int, Query(ge=0, le=MOST_DAYS, description="Days ahead; 0 for none.")] = 28,
) -> Figure[Drawing]:
    """What was sold of a SKU day by day, when there was nothing to sell, and what is expected of the coming days."""
    return await inventory_of(parts).demand_chart(sku, days, forecast_days, again=again)


SkuAnswer = Answer[SkuOut]  # type: ignore[valid-type]  # a model made at run time


@router.get("/skus/{sku:path}", response_model=SkuAnswer, responses={**UNREADABLE, **responses(errors.UnknownRow)})
async def show_sku(
    parts: Parts,
    wish: Wished,
    again: Again,
    sku: Sku,
) -> Response:
    """One SKU."""
    figure = await inventory_of(parts).sku(sku, wish, again=again)
    provenance = told(Response(), figure.provenance).model_dump(mode="json")
    (value,) = rows(figure.value, _FIRST)
    return as_json({"provenance": provenance, "value": value}, figure.provenance)
