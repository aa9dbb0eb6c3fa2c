"""What the knowledge base's readiness depends on: its models, its stores, its indexes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final, Protocol

from tillhand_common.health import Check, CheckResult
from tillhand_rag.domain.indexes import IndexSpec
from tillhand_rag.errors import EmbedderUnavailable, StoreUnavailable
from tillhand_rag.ports.store import CollectionStats, StoreState
from tillhand_rag.service.indexes import Indexes

MODEL_INTERVAL_S: Final = 30.0


class Wishes(Protocol):
    """What the settings ask of the indexes."""

    def wanted(self, name: str) -> IndexSpec: ...

    async def misplaced(self) -> Sequence[str]: ...


class Watched:
    """The three checks over all indexes. One that fails to be built only degrades: dense searches stay complete."""

    def __init__(self, indexes: Indexes, wishes: Wishes) -> None:
        self._indexes = indexes
        self._wishes = wishes

    def checks(self) -> tuple[Check, ...]:
        """As the chassis runs them."""
        return (
            Check("model", self._models, interval_s=MODEL_INTERVAL_S),
            Check("store", self._stores),
            Check("index", self._derived, critical=False),
        )

    async def _models(self) -> CheckResult:
        spaces = []
        for index in self._indexes.all():
            try:
                await index.embedder.probe()
            except EmbedderUnavailable as problem:
                return CheckResult("failed", problem.detail)
            spaces.append(index.embedder.space)
        others = [space.model for space in spaces[1:]]
        return CheckResult("ok", data=asdict(spaces[0]) | ({"beside": others} if others else {}))

    async def _stores(self) -> CheckResult:
        held: list[CollectionStats] = []
        for index in self._indexes.all():
            try:
                held += await index.store.collections()
            except StoreUnavailable as problem:
                return CheckResult("failed", problem.detail)
            if index.store.status().stale:
                return CheckResult("failed", "Documents were kept that searches do not show yet.")
        documents, chunks = sum(each.documents for each in held), sum(each.chunks for each in held)
        return CheckResult("ok", data={"collections": len(held), "documents": documents, "chunks": chunks})

    async def _derived(self) -> CheckResult:
        states = [index.store.status() for index in self._indexes.all()]
        sound = all(state.keyword_index_sound for state in states)
        vectors = _worst(states)
        wanted = [i.name for i in self._indexes.all() if self._wishes.wanted(i.name) != i.generation.spec]
        misplaced = await self._wishes.misplaced()
        data = {
            "keyword_index": "ready" if sound else "damaged",
            "vector_index": vectors,
            "vector_index_behind": sum(state.vector_index_behind for state in states),
            "rebuilds": sum(state.rebuilds for state in states),
            "rebuild_wanted": wanted,
            "collections_to_move": misplaced,
        }
        if not sound or vectors == "failed":
            return CheckResult("degraded", vectors, data)
        if wanted or misplaced:
            return CheckResult("degraded", "The settings ask for a rebuild: run `tillhand rag rebuild`.", data)
        return CheckResult("ok", vectors, data)


def _worst(states: Sequence[StoreState]) -> str:
    """The state of the vector indexes together: a failed one first, then one that is not ready."""
    found = [state.vector_index for state in states]
    return next((state for state in ("failed", "closed", "opening", "filling") if state in found), found[0])
