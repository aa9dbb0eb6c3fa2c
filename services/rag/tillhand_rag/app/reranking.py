"""The re-ranker that the settings describe, if they describe one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tillhand_common.health import Check, CheckResult
from tillhand_rag.adapters.embedding.cores import available_cores
from tillhand_rag.adapters.reranking import CrossEncoderReranker
from tillhand_rag.ports.reranking import Reranker
from tillhand_rag.settings import RagSettings


@asynccontextmanager
async def opened_reranker(settings: RagSettings) -> AsyncIterator[CrossEncoderReranker | None]:
    """It loads while the service already serves; None where none is configured."""
    if not settings.reranker:
        yield None
        return
    threads = settings.embedding_threads or available_cores()
    reranker = CrossEncoderReranker(settings.reranker, threads=threads, depth=settings.rerank_passages)
    await reranker.start()
    try:
        yield reranker
    finally:
        await reranker.close()


def reranker_check(reranker: Reranker) -> Check:
    """Whether it judges. It never keeps the service from being ready: what was found holds without it."""

    async def state() -> CheckResult:
        judges = reranker.state == "ready"
        return CheckResult("ok" if judges else "degraded", "" if judges else reranker.state, {"model": reranker.name})

    return Check("reranker", state, critical=False)
