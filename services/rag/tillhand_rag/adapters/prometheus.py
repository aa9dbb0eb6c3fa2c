"""The knowledge base's own metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from tillhand_common.metrics import Metrics
from tillhand_rag import errors
from tillhand_rag.domain.query import MODES
from tillhand_rag.domain.support import REASONS
from tillhand_rag.errors import DocumentProblem

REFUSALS: Final = tuple(
    sorted(
        problem.slug
        for problem in vars(errors).values()
        if isinstance(problem, type) and issubclass(problem, DocumentProblem)
    )
)
INGEST_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class PrometheusObserver:
    """Counts what the use cases report."""

    def __init__(self, metrics: Metrics) -> None:
        self._queries = metrics.counter(
            "rag_queries_total", "Searches answered, those on behalf of an answer included.", {"mode": MODES}
        )
        self._query_seconds = metrics.histogram(
            "rag_query_seconds", "Seconds from query to ranked passages, embedding included.", {"mode": MODES}
        )
        self._reranked = metrics.counter(
            "rag_reranked_searches_total",
            "Searches put to the re-ranker, by whether it judged or they went on without it.",
            {"outcome": ("judged", "without")},
        )
        self._answers = metrics.counter(
            "rag_answers_total",
            "Questions answered, by whether the sources held an answer.",
            {"outcome": ("answered", "not-in-sources")},
        )
        self._answer_seconds = metrics.histogram("rag_answer_seconds", "Seconds from question to checked quotes.")
        self._written = metrics.counter(
            "rag_written_answers_total",
            "Questions put to the language model: answered, or why quotes stood in.",
            {"outcome": ("generative", "unavailable", "cut", "declined", "unsupported")},
        )
        self._sentences = metrics.counter(
            "rag_written_sentences_total",
            "Sentences of the language model, by whether the sources bear them out, and why not.",
            {"verdict": REASONS},
        )
        self._recalled = metrics.counter(
            "rag_answer_cache_total",
            "Looks into the answer cache: found, not found, or forbidden by the request.",
            {"result": ("hit", "miss", "bypass")},
        )
        self._unrecorded = metrics.counter(
            "rag_insight_dropped_total", "Questions that insight did not keep: too many waited, or the ledger failed."
        )
        self._documents = metrics.counter(
            "rag_ingested_documents_total",
            "Documents that uploads brought, by what became of them.",
            {"outcome": ("created", "updated", "unchanged")},
        )
        self._chunks = metrics.counter("rag_ingested_chunks_total", "Chunks stored.")
        self._ingest_seconds = metrics.histogram(
            "rag_ingest_seconds", "Seconds from upload to acknowledgement.", buckets=INGEST_BUCKETS_S
        )
        self._refused = metrics.counter(
            "rag_refused_uploads_total", "Uploads that could not be read, by problem.", {"problem": REFUSALS}
        )

    def searched(self, mode: str, seconds: float) -> None:
        """Count a search."""
        self._queries.labels(mode).inc()
        self._query_seconds.labels(mode).observe(seconds)

    def reranked(self, *, judged: bool) -> None:
        """Count a search put to the re-ranker."""
        self._reranked.labels("judged" if judged else "without").inc()

    def answered(self, *, answered: bool, seconds: float) -> None:
        """Count an answer."""
        self._answers.labels("answered" if answered else "not-in-sources").inc()
        self._answer_seconds.labels().observe(seconds)

    def wrote(self, outcome: str, verdicts: Mapping[str, int]) -> None:
        """Count what a language model wrote."""
        self._written.labels(outcome).inc()
        for verdict, sentences in verdicts.items():
            self._sentences.labels(verdict).inc(sentences)

    def recalled(self, result: Literal["hit", "miss", "bypass"]) -> None:
        """Count a look into the answer cache."""
        self._recalled.labels(result).inc()

    def unrecorded(self, questions: int) -> None:
        """Count questions that insight did not keep."""
        self._unrecorded.labels().inc(questions)

    def ingested(self, *, created: int, updated: int, unchanged: int, chunks: int, seconds: float) -> None:
        """Count an upload."""
        for outcome, count in (("created", created), ("updated", updated), ("unchanged", unchanged)):
            self._documents.labels(outcome).inc(count)
        self._chunks.labels().inc(chunks)
        self._ingest_seconds.labels().observe(seconds)

    def refused(self, slug: str) -> None:
        """Count an upload that could not be read."""
        self._refused.labels(slug).inc()
