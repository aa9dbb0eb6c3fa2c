"""What pages about the knowledge base are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from tillhand_dashboard.ports.views import Row, View


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
    created_at: datetime
    updated_at: datetime


class DocumentsView(View):
    """A page of documents."""

    items: Sequence[DocumentView]
    next_cursor: str | None = None


class ProgressView(View):
    """How far a job is; `found` is none while nobody knows."""

    phase: str = "waiting"
    found: int | None = None
    done: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0


class RefusedView(View):
    """A file that could not be taken, and why."""

    source: str
    reason: str
    detail: str


class IngestionView(View):
    """A job that reads files into a collection. While it runs, `failures` may be left out."""

    id: str
    state: str
    collection: str = "default"
    progress: ProgressView
    failures: Sequence[RefusedView] = ()
    failures_total: int = 0
    error: RefusedView | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.state in {"done", "failed", "cancelled"}


class CorrectionSourceView(View):
    """What a correction rests on."""

    document_id: str | None = None
    source: str | None = None
    title: str | None = None
    version: str | None = None
    start: int | None = None
    end: int | None = None
    quote: str | None = None
    url: str | None = None
    stale: bool = False


class MatchView(View):
    """Which questions a correction is meant for."""

    type: str
    pattern: str = ""
    examples: Sequence[str] = ()
    threshold: float = 0.0


class CorrectionTextView(View):
    """An answer that a person wrote, and for which questions."""

    match: MatchView
    answer: str
    sources: Sequence[CorrectionSourceView] = ()
    author: str
    last_verified: datetime
    expires_at: datetime | None = None


class CorrectionView(CorrectionTextView):
    """The same as it is kept."""

    id: str
    collection: str
    expired: bool
    version: int
    updated_at: datetime


class CorrectionsView(View):
    """A page of corrections."""

    items: Sequence[CorrectionView]
    next_cursor: str | None = None


class CorrectionChangeView(View):
    """What became of a correction: a version was written, or it was deleted and has no content."""

    version: int
    action: str
    at: datetime
    key_id: str
    actor: str | None = None
    content: CorrectionTextView | None = None


class CorrectionHistoryView(View):
    """What became of a correction, the oldest first."""

    items: Sequence[CorrectionChangeView]
    next_cursor: str | None = None


class CollectionView(View):
    """A collection, and how much it holds."""

    name: str
    documents: int = 0


class CollectionsView(View):
    """The collections by name."""

    items: Sequence[CollectionView]


class OutcomeView(View):
    """How one golden question went; `problem` is none where it went as it should."""

    id: str
    question: str
    answerable: bool
    answered: bool
    confidence: float
    problem: str | None = None
    quote: str | None = None
    source: str | None = None


class ReportView(View):
    """What an evaluation found."""

    figures: Mapping[str, float]
    passed: bool
    missed: Sequence[Row] = ()
    outcomes: Sequence[OutcomeView] = ()
    index: str = ""
    model: str = ""
    seconds: float = 0.0


class EvaluationView(View):
    """The golden questions, asked all together."""

    id: str
    collection: str
    mode: str
    state: str
    created_at: datetime
    finished_at: datetime | None = None
    report: ReportView | None = None
    error: Row | None = None


class EvaluationsView(View):
    """A page of evaluations, the newest first."""

    items: Sequence[EvaluationView]
    next_cursor: str | None = None


class GoldensView(View):
    """The golden questions of a collection."""

    collection: str
    questions: Sequence[Row]


class SpanView(View):
    """A span of a document's text."""

    document_id: str
    version: str
    start: int
    end: int
    text: str
