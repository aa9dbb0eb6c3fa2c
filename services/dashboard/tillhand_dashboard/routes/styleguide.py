"""Every component on one page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from tillhand_dashboard.routes.dependencies import Parts, SignedIn

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)


@router.get("/styleguide")
async def show_styleguide(request: Request, parts: Parts, person: SignedIn) -> Response:
    """Every component in every state, with the macro that makes it."""
    return parts.pages.page(request, "styleguide.html", person=person)
