"""Opens the knowledge base of a data directory: the generations that serve, and everything that is kept beside them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from tillhand_common.clock import Clock, SystemClock, rfc3339
from tillhand_rag.adapters.embedding import EmbedderPool
from tillhand_rag.adapters.parsing import FormatParser
from tillhand_rag.app.joining import IndexOpening, Shared
from tillhand_rag.domain.indexes import MAIN, IndexSpec, Placement, index_name
from tillhand_rag.ports.observer import Observer
from tillhand_rag.service.indexes import Index, Indexes
from tillhand_rag.service.rebuilding import GoldenFigures, Rebuilding
from tillhand_rag.service.routed import RoutedAnswering, RoutedIngestion, RoutedRemoval, RoutedSearch, RoutedStore
from tillhand_rag.settings import RagSettings
from tillhand_rag.store import DirectoryLock, Layout, holds_documents

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """The running knowledge base, as `app.state.rag`."""

    indexes: Indexes
    store: RoutedStore
    ingestion: RoutedIngestion
    search: RoutedSearch
    answering: RoutedAnswering
    removal: RoutedRemoval
    rebuilding: Rebuilding


@asynccontextmanager
async def open_knowledge_base(
    settings: RagSettings, embedders: EmbedderPool, observer: Observer, *, clock: Clock | None = None
) -> AsyncIterator[KnowledgeBase]:
    """The knowledge base without HTTP around it, closed at the end.

    Raises `StartupError`: a model is missing, or what `open_store` raises.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        root = settings.store_dir
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        stack.callback(DirectoryLock.acquire(root, since=rfc3339(clock.now())).release)
        wanted = _wanted(settings)
        layout = await asyncio.to_thread(_laid_out, root, wanted, rfc3339(clock.now()))
        threads = ThreadPoolExecutor(max(1, os.cpu_count() or 1), thread_name_prefix="prepare")
        stack.callback(threads.shutdown, wait=False, cancel_futures=True)
        opening = IndexOpening(Shared(embedders, layout.folder, _parser(settings), threads, observer))
        indexes = Indexes(await _opened(layout, opening), _assigned(settings))
        stack.push_async_callback(indexes.close)
        rebuilding = Rebuilding(
            indexes=indexes,
            placements=layout,
            opening=opening,
            goldens=_NoGoldens(),
            wanted=wanted,
            clock=clock,
            tolerance=settings.rebuild_tolerance,
        )
        stack.push_async_callback(rebuilding.close)
        yield KnowledgeBase(
            indexes=indexes,
            store=RoutedStore(indexes),
            ingestion=RoutedIngestion(indexes),
            search=RoutedSearch(indexes),
            answering=RoutedAnswering(indexes),
            removal=RoutedRemoval(indexes),
            rebuilding=rebuilding,
        )


class _NoGoldens:
    async def figures(self, index: Index) -> GoldenFigures:  # noqa: ARG002  # no index has any
        return GoldenFigures(0, 0)


def _parser(settings: RagSettings) -> FormatParser:
    return FormatParser(
        max_bytes=settings.max_document_bytes,
        max_characters=settings.max_document_characters,
        default_currency=settings.default_currency,
    )


def _assigned(settings: RagSettings) -> dict[str, str]:
    """The index of each collection that has a model of its own."""
    models = settings.models_by_collection
    return {collection: index_name(model, settings.embedding_model) for collection, model in models.items()}


def _wanted(settings: RagSettings) -> dict[str, IndexSpec]:
    """What the settings ask each index to be made with."""
    models = {settings.embedding_model, *settings.models_by_collection.values()}
    return {
        index_name(model, settings.embedding_model): IndexSpec(model, settings.chunk_tokens) for model in sorted(models)
    }


def _laid_out(root: Path, wanted: Mapping[str, IndexSpec], now: str) -> Layout:
    """The layout with a live generation for every index that is wanted or holds something, and nothing else on disk."""
    layout = Layout(root)
    layout.adopt_unplaced(wanted[MAIN], now)
    for name, placement in list(layout.placements.items()):
        if placement.building is not None:
            layout.place(name, Placement(placement.live, placement.previous))
        if not holds_documents(layout.folder(placement.live)) and placement.live.spec != wanted.get(name):
            layout.place(name, None)
    for name, spec in wanted.items():
        if name not in layout.placements:
            layout.place(name, Placement(layout.next_generation(name, spec, now)))
    for orphan in layout.sweep():
        _log.info("orphan_removed", folder=orphan)
    return layout


async def _opened(layout: Layout, opening: IndexOpening) -> dict[str, Index]:
    """Every live generation. One that cannot be opened closes those that could."""
    indexes: dict[str, Index] = {}
    async with AsyncExitStack() as opened:
        for name, placement in layout.placements.items():
            indexes[name] = await opening(name, placement.live)
            opened.push_async_callback(indexes[name].close)
        opened.pop_all()
    return indexes
