"""The knowledge base, as the console needs it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.results import Failure, Result
from tillhand_dashboard.ports.approvals import Relayed
from tillhand_dashboard.ports.views import Row, Upload, View


class PassageView(View):
    """A passage that was found: `text` is `stored_text[start:end]` of that version of the document."""

    document_id: str
    source: str
    title: str
    version: str
    start: int
    end: int
    text: str
    heading_path: Sequence[str]
    score: float = 0.0


class CitationView(View):
    """An exact quote."""

    document_id: str
    source: str
    title: str
    version: str
    start: int
    end: int
    quote: str
    heading_path: Sequence[str]
    flagged: bool = False


class SentenceView(View):
    """A sentence of an answer; `citations` count from 1."""

    text: str
    citations: Sequence[int]
    supported: bool


class AnswerView(View):
    """An answer, or the word that the sources do not hold one."""

    id: str
    answered: bool
    answer: str | None
    method: str
    confidence: float
    threshold: float
    citations: Sequence[CitationView]
    sentences: Sequence[SentenceView]
    correction: Row | None
    notices: Sequence[Row]
    fallback: Row | None = None
    model: str | None = None
    cached: bool = False


class DocumentView(View):
    """A stored document."""

    collection: str
    id: str
    source: str
    title: str
    media_type: str
    version: str
    characters: int
    chunks: int
    created_at: str
    updated_at: str


class Page(View):
    """Rows, and where the next page begins."""

    items: Sequence[Row]
    next_cursor: str | None = None


class SpanView(View):
    """A span of a document's text."""

    document_id: str
    version: str
    start: int
    end: int
    text: str


class Knowledge(Protocol):
    """Searches, answers, keeps documents and corrections."""

    async def search(
        self, person: Person, query: str, collection: str, top_k: int = 10
    ) -> Result[Sequence[PassageView]]:
        """Passages, best first."""
        ...

    async def answer(self, person: Person, question: str, collection: str) -> Result[AnswerView]:
        """An answer from the sources alone."""
        ...

    def answer_stream(self, person: Person, question: str, collection: str) -> AsyncGenerator[Relayed | Failure, None]:
        """The same as events: `sources`, a `token` for each sentence, `done`; a failure ends it."""
        ...

    async def feedback(self, person: Person, answer_id: str, rating: str, comment: str = "") -> Result[None]:
        """Say whether an answer helped."""
        ...

    async def documents(self, person: Person, collection: str, cursor: str | None = None) -> Result[Page]:
        """A page of documents."""
        ...

    async def text(self, person: Person, document_id: str, collection: str, start: int, end: int) -> Result[SpanView]:
        """A span of a document's text."""
        ...

    async def upload(self, person: Person, file: Upload, collection: str, key: str) -> Result[Row]:
        """Put a file into the knowledge base."""
        ...

    async def delete(self, person: Person, document_id: str, collection: str) -> Result[None]:
        """Remove a document."""
        ...

    async def corrections(self, person: Person, collection: str, cursor: str | None = None) -> Result[Page]:
        """A page of corrections."""
        ...

    async def correct(self, person: Person, correction: Row, key: str) -> Result[Row]:
        """Write a correction."""
        ...

    async def forget_correction(self, person: Person, correction_id: str, collection: str) -> Result[None]:
        """Delete a correction; its history stays."""
        ...

    async def goldens(self, person: Person, collection: str) -> Result[Row]:
        """The golden questions of a collection."""
        ...

    async def evaluations(self, person: Person, cursor: str | None = None) -> Result[Page]:
        """Golden results, the newest first."""
        ...
