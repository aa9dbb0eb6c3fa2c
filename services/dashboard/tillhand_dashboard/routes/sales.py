"""Sales: key figures, forecasts, customers, baskets, unusual days and experiments."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.experimenting import EXAMPLE, MEASURES, bar, filled
from tillhand_dashboard.domain.figures import Kind, shown
from tillhand_dashboard.domain.listing import State
from tillhand_dashboard.domain.panels import Panel, Views
from tillhand_dashboard.domain.results import Failure, Found, Result
from tillhand_dashboard.domain.selling import DAYS, FORECAST, HEADLINES, RECORD, UNITS, VIEWS, view_of
from tillhand_dashboard.ports.views import Row
from tillhand_dashboard.routes.dependencies import Console, Parts, SignedIn
from tillhand_dashboard.routes.figures import ask_of, frame
from tillhand_dashboard.service.experiments import experiment
from tillhand_dashboard.service.figures import Shown

router = APIRouter(prefix="/sales", tags=["pages"], default_response_class=HTMLResponse)
LEVELS: Final = (("total", "The whole shop"), ("category", "Categories"), ("sku", "SKUs"))
_LONGEST: Final = 200
_RECORDS: Final = frozenset({"naive", "seasonal_naive", "as_forecast"})


@router.get("")
async def show_sales(request: Request, parts: Parts, person: SignedIn) -> Response:
    """One view of sales."""
    view = view_of(request.query_params.get("view", ""))
    state = _state(request, view)
    panels = [_placed(panel, state) for panel in view.panels]
    tables, values = await asyncio.gather(
        parts.figures.tables(person, *(ask_of(panel) for panel in panels)),
        asyncio.gather(*(parts.figures.value(person, path) for path in view.values.values())),
    )
    found = {panel.id: table for panel, table in zip(panels, tables, strict=True)}
    context = {
        **await frame(parts, person),
        **_more(view, state, found),
        **(await _experiment(request, parts, person) if view.id == "experiments" else {}),
        "view": view,
        "state": state,
        "entries": [(_home(each), each.title, each is view) for each in VIEWS],
        "panels": {panel.id: panel for panel in panels},
        "found": found,
        "values": dict(zip(view.values, values, strict=True)),
    }
    return parts.pages.page(request, f"sales/{view.id}.html", context, person=person)


async def _experiment(request: Request, parts: Console, person: Person) -> dict[str, Any]:
    read = await experiment(parts.analytics, person, filled(request.query_params))
    return {"experiment": read, "measures": MEASURES, "example": EXAMPLE, "bar": bar}


def _more(view: Views, state: State, found: dict[str, Result[Shown]]) -> dict[str, Any]:
    if view.id == "overview":
        return _told(found)
    if view.id == "forecast":
        found["record"] = _record(found["record"], state["level"] or "total")
        return {"levels": LEVELS}
    if view.id == "anomalies":
        return {"causes": _causes(found["causes"])}
    return {}


def _told(found: dict[str, Result[Shown]]) -> dict[str, Any]:
    """Key figures in their own units, and the first among them."""
    kpis = found["kpis"]
    if isinstance(kpis, Failure):
        return {"headlines": []}
    rows = [_kpi(row, kpis.value.origin.currency) for row in kpis.value.rows]
    found["kpis"] = Found(replace(kpis.value, rows=rows))
    return {"headlines": [row for name in HEADLINES for row in rows if row["kpi"] == name]}


def _kpi(row: Row, currency: str) -> Row:
    kind = cast("Kind", UNITS.get(str(row.get("unit")), "number"))
    told = {name: shown(row.get(name), kind, currency) for name in ("value", "previous", "last_year")}
    changes = {"change": row.get("change_share"), "last_year_change": row.get("last_year_change_share")}
    return {"kpi": row.get("kpi"), **told, **changes}


def _record(found: Result[Shown], level: str) -> Result[Shown]:
    """Of the models that were tried on a level, those in use and the naive ones."""
    if isinstance(found, Failure):
        return found
    rows = [row for row in found.value.rows if row.get("level") == level]
    kept = [row for row in rows if row.get("chosen") or row.get("model") in _RECORDS]
    return Found(replace(found.value, rows=kept))


def _causes(found: Result[Shown]) -> Mapping[str, Sequence[Row]]:
    causes: dict[str, list[Row]] = defaultdict(list)
    for row in () if isinstance(found, Failure) else found.value.rows:
        causes[str(row.get("episode"))].append(row)
    return causes


def _placed(panel: Panel, state: State) -> Panel:
    """A panel of the forecast, for the level and the series that the address names."""
    level = state["level"] or "total"
    if panel is FORECAST:
        return replace(panel, parameters={"level": level}, sort=state["sort"], link="key", link_to=_series(level))
    if panel is DAYS:
        key = state["key"]
        series = {"level": level, "key": key} if key or level == "total" else {"level": "total"}
        return replace(panel, parameters=series)
    return replace(panel, limit=RECORD.limit) if panel is RECORD else panel


def _series(level: str) -> str:
    return f"{State('/sales', {'view': 'forecast', 'level': level}).url()}&key="


def _home(view: Views) -> str:
    return State("/sales", {} if view is VIEWS[0] else {"view": view.id}).url()


def _state(request: Request, view: Views) -> State:
    given = request.query_params
    values = {name: given[name][:_LONGEST] for name in ("level", "key", "sort") if given.get(name)}
    if values.get("level") not in {name for name, _ in LEVELS}:
        values.pop("level", None)
    sortable = {column.key for column in FORECAST.columns}
    if values.get("sort", "").lstrip("-") not in sortable:
        values.pop("sort", None)
    forecast = values if view.id == "forecast" else {}
    return State("/sales", {**({} if view is VIEWS[0] else {"view": view.id}), **forecast})
