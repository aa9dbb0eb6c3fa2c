"""The status board."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from tillhand_dashboard.domain.board import WORDS, summary
from tillhand_dashboard.domain.proving import LIGHTS, STATE_WORDS
from tillhand_dashboard.routes.dependencies import Parts, SignedIn
from tillhand_dashboard.routes.failures import is_partial

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)


@router.get("/")
async def show_board(request: Request, parts: Parts, person: SignedIn) -> Response:
    """The state of the platform at a glance. A script of the page asks for its changing part alone."""
    context = {
        "board": await parts.boards.board(),
        "words": WORDS,
        "summary": summary,
        "evidence": await parts.evidence.newest(),
        "proof_lights": LIGHTS,
        "proof_words": STATE_WORDS,
    }
    template = "parts/board.html" if is_partial(request) else "board.html"
    return parts.pages.page(request, template, context, person=person)
