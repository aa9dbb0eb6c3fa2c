"""Joins the adapters to the core: the only file that knows all of them."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import AsyncIterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from tillhand_common import app as chassis
from tillhand_common.lifecycle import StartupError
from tillhand_common.problems import Problem
from tillhand_common.settings import load
from tillhand_rag import errors
from tillhand_rag.adapters.chunking import Chunker
from tillhand_rag.adapters.embedding import ServedEmbedder, build_embedder
from tillhand_rag.adapters.parsing import FormatParser
from tillhand_rag.adapters.prometheus import PrometheusObserver
from tillhand_rag.errors import EmbedderUnavailable
from tillhand_rag.ports.observer import Observer
from tillhand_rag.routes import ROUTERS
from tillhand_rag.service import readiness
from tillhand_rag.service.answering import Answering
from tillhand_rag.service.forgetting import Forgetting
from tillhand_rag.service.indexing import Indexing
from tillhand_rag.service.ingestion import Ingestion
from tillhand_rag.service.preparing import Preparing
from tillhand_rag.service.removal import Removal
from tillhand_rag.service.search import Search
from tillhand_rag.settings import RagSettings
from tillhand_rag.store import Store, open_store

PROBLEMS: tuple[type[Problem], ...] = tuple(
    error
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, Problem) and error is not Problem
)

UPLOADS = ("POST /v1/documents", "PUT /v1/documents/{document_id}")


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """The running knowledge base, as `app.state.rag`."""

    store: Store
    ingestion: Ingestion
    search: Search
    answering: Answering
    removal: Removal


def create_app(settings: RagSettings | None = None, *, embedder: ServedEmbedder | None = None) -> FastAPI:
    """The service. Settings come from the environment unless given; so does the embedder."""
    settings = settings or load(RagSettings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_knowledge_base(settings, served, observer) as opened:
            app.state.rag = opened
            for check in readiness.checks(served, opened.store):
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
    served = embedder or build_embedder(settings, app.state.chassis.metrics)
    return app


@asynccontextmanager
async def open_knowledge_base(
    settings: RagSettings, embedder: ServedEmbedder, observer: Observer
) -> AsyncIterator[KnowledgeBase]:
    """The knowledge base without HTTP around it, closed at the end.

    Raises `StartupError`: the model is missing, or what `open_store` raises.
    """
    async with AsyncExitStack() as stack:
        stack.push_async_callback(embedder.close)
        try:
            await embedder.start()
        except EmbedderUnavailable as problem:
            raise StartupError(problem.detail) from problem
        store = await open_store(settings.store_dir, embedder.space)
        stack.push_async_callback(store.close)
        threads = ThreadPoolExecutor(max(1, os.cpu_count() or 1), thread_name_prefix="prepare")
        stack.callback(threads.shutdown, wait=False, cancel_futures=True)
        yield _joined(settings, store, embedder, threads, observer)


def _joined(
    settings: RagSettings, store: Store, embedder: ServedEmbedder, threads: Executor, observer: Observer
) -> KnowledgeBase:
    parser = FormatParser(
        max_bytes=settings.max_document_bytes,
        max_characters=settings.max_document_characters,
        default_currency=settings.default_currency,
    )
    chunker = Chunker(embedder.tokenizer, embedder.space.max_tokens)
    preparing = Preparing(parser=parser, chunker=chunker, threads=threads)
    forgetting = Forgetting(store=store, embedder=embedder)
    search = Search(store=store, embedder=embedder, observer=observer)
    return KnowledgeBase(
        store=store,
        ingestion=Ingestion(
            store=store,
            preparing=preparing,
            indexing=Indexing(preparing=preparing, embedder=embedder),
            forgetting=forgetting,
            observer=observer,
        ),
        search=search,
        removal=Removal(store=store, forgetting=forgetting),
        answering=Answering(search=search, store=store, embedder=embedder, observer=observer),
    )
