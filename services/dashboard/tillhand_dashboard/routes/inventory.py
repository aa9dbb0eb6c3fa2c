"""The stock: lists of SKUs, one SKU, and orders that are due."""

from __future__ import annotations

import re
import secrets
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tillhand_dashboard.domain.figures import plain
from tillhand_dashboard.domain.listing import State
from tillhand_dashboard.domain.results import Failure, Result
from tillhand_dashboard.domain.stock import DAYS, FACTS, LINES, STANDINGS, TOTALS, VIEWS, Stock, view_of
from tillhand_dashboard.ports.analytics import PurchaseOrder
from tillhand_dashboard.routes.dependencies import Console, Form, Parts, SignedIn, field
from tillhand_dashboard.routes.failures import is_partial
from tillhand_dashboard.routes.figures import frame
from tillhand_dashboard.service.figures import Ask, Shown

router = APIRouter(prefix="/inventory", tags=["pages"], default_response_class=HTMLResponse)
_PROPOSAL: Final = re.compile(r"[\w-]{1,64}", re.ASCII)
_LONGEST: Final = 200
_ALL_SUPPLIERS: Final = Ask("inventory/suppliers", (), "supplier", limit=200)
_UNFIT: Final = 400


@router.get("")
async def show_stock(request: Request, parts: Parts, person: SignedIn) -> Response:
    """Every SKU, or those that a view and its filters choose."""
    state, view = _state(request)
    ask = _ask(view, state)
    whole = state["rows"] == "all"
    found = await (parts.figures.whole(person, ask) if whole else parts.figures.table(person, ask, state["cursor"]))
    totals = await parts.figures.value(person, "inventory/totals")
    suppliers = await parts.figures.table(person, _ALL_SUPPLIERS)
    context = {
        **await frame(parts, person),
        "state": state,
        "view": view,
        "entries": [(_home(each), each.title, each is view) for each in VIEWS],
        "found": found,
        "totals": totals,
        "total_figures": TOTALS,
        "supplier_options": _suppliers(suppliers),
        "sort_options": _orders(view),
        "csv": State(f"/figures/{view.path}/export.csv", {**ask.parameters, "sort": ask.sort}),
    }
    return parts.pages.page(request, "inventory.html", context, person=person)


@router.get("/skus/{sku:path}/forecast")
async def show_forecast(request: Request, parts: Parts, person: SignedIn, sku: str) -> Response:
    """What is expected of a SKU, day by day: a page, or the part of one that a script asks for."""
    parameters = {"level": "sku", "key": sku, "measure": "units"}
    found = await parts.figures.table(person, Ask("sales/forecast/days", DAYS, limit=100, parameters=parameters))
    template = "parts/sku_forecast.html" if is_partial(request) else "sku_forecast.html"
    context = {**await frame(parts, person), "sku": sku, "found": found, "state": State(request.url.path)}
    return parts.pages.page(request, template, context, person=person)


@router.get("/skus/{sku:path}")
async def show_sku(request: Request, parts: Parts, person: SignedIn, sku: str) -> Response:
    """All that is known of a SKU."""
    found = await parts.figures.sku(person, sku)
    context = {**await frame(parts, person), "sku": sku, "found": found, "facts": FACTS, "lights": STANDINGS}
    status = found.status if isinstance(found, Failure) and found.slug == "unknown-row" else 200
    return parts.pages.page(request, "sku.html", context, person=person, status=status)


@router.get("/order")
async def show_order(
    request: Request, parts: Parts, person: SignedIn, supplier: str = "", proposed: str = ""
) -> Response:
    """What is due from a supplier, with a form that proposes it."""
    made = proposed if _PROPOSAL.fullmatch(proposed) else ""
    return await _order(request, parts, person, PurchaseOrder(supplier=supplier, to=""), made=made)


@router.post("/order")
async def propose_order(request: Request, parts: Parts, person: SignedIn, form: Form) -> Response:
    """Propose what was chosen of an order; a person decides."""
    order = PurchaseOrder(
        supplier=field(form, "supplier"),
        to=field(form, "to").strip(),
        skus=tuple(value for value in form.getlist("sku") if isinstance(value, str)),
        deliver_by=field(form, "deliver_by"),
        note=field(form, "note"),
    )
    if not order.skus:
        failure = Failure("refused", "No line is chosen.", "Choose at least one.", "", _UNFIT)
        return await _order(request, parts, person, order, refused=failure)
    found = await parts.analytics.propose_order(person, order, field(form, "key") or secrets.token_hex(16))
    if isinstance(found, Failure):
        return await _order(request, parts, person, order, refused=found)
    where = State("/inventory/order", {"supplier": order.supplier, "proposed": found.value.proposal_id})
    return RedirectResponse(where.url(), status_code=303)


async def _order(
    request: Request,
    parts: Console,
    person: SignedIn,
    order: PurchaseOrder,
    *,
    refused: Failure | None = None,
    made: str = "",
) -> Response:
    ask = Ask("inventory/purchase-proposals", LINES, limit=200, parameters={"supplier": order.supplier})
    context = {
        **await frame(parts, person),
        "order": order,
        "refused": refused,
        "made": made,
        "found": await parts.figures.whole(person, ask),
        "barred": parts.analytics.proposing(person),
        "key": secrets.token_hex(16),
        "state": State(request.url.path, {"supplier": order.supplier}),
    }
    status = 200 if refused is None else refused.status or 503
    return parts.pages.page(request, "order.html", context, person=person, status=status)


def _suppliers(found: Result[Shown]) -> list[tuple[str, str]]:
    names = [] if isinstance(found, Failure) else [str(row["supplier"]) for row in found.value.rows if row["supplier"]]
    return [(name, plain(name)) for name in names]


def _orders(view: Stock) -> list[tuple[str, str]]:
    """How a list can be ordered, for screens that have no headings."""
    orders = [("", "as it comes")]
    for column in view.columns:
        words = ("smallest first", "largest first") if column.numeric else ("A to Z", "Z to A")
        orders += [(column.key, f"{column.heading}, {words[0]}"), (f"-{column.key}", f"{column.heading}, {words[1]}")]
    return orders


def _home(view: Stock) -> str:
    return State("/inventory", {} if view is VIEWS[0] else {"view": view.id}).url()


def _state(request: Request) -> tuple[State, Stock]:
    given = request.query_params
    view = view_of(given.get("view", ""))
    names = (*view.filters, "sort", "cursor", "rows")
    values = {name: given[name].strip()[:_LONGEST] for name in names if given.get(name, "").strip()}
    shown = {} if view is VIEWS[0] else {"view": view.id}
    sortable = {column.key for column in view.columns}
    if values.get("sort", "").lstrip("-") not in sortable:
        values.pop("sort", None)
    if "cursor" in given:
        values["cursor"] = given["cursor"]
    return State("/inventory", {**shown, **values}), view


def _ask(view: Stock, state: State) -> Ask:
    chosen = {name: state[name] for name in view.filters if state[name]}
    return Ask(view.path, view.columns, state["sort"] or view.sort, parameters={**view.parameters, **chosen})
