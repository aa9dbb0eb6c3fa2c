"""The evidence: every exit criterion as it was last measured."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from tillhand_dashboard.domain.proving import LIGHTS, STATE_WORDS
from tillhand_dashboard.routes.dependencies import Parts, SignedIn

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)


@router.get("/evidence")
async def show_evidence(request: Request, parts: Parts, person: SignedIn) -> Response:
    """The newest report; without one, how it is made."""
    context = {"evidence": await parts.evidence.newest(), "lights": LIGHTS, "words": STATE_WORDS}
    return parts.pages.page(request, "evidence.html", context, person=person)
