"""What the knowledge base's readiness depends on: its model, its store, its indexes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final, Protocol

from tillhand_common.health import Check, CheckResult
from tillhand_rag.errors import EmbedderUnavailable, StoreUnavailable
from tillhand_rag.ports.embedding import EmbeddingSpace
from tillhand_rag.ports.store import CollectionStats

MODEL_INTERVAL_S: Final = 30.0


class WatchedModel(Protocol):
    """A model that can be asked whether it still answers."""

    @property
    def space(self) -> EmbeddingSpace: ...

    async def probe(self) -> None:
        """Compute something, past every cache. Raises `EmbedderUnavailable`."""
        ...


class StoreState(Protocol):
    """How the store and its derived indexes are."""

    @property
    def vector_index(self) -> str: ...
    @property
    def vector_index_behind(self) -> int: ...
    @property
    def rebuilds(self) -> int: ...
    @property
    def keyword_index_sound(self) -> bool: ...
    @property
    def stale(self) -> bool: ...


class WatchedStore(Protocol):
    """A store that can be asked how it is."""

    async def collections(self) -> Sequence[CollectionStats]: ...

    def status(self) -> StoreState: ...


def checks(model: WatchedModel, store: WatchedStore) -> tuple[Check, ...]:
    """The three checks. An index that fails only degrades: it is built again, and dense searches stay complete."""

    async def answers() -> CheckResult:
        try:
            await model.probe()
        except EmbedderUnavailable as problem:
            return CheckResult("failed", problem.detail)
        return CheckResult("ok", data=asdict(model.space))

    async def truth() -> CheckResult:
        try:
            held = await store.collections()
        except StoreUnavailable as problem:
            return CheckResult("failed", problem.detail)
        if store.status().stale:
            return CheckResult("failed", "Documents were kept that searches do not show yet.")
        documents, chunks = sum(each.documents for each in held), sum(each.chunks for each in held)
        return CheckResult("ok", data={"collections": len(held), "documents": documents, "chunks": chunks})

    async def index() -> CheckResult:
        state = store.status()
        data = {
            "keyword_index": "ready" if state.keyword_index_sound else "damaged",
            "vector_index": state.vector_index,
            "vector_index_behind": state.vector_index_behind,
            "rebuilds": state.rebuilds,
        }
        sound = state.keyword_index_sound and state.vector_index != "failed"
        return CheckResult("ok" if sound else "degraded", state.vector_index, data)

    return (
        Check("model", answers, interval_s=MODEL_INTERVAL_S),
        Check("store", truth),
        Check("index", index, critical=False),
    )
