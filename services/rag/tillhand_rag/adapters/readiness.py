"""What the knowledge base's readiness depends on: its model, its store, its indexes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from tillhand_common.health import Check, CheckResult
from tillhand_rag.errors import EmbedderUnavailable, StoreUnavailable
from tillhand_rag.ports import Embedder
from tillhand_rag.store import Store

MODEL_INTERVAL_S: Final = 60.0
PROBE: Final = "Is the model well?"


def checks(embedder: Embedder, store: Store) -> tuple[Check, ...]:
    """The three checks. A vector index that fails only degrades: searches stay complete without it."""

    async def model() -> CheckResult:
        try:
            vectors = await embedder.embed([PROBE])
        except EmbedderUnavailable as problem:
            return CheckResult("failed", problem.detail)
        well = vectors.shape == (1, embedder.space.dimension)
        return CheckResult("ok" if well else "failed", data=asdict(embedder.space))

    async def truth() -> CheckResult:
        try:
            held = await store.collections()
        except StoreUnavailable as problem:
            return CheckResult("failed", problem.detail)
        data = {
            "collections": len(held),
            "documents": sum(collection.documents for collection in held),
            "chunks": sum(collection.chunks for collection in held),
        }
        return CheckResult("ok", data=data)

    async def index() -> CheckResult:
        status = store.status()
        data = {
            "vector_index": status.vector_index,
            "vector_index_behind": status.vector_index_behind,
            "rebuilds": status.rebuilds,
        }
        return CheckResult("degraded" if status.vector_index == "failed" else "ok", status.vector_index, data)

    return (
        Check("model", model, interval_s=MODEL_INTERVAL_S),
        Check("store", truth),
        Check("index", index, critical=False),
    )
