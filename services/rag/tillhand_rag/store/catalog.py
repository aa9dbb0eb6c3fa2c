"""One collection in memory: which documents it has, what filters may ask of them, and their vectors.

A chunk that is not in the catalog does not exist for any search: what an index still proposes of a document that has
gone, or shows of one that is only just being written, is dropped here.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tillhand_rag.domain.filters import Filter
from tillhand_rag.ports.embedding import Vectors
from tillhand_rag.ports.store import Candidate
from tillhand_rag.store.attributes import AttributeColumns, Mask
from tillhand_rag.store.exact_index import ExactIndex, Rows
from tillhand_rag.store.records import Indexable
from tillhand_rag.store.schema import ORDINAL_BITS, document_of

_ORDINAL_MASK: Final = (1 << ORDINAL_BITS) - 1
_NOBODY: Final = 0

Scored = tuple[int, float]
"""A chunk and its score."""


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a collection a filter lets through: `chunks` of `total`, in documents with these keys."""

    documents: NDArray[np.int64]
    chunks: int
    total: int


class Catalog:
    """The documents of one collection; safe from any thread."""

    def __init__(self, dimension: int) -> None:
        self._lock = threading.Lock()
        self._vectors = ExactIndex(dimension)
        self._attributes = AttributeColumns()
        self._slots: dict[int, int] = {}
        self._rows: dict[int, Rows] = {}
        self._keys = np.zeros(64, dtype=np.int64)
        self._chunks = np.zeros(64, dtype=np.int64)
        self._free: list[int] = []

    def __len__(self) -> int:
        """Chunks."""
        return self._vectors.used

    @property
    def busy(self) -> bool:
        """Whether somebody is writing to it or searching it: who asks now may have to wait."""
        return self._lock.locked()

    @property
    def documents(self) -> int:
        """Documents."""
        return len(self._slots)

    def apply(self, latest: Mapping[int, Indexable | None]) -> None:
        """Show these documents, by key, or (None) show them no more: all of them at once."""
        with self._lock:
            for key, content in latest.items():
                self._remove(key)
                if content is not None:
                    self._add(content)

    def nearest(self, vector: Vectors, where: Filter, limit: int) -> list[Candidate]:
        """The nearest chunks by cosine, best first."""
        with self._lock:
            passing = self._mask(where) if where else None
            chunks, scores = self._vectors.search(vector, passing, limit)
        return [*map(Candidate, chunks.tolist(), scores.tolist())]

    def similarity(self, vector: Vectors, chunks: Sequence[int]) -> dict[int, float]:
        """The cosine of each of these chunks that exists."""
        with self._lock:
            known = {chunk: row for chunk in chunks if (row := self._row(chunk)) is not None}
            cosines = self._vectors.cosines(vector, np.fromiter(known.values(), dtype=np.int64, count=len(known)))
        return dict(zip(known, cosines.tolist(), strict=True))

    def passing(self, where: Filter, found: Sequence[Scored]) -> list[Scored]:
        """Those chunks that exist and whose document passes, in their order."""
        chunks = np.array([chunk for chunk, _ in found], dtype=np.int64)
        with self._lock:
            known = self._slots
            slots = np.array([known.get(key, -1) for key in (chunks >> ORDINAL_BITS).tolist()], dtype=np.int64)
            passing = (slots >= 0) & (chunks & _ORDINAL_MASK < self._chunks[slots])
            if where:
                passing &= self._mask(where)[slots]
        return list(compress(found, passing.tolist()))

    def share(self, where: Filter) -> Share:
        """How much passes."""
        with self._lock:
            slots = np.flatnonzero(self._mask(where))
            return Share(self._keys[slots], int(self._chunks[slots].sum()), self._vectors.used)

    def _mask(self, where: Filter) -> Mask:
        used = len(self._slots) + len(self._free)
        mask = self._attributes.mask(where, used)
        mask &= self._keys[:used] != _NOBODY
        return mask

    def _row(self, chunk: int) -> int | None:
        rows, ordinal = self._rows.get(document_of(chunk)), chunk & _ORDINAL_MASK
        return None if rows is None or ordinal >= len(rows) else int(rows[ordinal])

    def _add(self, content: Indexable) -> None:
        slot = self._free.pop() if self._free else len(self._slots)
        if slot == len(self._keys):
            self._keys = np.concatenate([self._keys, np.zeros_like(self._keys)])
            self._chunks = np.concatenate([self._chunks, np.zeros_like(self._chunks)])
        self._slots[content.key], self._keys[slot], self._chunks[slot] = slot, content.key, len(content.vectors)
        self._attributes.put(slot, content.fields)
        self._rows[content.key] = self._vectors.add(content.chunks, slot, content.vectors)

    def _remove(self, key: int) -> None:
        slot = self._slots.pop(key, None)
        if slot is None:
            return
        self._vectors.remove(self._rows.pop(key))
        self._attributes.remove(slot)
        self._keys[slot], self._chunks[slot] = _NOBODY, 0
        self._free.append(slot)
