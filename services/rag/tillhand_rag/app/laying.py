"""Lays out a data directory: the generations that serve, and nothing that a dead process left."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import structlog

from tillhand_common.lifecycle import StartupError
from tillhand_rag.app.joining import IndexOpening
from tillhand_rag.domain.indexes import MAIN, IndexSpec, Placement, index_name
from tillhand_rag.errors import IndexUnusable
from tillhand_rag.service.indexes import Index
from tillhand_rag.settings import RagSettings
from tillhand_rag.store import Layout, holds_documents

_log: Final = structlog.get_logger(__name__)


def assigned_indexes(settings: RagSettings) -> dict[str, str]:
    """The index of each collection that has a model of its own."""
    models = settings.models_by_collection
    return {collection: index_name(model, settings.embedding_model) for collection, model in models.items()}


def wanted_specs(settings: RagSettings) -> dict[str, IndexSpec]:
    """What the settings ask each index to be made with."""
    models = {settings.embedding_model, *settings.models_by_collection.values()}
    return {
        index_name(model, settings.embedding_model): IndexSpec(model, settings.chunk_tokens) for model in sorted(models)
    }


def laid_out(root: Path, wanted: Mapping[str, IndexSpec], now: str) -> Layout:
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


async def opened_indexes(layout: Layout, opening: IndexOpening) -> dict[str, Index]:
    """Every live generation. One that cannot be opened closes those that could."""
    indexes: dict[str, Index] = {}
    async with AsyncExitStack() as opened:
        for name, placement in layout.placements.items():
            try:
                indexes[name] = await opening(name, placement.live)
            except IndexUnusable as problem:
                raise StartupError(problem.detail) from problem
            opened.push_async_callback(indexes[name].close)
        opened.pop_all()
    return indexes
