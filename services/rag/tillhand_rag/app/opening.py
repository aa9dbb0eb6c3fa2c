"""Opens the knowledge base of a data directory: the generations that serve, and everything that is kept beside them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog

from tillhand_common.clock import Clock, SystemClock, rfc3339
from tillhand_rag.adapters.embedding import EmbedderPool
from tillhand_rag.adapters.parsing import FormatParser
from tillhand_rag.adapters.reranking import CrossEncoderReranker
from tillhand_rag.app.answers import joined_replying, joined_writing
from tillhand_rag.app.evaluations import conditions_from, scratch_below
from tillhand_rag.app.guidance import load_corrections, open_guidance
from tillhand_rag.app.joining import IndexOpening, Shared
from tillhand_rag.app.laying import assigned_indexes, laid_out, opened_indexes, wanted_specs
from tillhand_rag.app.replacing import joined_replacing
from tillhand_rag.app.reranking import opened_reranker
from tillhand_rag.domain.indexes import MAIN
from tillhand_rag.ports.chat import ChatModel
from tillhand_rag.ports.observer import Observer
from tillhand_rag.service.backups import Backups
from tillhand_rag.service.corrections import Correcting
from tillhand_rag.service.evaluating import Scratch, StoredGoldens
from tillhand_rag.service.indexes import Indexes
from tillhand_rag.service.insight import Recorder
from tillhand_rag.service.insights import Insights
from tillhand_rag.service.rebuilding import Rebuilding
from tillhand_rag.service.replying import Replying
from tillhand_rag.service.restoring import Restoring
from tillhand_rag.service.routed import RoutedAnswering, RoutedIngestion, RoutedRemoval, RoutedSearch, RoutedStore
from tillhand_rag.settings import RagSettings
from tillhand_rag.store import DirectoryLock, corrections, insight, jobs, manifest, sources
from tillhand_rag.store import goldens as golden_records
from tillhand_rag.store.goldens import LedgerGoldens
from tillhand_rag.store.ledger import LEDGER_FILE, Ledger

TABLES = (
    jobs.TABLES,
    manifest.TABLES,
    sources.TABLES,
    corrections.TABLES,
    insight.TABLES,
    golden_records.TABLES,
)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """The running knowledge base, as `app.state.rag`."""

    indexes: Indexes
    store: RoutedStore
    ingestion: RoutedIngestion
    search: RoutedSearch
    answering: RoutedAnswering
    replying: Replying
    corrections: Correcting
    insights: Insights
    recorder: Recorder
    removal: RoutedRemoval
    rebuilding: Rebuilding
    ledger: Ledger
    goldens: LedgerGoldens
    backups: Backups
    restoring: Restoring
    scratch: Scratch
    reranker: CrossEncoderReranker | None


@asynccontextmanager
async def open_knowledge_base(
    settings: RagSettings,
    embedders: EmbedderPool,
    observer: Observer,
    *,
    clock: Clock | None = None,
    chat: ChatModel | None = None,
) -> AsyncIterator[KnowledgeBase]:
    """The knowledge base without HTTP around it, closed at the end.

    Raises `StartupError`: a model is missing, or what `open_store` raises.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        root = settings.store_dir
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        stack.callback(DirectoryLock.acquire(root, since=rfc3339(clock.now())).release)
        wanted = wanted_specs(settings)
        layout = await asyncio.to_thread(laid_out, root, wanted, rfc3339(clock.now()))
        ledger = await Ledger.open(root / LEDGER_FILE, TABLES)
        stack.push_async_callback(ledger.close)
        threads = ThreadPoolExecutor(max(1, os.cpu_count() or 1), thread_name_prefix="prepare")
        stack.callback(threads.shutdown, wait=False, cancel_futures=True)
        book = await load_corrections(ledger, clock)
        reranker = await stack.enter_async_context(opened_reranker(settings))
        opening = IndexOpening(
            Shared(
                embedders=embedders,
                folder=layout.folder,
                parser=_parser(settings),
                threads=threads,
                observer=observer,
                writing=joined_writing(settings, chat),
                corrections=book,
                reranker=reranker,
                threshold=settings.answer_threshold,
            )
        )
        indexes = Indexes(await opened_indexes(layout, opening), assigned_indexes(settings))
        stack.push_async_callback(indexes.close)
        goldens = LedgerGoldens(ledger)
        judge = StoredGoldens(goldens, conditions_from)
        replacing = await joined_replacing(
            settings,
            indexes=indexes,
            layout=layout,
            opening=opening,
            ledger=ledger,
            judge=judge,
            book=book,
            clock=clock,
        )
        guided = await stack.enter_async_context(
            open_guidance(settings, ledger, book, indexes, observer=observer, clock=clock)
        )
        yield KnowledgeBase(
            indexes=indexes,
            store=RoutedStore(indexes),
            ingestion=RoutedIngestion(indexes),
            search=RoutedSearch(indexes),
            answering=RoutedAnswering(indexes),
            replying=joined_replying(settings, indexes, observer, clock, guided.recorder),
            corrections=guided.corrections,
            insights=guided.insights,
            recorder=guided.recorder,
            removal=RoutedRemoval(indexes, (guided.corrections, guided.insights, goldens)),
            rebuilding=replacing.rebuilding,
            ledger=ledger,
            goldens=goldens,
            backups=replacing.backups,
            restoring=replacing.restoring,
            scratch=scratch_below(root, opening, wanted[MAIN]),
            reranker=reranker,
        )


def _parser(settings: RagSettings) -> FormatParser:
    return FormatParser(
        max_bytes=settings.max_document_bytes,
        max_characters=settings.max_document_characters,
        default_currency=settings.default_currency,
    )
