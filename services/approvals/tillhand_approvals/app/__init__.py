"""Joins the adapters to the core: the only package that knows all of them."""

from __future__ import annotations

import importlib.metadata
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from fastapi import FastAPI

from tillhand_approvals import errors
from tillhand_approvals.adapters.prometheus import PrometheusObserver
from tillhand_approvals.app.opening import open_approvals
from tillhand_approvals.domain.redaction.guarding import guard
from tillhand_approvals.ports.redaction import Redactor
from tillhand_approvals.routes import ROUTERS
from tillhand_approvals.service.refusals import Refusals
from tillhand_approvals.settings import ApprovalsSettings
from tillhand_common import app as chassis
from tillhand_common import logs
from tillhand_common.beside import beside
from tillhand_common.problems import Problem
from tillhand_common.settings import load

__all__ = ["create_app"]

AGAIN_S: Final = 1.0


PROBLEMS: tuple[type[Problem], ...] = tuple(
    error
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, Problem) and error is not Problem
)

IDEMPOTENT = frozenset(
    {
        "POST /v1/proposals/{proposal_id}/decisions",
        "POST /v1/proposals/{proposal_id}/notes",
        "POST /v1/proposals/{proposal_id}/cancel",
        "POST /v1/decisions",
        "POST /v1/delegations",
        "POST /v1/audit/changes",
        "POST /v1/audit/logins",
        "POST /v1/webhooks/{webhook_id}/test",
        "POST /v1/webhooks/{webhook_id}/dead-letters/redeliver",
    }
)
OWN_KEYS = frozenset(
    {
        "POST /v1/proposals",  # the same key brings the same proposal again, through restarts too
        "POST /v1/proposals/{proposal_id}/execution/lease",  # as there; its answer holds what is personal
        "POST /v1/proposals/{proposal_id}/execution/heartbeat",
        "POST /v1/proposals/{proposal_id}/execution/result",  # the same said twice is the same
        "POST /v1/audit/unmask",  # every look is recorded
        "POST /v1/policies/dry-run",  # changes nothing
        "POST /v1/drafts",  # a message's id makes one draft, through restarts too
        "POST /v1/webhooks",  # the answer holds a secret
        "POST /v1/webhooks/{webhook_id}/secret",
    }
)


def create_app(settings: ApprovalsSettings | None = None, *, redactor: Redactor | None = None) -> FastAPI:
    """The service. Settings come from the environment unless given."""
    settings = settings or load(ApprovalsSettings)
    refusals = Refusals()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        parts = app.state.chassis
        async with AsyncExitStack() as stack:
            opened = await stack.enter_async_context(
                open_approvals(settings, parts.clock, redactor, observer, refusals)
            )
            stack.enter_context(logs.guarded(guard))
            app.state.approvals = opened.use_cases
            for check in opened.checks:
                parts.readiness.add(check)
            work = {each.name: each.run for each in opened.work}
            await stack.enter_async_context(beside(work, parts.clock, again_s=AGAIN_S))
            yield

    app = chassis.create_app(
        chassis.ServiceSpec(
            name="approvals",
            version=importlib.metadata.version("tillhand-approvals"),
            title="Tillhand approvals",
            description="Agents propose, people decide, once, live, with a record that holds.",
            settings=settings,
            routers=ROUTERS,
            problems=PROBLEMS,
            lifespan=lifespan,
            idempotent=IDEMPOTENT,
            own_keys=OWN_KEYS,
            on_refused_key=refusals.count,
            takes_actors=True,
        )
    )
    observer = PrometheusObserver(app.state.chassis.metrics)
    return app
