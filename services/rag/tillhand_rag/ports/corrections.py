"""Corrections: answers that people wrote, which win over retrieval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from tillhand_rag.ports.embedding import Vectors

Action = Literal["put", "deleted"]


@dataclass(frozen=True, slots=True)
class PatternMatch:
    """Meant for the questions that a pattern matches as a whole; see `domain.patterns`."""

    pattern: str


@dataclass(frozen=True, slots=True)
class MeaningMatch:
    """Meant for the questions that mean the same as one of these: `threshold` is the least cosine to it."""

    examples: tuple[str, ...]
    threshold: float


@dataclass(frozen=True, slots=True)
class CorrectionSource:
    """What a correction rests on: a document of its collection, a quote in one, or an address.

    With a quote and not `stale`, `stored_text[start:end] == quote` in this version of the document, as of now. `stale`:
    the document has gone, or no longer says so; then version and span are those that were verified last.
    """

    document_id: str | None = None
    source: str | None = None
    title: str | None = None
    version: str | None = None
    start: int | None = None
    end: int | None = None
    quote: str | None = None
    url: str | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True)
class CorrectionContent:
    """What a person wrote. `answer` is Markdown; times are RFC 3339 UTC."""

    match: PatternMatch | MeaningMatch
    answer: str
    sources: tuple[CorrectionSource, ...]
    author: str
    last_verified: str
    expires_at: str | None


@dataclass(frozen=True, slots=True)
class StoredCorrection:
    """A correction as kept. `key_id` and `actor` wrote this version."""

    collection: str
    id: str
    version: int
    content: CorrectionContent
    created_at: str
    updated_at: str
    key_id: str
    actor: str | None


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: the key, and in whose name it acts."""

    key_id: str
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What became of a correction: a version was put (with its content) or it was deleted."""

    version: int
    action: Action
    at: str
    key_id: str
    actor: str | None
    content: CorrectionContent | None


@dataclass(frozen=True, slots=True)
class Precondition:
    """What a write expects: one of these versions, or that there is a correction, or that there is none."""

    versions: frozenset[int] | None = None
    exists: bool | None = None

    def holds(self, version: int | None) -> bool:
        """Whether this is so of a correction with this version, or (None) of one that does not exist."""
        if self.versions is not None and version not in self.versions:
            return False
        return self.exists is None or self.exists == (version is not None)


@dataclass(frozen=True, slots=True)
class Correction:
    """The correction that wins for a question. Times are RFC 3339 UTC; `answer` is Markdown.

    `matched_by` tells how it was found; `score` is the cosine to the nearest example, 1 for a pattern.
    """

    id: str
    collection: str
    version: int
    answer: str
    sources: Sequence[CorrectionSource]
    author: str
    last_verified: str
    expires_at: str | None
    matched_by: Literal["pattern", "meaning"]
    score: float


class Corrections(Protocol):
    """The corrections in force, as answering asks for them."""

    async def matching(self, collection: str, question: str, vector: Vectors | None) -> Correction | None:
        """The correction that wins for this question, its sources verified now; None where none is meant for it.

        `vector` is the question's, shape (dimension,); without one only patterns can match. Raises `StoreUnavailable`.
        """
        ...

    def version(self, collection: str) -> int:
        """Grows whenever another correction may win in this collection: one was written, deleted, or has expired."""
        ...


class CorrectionRecords(Protocol):
    """Corrections as kept, with all that they ever were. Every method raises `StoreUnavailable`."""

    async def put(
        self, collection: str, name: str, content: CorrectionContent, by: Writer, *, now: str, when: Precondition
    ) -> StoredCorrection:
        """Keep a new version. Raises `CorrectionChanged` when `when` does not hold, or `TooManyCorrections`."""
        ...

    async def delete(self, collection: str, name: str, by: Writer, *, now: str, when: Precondition) -> bool:
        """Delete a correction, and keep its history; False when there was none. Raises `CorrectionChanged`."""
        ...

    async def delete_collection(self, collection: str) -> Sequence[StoredCorrection]:
        """Delete all of a collection with their history; returns those that there were."""
        ...

    async def get(self, collection: str, name: str) -> StoredCorrection | None: ...

    async def all(self) -> Sequence[StoredCorrection]:
        """Those of every collection."""
        ...

    async def page(self, collection: str, *, after: str, limit: int) -> Sequence[StoredCorrection]:
        """Corrections by id, those behind `after`."""
        ...

    async def history(self, collection: str, name: str, *, after: int, limit: int) -> Sequence[HistoryEntry]:
        """What became of a correction, oldest first, those behind this version."""
        ...

    async def vectors(self, collection: str, space: str) -> Mapping[str, Vectors]:
        """The kept vectors of the example questions of this embedding space, by correction."""
        ...

    async def keep_vectors(self, collection: str, space: str, vectors: Mapping[tuple[str, int], Vectors]) -> None:
        """Keep vectors of example questions, by correction and its version; those of a version gone by are dropped."""
        ...
