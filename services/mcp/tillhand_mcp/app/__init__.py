"""Joins the adapters to the core: the only package that knows all of them."""

from __future__ import annotations

import importlib.metadata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from fastapi import FastAPI

from tillhand_common import app as chassis
from tillhand_common.beside import beside
from tillhand_common.http import UpstreamMetrics
from tillhand_common.problems import Problem
from tillhand_common.settings import load
from tillhand_mcp import errors
from tillhand_mcp.adapters.shopify.exports import MIME
from tillhand_mcp.app.opening import Counting, open_connectors
from tillhand_mcp.app.vendors import UPSTREAMS as VENDORS
from tillhand_mcp.domain.tools import ResourceTemplate
from tillhand_mcp.ports.toolbox import Toolbox
from tillhand_mcp.routes import ROUTERS
from tillhand_mcp.routes.protocol.face import ProtocolFace
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
UPSTREAMS = ("rag", "approvals", "analytics", *VENDORS)
INSTRUCTIONS = (
    "Tools of a shop. Reading answers at once. Whatever writes is proposed to a person first: the call gives a task, "
    "or a pending approval that approval_status follows. Say in `reason` why, with what you found; never repeat a "
    "write whose outcome is unknown."
)
IDEMPOTENT = frozenset({"POST /v1/tools/{name}", "POST /v1/tasks/{task_id}/cancel"})


TEMPLATES = (
    ResourceTemplate(
        "knowledge://{id}", "knowledge", "Document", "The text of a document of the knowledge base, by its id."
    ),
    ResourceTemplate("shopify-export://{id}", "shopify_export", "Export", "An export of the shop, as JSONL.", MIME),
)


class _Late:
    """The toolbox before it is opened: the face is made with the application, connectors with its first request."""

    toolbox: Toolbox | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # any method of a toolbox
        if self.toolbox is None:
            raise AttributeError(name)
        return getattr(self.toolbox, name)


def create_app(settings: McpSettings | None = None) -> FastAPI:
    """The service. Settings come from the environment unless given."""
    settings = settings or load(McpSettings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        parts = app.state.chassis
        async with open_connectors(settings, parts.clock, Counting(parts.metrics, upstreams)) as opened:
            app.state.mcp = opened.joined
            late.toolbox = opened.joined.toolbox
            for check in opened.checks:
                parts.readiness.add(check)
            async with beside(opened.beside, parts.clock), face.running(app):
                yield

    late = _Late()
    version = importlib.metadata.version("tillhand-mcp")
    face = ProtocolFace(cast("Toolbox", late), version=version, instructions=INSTRUCTIONS, templates=TEMPLATES)
    app = chassis.create_app(
        chassis.ServiceSpec(
            name="mcp",
            version=version,
            title="Tillhand connectors",
            description="Tools for agents over MCP and HTTP; what writes waits for a person.",
            settings=settings,
            routers=(*ROUTERS, face.router()),
            problems=PROBLEMS,
            lifespan=lifespan,
            idempotent=IDEMPOTENT,
            takes_actors=True,
            public=face.public,
            challenge=face.challenge,
        )
    )
    upstreams = UpstreamMetrics(app.state.chassis.metrics, UPSTREAMS)
    return app
