"""Joins the adapters to the core: the only package that knows all of them."""

from __future__ import annotations

import importlib.metadata
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI

from tillhand_common import app as chassis
from tillhand_common.metrics import Metrics
from tillhand_common.problems import Problem
from tillhand_common.settings import load
from tillhand_rag import errors
from tillhand_rag.adapters.embedding import Build, EmbedderPool, ServedEmbedder, model_builder
from tillhand_rag.adapters.prometheus import PrometheusObserver
from tillhand_rag.app.opening import KnowledgeBase, open_knowledge_base
from tillhand_rag.routes import ROUTERS
from tillhand_rag.service.readiness import Watched
from tillhand_rag.settings import RagSettings

__all__ = ["KnowledgeBase", "create_app", "open_knowledge_base"]

PROBLEMS: tuple[type[Problem], ...] = tuple(
    error
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, Problem) and error is not Problem
)

UPLOADS = ("POST /v1/documents", "PUT /v1/documents/{document_id}")


def create_app(
    settings: RagSettings | None = None,
    *,
    embedder: ServedEmbedder | None = None,
    embedders: Mapping[str, ServedEmbedder] | None = None,
) -> FastAPI:
    """The service. Settings come from the environment unless given; so does the embedder, or one for each model."""
    settings = settings or load(RagSettings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_knowledge_base(
            settings, EmbedderPool(build), observer, clock=app.state.chassis.clock
        ) as opened:
            app.state.rag = opened
            for check in Watched(opened.indexes, opened.rebuilding).checks():
                app.state.chassis.readiness.add(check)
            yield

    app = chassis.create_app(
        chassis.ServiceSpec(
            name="rag",
            version=importlib.metadata.version("tillhand-rag"),
            title="Tillhand knowledge base",
            description="Documents in, ranked passages and cited answers out.",
            settings=settings,
            routers=ROUTERS,
            problems=PROBLEMS,
            lifespan=lifespan,
            idempotent=frozenset({"POST /v1/documents"}),
            deadlines=dict.fromkeys(UPLOADS, settings.ingest_deadline_s),
        )
    )
    observer = PrometheusObserver(app.state.chassis.metrics)
    build = _builder(settings, app.state.chassis.metrics, embedder, embedders)
    return app


def _builder(
    settings: RagSettings,
    metrics: Metrics,
    embedder: ServedEmbedder | None,
    embedders: Mapping[str, ServedEmbedder] | None,
) -> Build:
    if embedder is not None:
        return lambda _: embedder
    if embedders is not None:
        return lambda model: embedders[model]
    return model_builder(settings.of_model, metrics)
