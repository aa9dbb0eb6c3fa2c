"""Every component on one page."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from tillhand_dashboard.domain.board import Criterion
from tillhand_dashboard.domain.results import Failure
from tillhand_dashboard.routes.dependencies import Parts, SignedIn

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)

EXAMPLES: Final[dict[str, Any]] = {
    "criteria": (
        Criterion("Knowledge base", "good", "ready"),
        Criterion("Shopify", "warn", "blocked", "A credential is missing.", "Set TILLHAND_SHOPIFY_TOKEN.", "mock"),
    ),
    "rows": (
        {"sku": "TEE-RED-M", "title": "T-shirt, red, M", "stock": "1,204"},
        {"sku": "MUG-BLUE", "title": "Mug, blue", "stock": "17"},
    ),
    "away": Failure("away", "The approvals: no answer.", "The console asks again by itself."),
    "unset": Failure("unset", "Analytics are not connected.", "Set TILLHAND_ANALYTICS_URL."),
}


@router.get("/styleguide")
async def show_styleguide(request: Request, parts: Parts, person: SignedIn) -> Response:
    """Every component in every state, with the macro that makes it."""
    return parts.pages.page(request, "styleguide.html", EXAMPLES, person=person)
