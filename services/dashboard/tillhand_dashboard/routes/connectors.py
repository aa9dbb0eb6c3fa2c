"""The connectors: how each stands, what it has done, and a try of it now."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tillhand_common.problems import responses
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.results import Failure
from tillhand_dashboard.routes.dependencies import Console, Parts, checked_form, needs
from tillhand_dashboard.routes.failures import is_partial

router = APIRouter(prefix="/connectors", tags=["pages"], default_response_class=HTMLResponse)
Caller = Annotated[Person, Depends(needs("mcp:call"))]


@router.get("")
async def show_connectors(request: Request, parts: Parts, person: Caller) -> Response:
    """Every connector, from what is known already. A script of the page asks for its changing part alone."""
    return await _page(request, parts, person)


@router.post("/{connector}/test", responses=responses(errors.FormExpired), dependencies=[Depends(checked_form)])
async def test_connector(connector: str, request: Request, parts: Parts, person: Caller) -> Response:
    """Call one upstream now, and go on to how it stands, which stays until the next test."""
    trial = await parts.trials.make(person, connector)
    if connector not in parts.trials.last:
        return await _page(request, parts, person, untried=trial.found)
    return RedirectResponse(f"/connectors#tested-{connector}", status_code=303)


async def _page(request: Request, parts: Console, person: Person, **more: Any) -> Response:  # noqa: ANN401  # what the template takes
    found = await parts.connectors.all(person)
    known = [] if isinstance(found, Failure) else found.value
    figures = await asyncio.gather(*(parts.connectors.figures(person, each.id) for each in known))
    context = {
        "found": found,
        "figures": {each.id: done for each, done in zip(known, figures, strict=True)},
        "trials": parts.trials.last,
        "untried": None,
        **more,
    }
    template = "parts/connectors.html" if is_partial(request) and request.method == "GET" else "connectors.html"
    return parts.pages.page(request, template, context, person=person)
