"""What the platform is set to, for admins: what is live or made up, and the console's own settings, masked."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from tillhand_common.settings import MASK
from tillhand_dashboard.domain.results import Failure
from tillhand_dashboard.routes.dependencies import Parts
from tillhand_dashboard.routes.settings_accounts import Admin

router = APIRouter(prefix="/settings/platform", tags=["pages"], default_response_class=HTMLResponse)


@router.get("")
async def show_platform(request: Request, parts: Parts, person: Admin) -> Response:
    """What is live, what is made up and why, and what is set. No secret is on this page, or on its way to it."""
    names = parts.probes.services
    connectors, status, ready = await asyncio.gather(
        parts.connectors.all(person),
        parts.analytics.status(person),
        asyncio.gather(*(parts.probes.ready(name) for name in names)),
    )
    context = {
        "connectors": connectors,
        "forced": None if isinstance(status, Failure) else status.value.forced_mocks,
        "services": dict(zip(names, ready, strict=True)),
        "settings": parts.settings,
        "mask": MASK,
    }
    return parts.pages.page(request, "settings-platform.html", context, person=person)
