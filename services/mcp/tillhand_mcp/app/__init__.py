"""Joins the adapters to the core: the only package that knows all of them."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from tillhand_common import app as chassis
from tillhand_common.http import UpstreamMetrics
from tillhand_common.problems import Problem
from tillhand_common.settings import load
from tillhand_mcp import errors
from tillhand_mcp.app.opening import open_connectors
from tillhand_mcp.routes import ROUTERS
from tillhand_mcp.settings import McpSettings

__all__ = ["create_app"]

PROBLEMS: tuple[type[Problem], ...] = tuple(
    error
    for error in vars(errors).values()
    if isinstance(error, type)
    and issubclass(error, Problem)
    and error is not Problem
    and error.__name__ != "Unavailable"
)
UPSTREAMS = ("rag", "approvals")
IDEMPOTENT = frozenset({"POST /v1/tools/{name}", "POST /v1/tasks/{task_id}/cancel"})


def create_app(settings: McpSettings | None = None) -> FastAPI:
    """The service. Settings come from the environment unless given."""
    settings = settings or load(McpSettings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        parts = app.state.chassis
        async with open_connectors(settings, parts.clock, upstreams) as opened:
            app.state.mcp = opened.joined
            for check in opened.checks:
                parts.readiness.add(check)
            running = None if opened.executing is None else asyncio.create_task(opened.executing.run(), name="executor")
            try:
                yield
            finally:
                if running is not None:
                    running.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await running

    app = chassis.create_app(
        chassis.ServiceSpec(
            name="mcp",
            version=importlib.metadata.version("tillhand-mcp"),
            title="Tillhand connectors",
            description="Tools for agents over MCP and HTTP; what writes waits for a person.",
            settings=settings,
            routers=ROUTERS,
            problems=PROBLEMS,
            lifespan=lifespan,
            idempotent=IDEMPOTENT,
            takes_actors=True,
        )
    )
    upstreams = UpstreamMetrics(app.state.chassis.metrics, UPSTREAMS)
    return app
