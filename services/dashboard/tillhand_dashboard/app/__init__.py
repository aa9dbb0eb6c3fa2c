"""Joins the adapters to the core: the only package that knows all of them."""

from __future__ import annotations

import importlib.metadata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI

from tillhand_common import app as chassis
from tillhand_common.beside import beside
from tillhand_common.clock import Clock, SystemClock
from tillhand_common.http import UpstreamMetrics
from tillhand_common.problems import Problem
from tillhand_common.settings import load
from tillhand_dashboard import errors
from tillhand_dashboard.app.opening import UPSTREAMS, open_console
from tillhand_dashboard.routes import ROUTERS
from tillhand_dashboard.routes.failures import HANDLERS
from tillhand_dashboard.settings import DashboardSettings

__all__ = ["create_app"]

PROBLEMS: Final[tuple[type[Problem], ...]] = tuple(getattr(errors, name) for name in errors.__all__)
IDEMPOTENT: Final[frozenset[str]] = frozenset()
"""Forms send no key in a header: each holds one in a field, which goes on to the service that acts."""
FORMS: Final[frozenset[str]] = frozenset(
    {
        "POST /approvals/confirm",
        "POST /approvals/decisions",
        "POST /approvals/{proposal_id}/decision",
        "POST /approvals/{proposal_id}/edit",
        "POST /approvals/{proposal_id}/note",
        "POST /ask/feedback",
        "POST /audit/unmask",
        "POST /audit/verify",
        "POST /connectors/{connector}/test",
        "POST /corrections",
        "POST /corrections/draft",
        "POST /corrections/{correction_id}/delete",
        "POST /corrections/{correction_id}/edit",
        "POST /documents/{document_id}/delete",
        "POST /goldens",
        "POST /inventory/order",
        "POST /policies",
        "POST /policies/try",
        "POST /settings/accounts",
        "POST /settings/accounts/{name}/link",
        "POST /settings/accounts/{name}/role",
        "POST /settings/accounts/{name}/state",
        "POST /settings/appearance",
        "POST /settings/keys",
        "POST /settings/keys/{key_id}/revoke",
        "POST /settings/keys/{key_id}/rotate",
        "POST /settings/password",
        "POST /settings/sessions/others",
        "POST /settings/sessions/{session_id}",
        "POST /sign-in",
        "POST /sign-in/link/{token}",
        "POST /sign-in/out",
        "POST /uploads",
    }
)


def create_app(settings: DashboardSettings | None = None, *, clock: Clock | None = None) -> FastAPI:
    """The service. Settings come from the environment unless given."""
    settings = settings or load(DashboardSettings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        parts = app.state.chassis
        async with open_console(settings, parts.clock, upstreams) as opened:
            app.state.dashboard = opened.console
            for check in opened.checks:
                parts.readiness.add(check)
            async with beside(opened.work, parts.clock):
                yield

    app = chassis.create_app(
        chassis.ServiceSpec(
            name="dashboard",
            version=importlib.metadata.version("tillhand-dashboard"),
            title="Tillhand console",
            description="Where people see the shop and the platform, and decide.",
            settings=settings,
            routers=ROUTERS,
            problems=PROBLEMS,
            lifespan=lifespan,
            idempotent=IDEMPOTENT,
            own_keys=FORMS,
            keyless=True,
            handlers=HANDLERS,
            clock=clock or SystemClock(),
        )
    )
    upstreams = UpstreamMetrics(app.state.chassis.metrics, UPSTREAMS)
    return app
