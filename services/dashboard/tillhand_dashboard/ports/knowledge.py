"""The knowledge base, as the console needs it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.results import Failure, Result
from tillhand_dashboard.ports.approvals import Relayed
from tillhand_dashboard.ports.knowledge_views import (
    AnswerView,
    CollectionsView,
    CorrectionHistoryView,
    CorrectionsView,
    CorrectionView,
    DocumentsView,
    DocumentView,
    EvaluationsView,
    EvaluationView,
    GoldensView,
    IngestionView,
    PassageView,
    SpanView,
)
from tillhand_dashboard.ports.views import Row, Upload


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

    async def documents(self, person: Person, collection: str, cursor: str | None = None) -> Result[DocumentsView]:
        """A page of documents."""
        ...

    async def document(self, person: Person, document_id: str, collection: str) -> Result[DocumentView]:
        """A document without its text."""
        ...

    async def ingest(self, person: Person, files: Sequence[Upload], collection: str, key: str) -> Result[IngestionView]:
        """Have files read as a job."""
        ...

    async def ingestion(self, person: Person, ingestion_id: str) -> Result[IngestionView]:
        """How far a job is."""
        ...

    def ingestion_stream(self, person: Person, ingestion_id: str) -> AsyncGenerator[Relayed | Failure, None]:
        """The same as events: `progress` after each step, `done` at the end."""
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

    async def corrections(self, person: Person, collection: str, cursor: str | None = None) -> Result[CorrectionsView]:
        """A page of corrections."""
        ...

    async def correct(self, person: Person, correction: Row, key: str) -> Result[Row]:
        """Write a correction."""
        ...

    async def correction(self, person: Person, correction_id: str, collection: str) -> Result[CorrectionView]:
        """A correction, its sources checked now."""
        ...

    async def rewrite(self, person: Person, correction_id: str, correction: Row, version: int) -> Result[Row]:
        """Write the next version of a correction, if this is still the one that is in force."""
        ...

    async def correction_history(
        self, person: Person, correction_id: str, collection: str
    ) -> Result[CorrectionHistoryView]:
        """What became of a correction, deleted or not; the first thousand changes."""
        ...

    async def forget_correction(
        self, person: Person, correction_id: str, collection: str, version: int | None = None
    ) -> Result[None]:
        """Delete a correction, if it still has this version; its history stays."""
        ...

    async def collections(self, person: Person) -> Result[CollectionsView]:
        """The collections that there are."""
        ...

    async def evaluate(self, person: Person, collection: str, key: str) -> Result[EvaluationView]:
        """Ask the golden questions of a collection."""
        ...

    async def goldens(self, person: Person, collection: str) -> Result[GoldensView]:
        """The golden questions of a collection."""
        ...

    async def evaluations(self, person: Person, cursor: str | None = None) -> Result[EvaluationsView]:
        """Golden results, the newest first."""
        ...
