"""Joins the adapters to the core: the only package that knows all of them."""

from __future__ import annotations

import importlib.metadata
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from tillhand_common import app as chassis
from tillhand_common.metrics import Metrics
from tillhand_common.problems import Problem
from tillhand_common.settings import load
from tillhand_rag import errors
from tillhand_rag.adapters.embedding import Build, EmbedderPool, ServedEmbedder, model_builder
from tillhand_rag.adapters.prometheus import PrometheusObserver
from tillhand_rag.app.chat import chat_check, chat_model
from tillhand_rag.app.jobs import opened_work
from tillhand_rag.app.opening import KnowledgeBase, open_knowledge_base
from tillhand_rag.app.reranking import reranker_check
from tillhand_rag.ports.chat import ChatModel
from tillhand_rag.routes import ROUTERS
from tillhand_rag.service.readiness import Watched
from tillhand_rag.settings import RagSettings

__all__ = ["KnowledgeBase", "create_app", "open_knowledge_base"]

PROBLEMS: tuple[type[Problem], ...] = tuple(
    error
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, Problem) and error is not Problem
)

UPLOADS = ("POST /v1/documents", "PUT /v1/documents/{document_id}", "POST /v1/ingestions")
ANSWERS = ("POST /v1/answers", "POST /v1/chat/completions")
IDEMPOTENT = frozenset(
    {
        "POST /v1/documents",
        "POST /v1/corrections",
        "POST /v1/ingestions",
        "POST /v1/ingestions/{ingestion_id}/cancel",
        "POST /v1/evaluations",
        "POST /v1/rebuilds",
        "POST /v1/rollbacks",
        "POST /v1/backups",
        "POST /v1/restores",
    }
)


def create_app(
    settings: RagSettings | None = None,
    *,
    embedder: ServedEmbedder | None = None,
    embedders: Mapping[str, ServedEmbedder] | None = None,
    chat: ChatModel | None = None,
) -> FastAPI:
    """The service. Settings come from the environment unless given; so does the embedder, or one for each model."""
    settings = settings or load(RagSettings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        clock, readiness = app.state.chassis.clock, app.state.chassis.readiness
        async with AsyncExitStack() as stack:
            if configured is not None:
                stack.push_async_callback(configured.close)
                readiness.add(chat_check(configured))
            writer = chat or configured
            opened = await stack.enter_async_context(
                open_knowledge_base(settings, EmbedderPool(build), observer, clock=clock, chat=writer)
            )
            app.state.rag = opened
            app.state.work, app.state.operations = await stack.enter_async_context(opened_work(settings, opened, clock))
            for check in Watched(opened.indexes, opened.rebuilding).checks():
                readiness.add(check)
            if opened.reranker is not None:
                readiness.add(reranker_check(opened.reranker))
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
            idempotent=IDEMPOTENT,
            deadlines=_deadlines(settings),
            takes_actors=True,
        )
    )
    configured = chat_model(settings, app.state.chassis.metrics)
    observer = PrometheusObserver(app.state.chassis.metrics)
    build = _builder(settings, app.state.chassis.metrics, embedder, embedders)
    return app


def _deadlines(settings: RagSettings) -> dict[str, float]:
    """Uploads take their time, and so does a language model: a part of it is kept for the quotes in its place."""
    uploads = dict.fromkeys(UPLOADS, settings.ingest_deadline_s)
    if not settings.chat_url:
        return uploads
    return uploads | dict.fromkeys(ANSWERS, max(settings.request_deadline_s, settings.chat_timeout_s * 1.2))


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
