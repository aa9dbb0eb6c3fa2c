"""Search: what the findings say is to be won, and the tables behind them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from tillhand_dashboard.domain.listing import State
from tillhand_dashboard.domain.panels import Panel, Views
from tillhand_dashboard.domain.searching import KINDS, TREND, VIEWS, evidence_of, view_of
from tillhand_dashboard.routes.dependencies import Parts, SignedIn
from tillhand_dashboard.routes.figures import ask_of, frame

router = APIRouter(prefix="/seo", tags=["pages"], default_response_class=HTMLResponse)
FILTERS: Final = ("kind", "engine", "page")
_LONGEST: Final = 2_000


@router.get("")
async def show_search(request: Request, parts: Parts, person: SignedIn) -> Response:
    """One view of search."""
    view = view_of(request.query_params.get("view", ""))
    state = _state(request, view)
    panels = [_placed(panel, state, view) for panel in view.panels]
    first, *others = panels
    main, rest, values = await asyncio.gather(
        parts.figures.table(person, ask_of(first), state["cursor"]),
        parts.figures.tables(person, *(ask_of(panel) for panel in others)),
        asyncio.gather(*(parts.figures.value(person, path) for path in view.values.values())),
    )
    context = {
        **await frame(parts, person),
        "view": view,
        "state": state,
        "entries": [(_home(each), each.title, each is view) for each in VIEWS],
        "panels": {panel.id: panel for panel in panels},
        "found": {panel.id: table for panel, table in zip(panels, [main, *rest], strict=True)},
        "values": dict(zip(view.values, values, strict=True)),
        "kinds": KINDS,
        "evidence_of": evidence_of,
        "csv": State(f"/figures/{first.path}/export.csv", {**first.parameters, "sort": first.sort}),
    }
    template = "seo.html" if view is VIEWS[0] else "seo_table.html"
    return parts.pages.page(request, template, context, person=person)


def _placed(panel: Panel, state: State, view: Views) -> Panel:
    """A panel for what the address asks for."""
    if panel is TREND:
        series = {name: state[name] for name in ("engine", "page") if state[name]}
        return replace(panel, parameters=series)
    if view is VIEWS[0]:
        chosen = {name: state[name] for name in FILTERS if state[name]}
        return replace(panel, parameters={**panel.parameters, **chosen})
    return replace(panel, sort=state["sort"] or panel.sort)


def _home(view: Views) -> str:
    return State("/seo", {} if view is VIEWS[0] else {"view": view.id}).url()


def _state(request: Request, view: Views) -> State:
    given = request.query_params
    if view is VIEWS[0]:
        values = {name: given[name].strip()[:_LONGEST] for name in FILTERS if given.get(name, "").strip()}
    else:
        sortable = {column.key for column in view.panels[0].columns}
        sort = given.get("sort", "")
        values = {"view": view.id, **({"sort": sort} if sort.lstrip("-") in sortable else {})}
    return State("/seo", {**values, **({"cursor": given["cursor"]} if given.get("cursor") else {})})
