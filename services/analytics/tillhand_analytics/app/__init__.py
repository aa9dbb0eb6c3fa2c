"""Joins the adapters to the core: the only package that knows all of them."""

from __future__ import annotations

import importlib.metadata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI

from tillhand_analytics import errors
from tillhand_analytics.app.forecasting import forecasters
from tillhand_analytics.app.measuring import Counting
from tillhand_analytics.app.opening import UPSTREAMS, open_analytics
from tillhand_analytics.ports.sources import Sources
from tillhand_analytics.routes import ROUTERS
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common import app as chassis
from tillhand_common.beside import beside
from tillhand_common.http import UpstreamMetrics
from tillhand_common.problems import Problem
from tillhand_common.settings import load

__all__ = ["create_app"]

PROBLEMS: Final[tuple[type[Problem], ...]] = tuple(getattr(errors, name) for name in errors.__all__)
IDEMPOTENT: Final[frozenset[str]] = frozenset({"POST /v1/inventory/purchase-proposals"})


def create_app(settings: AnalyticsSettings | None = None, *, sources: Sources | None = None) -> FastAPI:
    """The service. Settings come from the environment unless given, sources from the settings."""
    settings = settings or load(AnalyticsSettings)
    chosen = forecasters(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        parts = app.state.chassis
        async with open_analytics(settings, parts.clock, counting, chosen, sources) as opened:
            app.state.analytics = opened.joined
            for check in opened.checks:
                parts.readiness.add(check)
            joined = opened.joined
            work = {"reading": joined.reading.run, "objectives": joined.objectives.run}
            async with beside(work, parts.clock):
                yield

    app = chassis.create_app(
        chassis.ServiceSpec(
            name="analytics",
            version=importlib.metadata.version("tillhand-analytics"),
            title="Tillhand analytics",
            description="Inventory, search and sales: each figure with where it comes from and how sure it is.",
            settings=settings,
            routers=ROUTERS,
            problems=PROBLEMS,
            lifespan=lifespan,
            idempotent=IDEMPOTENT,
            takes_actors=True,
        )
    )
    counting = Counting(app.state.chassis.metrics, UpstreamMetrics(app.state.chassis.metrics, UPSTREAMS))
    return app
