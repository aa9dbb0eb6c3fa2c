"""Pages: a template, filled in, under a policy by which nothing runs but our own scripts."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from tillhand_common.clock import Clock
from tillhand_dashboard.domain import navigation, times
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.routes.assets import Assets
from tillhand_dashboard.routes.cookies import Cookies, form_token

FOLDER: Final = Path(__file__).resolve().parent.parent / "templates"
POLICY: Final = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types htmx"
)
HEADERS: Final = {
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-frame-options": "DENY",
}


class Pages:
    """Fills in templates.

    What every page finds: `person`, `nav`, `path`, `csrf`, `look`, `assets`, `nonce`, `now`, `told`.
    """

    def __init__(self, assets: Assets, cookies: Cookies, clock: Clock, zone: ZoneInfo) -> None:
        self._assets = assets
        self._cookies = cookies
        self._clock = clock
        self._zone = zone
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(assets=assets.paths, is_current=navigation.is_current, zone=zone.key)

    def page(
        self,
        request: Request,
        template: str,
        context: Mapping[str, Any] | None = None,
        *,
        person: Person | None = None,
        status: int = 200,
    ) -> HTMLResponse:
        """A whole page, or a part of one: whatever the template makes."""
        nonce, now = secrets.token_urlsafe(16), self._clock.now()
        content = self._environment.get_template(template).render(
            {
                "person": person,
                "nav": navigation.entries(person),
                "path": request.url.path,
                "csrf": form_token(self._cookies.any(request)),
                "nonce": nonce,
                "look": self._cookies.look(request),
                "now": now,
                "told": lambda moment: self._told(moment, now),
                **(context or {}),
            }
        )
        policy = POLICY.format(nonce=nonce)
        headers = {**HEADERS, "content-security-policy": policy, "vary": "cookie, hx-request"}
        return HTMLResponse(content, status_code=status, headers=headers)

    def _told(self, moment: datetime, now: datetime) -> times.Told:
        return times.told(moment, now, self._zone)
