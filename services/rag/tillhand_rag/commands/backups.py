"""Backups of a knowledge base that does not run: opened here, alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from tillhand_common.metrics import Metrics
from tillhand_common.settings import load
from tillhand_rag.adapters.embedding import EmbedderPool, model_builder
from tillhand_rag.adapters.prometheus import PrometheusObserver
from tillhand_rag.app import KnowledgeBase, open_knowledge_base
from tillhand_rag.settings import RagSettings

Say = Callable[[str], None]


async def create_backup(say: Say) -> dict[str, Any]:
    """Back up everything; the manifest. Raises `StartupError` when a service runs on the data."""
    async with _opened() as base:
        return (await base.backups.create(progress=_told(say))).as_json()


async def restore_backup(name: str, say: Say) -> dict[str, Any]:
    """Put a backup in place of everything; the report. Raises as `create_backup` and `verify_backup` do."""
    async with _opened() as base:
        done = await base.restoring.restore(name, progress=_told(say))
        return {**asdict(done), "verified": done.verified}


@asynccontextmanager
async def _opened() -> AsyncIterator[KnowledgeBase]:
    settings, metrics = load(RagSettings), Metrics("commands")
    pool = EmbedderPool(model_builder(settings.of_model, metrics))
    async with open_knowledge_base(settings, pool, PrometheusObserver(metrics)) as base:
        yield base


def _told(say: Say) -> Callable[[str, int, int], None]:
    return lambda phase, _done, _total: say(f"{phase} …")
