"""A question in, an answer from the sources out, each sentence checked against the stored text before it leaves.

What is asked in turn: a correction that people wrote; the sources, whether they hold an answer at all; then, where one
is configured and wanted, a language model, whose sentences are sent as far as the sources bear them out. Quotes stand
in for what it fails to deliver.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from tillhand_rag.domain.answers import MAX_PASSAGES, THRESHOLD
from tillhand_rag.domain.query import Query
from tillhand_rag.ports.corrections import Correction, Corrections
from tillhand_rag.ports.embedding import Embedder, Vectors
from tillhand_rag.ports.flagging import Flag, unflagged
from tillhand_rag.ports.observer import Observer
from tillhand_rag.ports.store import ChunkRecord, KnowledgeStore
from tillhand_rag.service.answers import Answered, Cited, Event, Fallback, Question, Said, SourcesFound
from tillhand_rag.service.grounding import Sources
from tillhand_rag.service.quoting import Quoting
from tillhand_rag.service.search import Search
from tillhand_rag.service.writing import Manuscript, Writing

__all__ = ["Answered", "Answering", "Cited"]


class Answering:
    """Answers questions with what people wrote, with a language model's checked sentences, or with quotes."""

    def __init__(
        self,
        *,
        search: Search,
        store: KnowledgeStore,
        embedder: Embedder,
        observer: Observer,
        corrections: Corrections | None = None,
        writing: Writing | None = None,
        flag: Flag = unflagged,
        threshold: float = THRESHOLD,
    ) -> None:
        self._search = search
        self._store = store
        self._embedder = embedder
        self._quoting = Quoting(store=store, embedder=embedder, flag=flag, threshold=threshold)
        self._observer = observer
        self._corrections = corrections
        self._writing = writing
        self._flag = flag

    def state(self, question: Question) -> tuple[object, ...]:
        """All that an answer depends on beside the question and how it is put: a kept one holds as long as it does."""
        collection = question.query.collection
        corrected = self._corrections.version(collection) if self._corrections else 0
        written = None
        if self._writing is not None and question.method != "extractive":
            written = (self._writing.chat.name, self._writing.prompt.label, self._writing.options)
        return self._store.version(collection), corrected, self._embedder.space.id, self._search.second_look, written

    async def answer(self, query: Query, *, max_citations: int) -> Answered:
        """Quotes that answer, at most `max_citations`: without corrections, without a language model.

        Raises `EmbedderUnavailable` or `StoreUnavailable`.
        """
        started = time.perf_counter()
        vector = await self._embedded(query.text)
        embed_ms = (time.perf_counter() - started) * 1e3
        found = await self._search.search(replace(query, top_k=MAX_PASSAGES), vector=vector)
        return await self._quoting.answer(query, found, vector, max_citations=max_citations, embed_ms=embed_ms)

    async def stream(self, question: Question) -> AsyncGenerator[Event, None]:
        """The sources, the sentences as they are known to hold, and at last the whole answer.

        Raises `EmbedderUnavailable` or `StoreUnavailable`, also in the middle.
        """
        started = time.perf_counter()
        query = question.query
        vector = await self._embedded(query.text)
        embed_ms = (time.perf_counter() - started) * 1e3
        if corrected := await self._corrected(query, vector):
            yield SourcesFound(())
            said = Said(corrected.answer, corrected.answer)
            yield said
            yield _by_people(corrected, said, embed_ms, self._quoting.threshold)
            return
        found = await self._search.search(replace(query, top_k=self._depth(question)), vector=vector)
        chunks = [passage.chunk for passage in found.passages]
        yield SourcesFound(chunks)
        quoted = await self._quoting.answer(
            query, found, vector, max_citations=question.max_citations, embed_ms=embed_ms
        )
        if quoted.answered and self._wants_writing(question):
            events = self._written(question, quoted, chunks)
        else:
            events = _as_quoted(quoted)
        async with aclosing(events):
            async for event in events:
                yield event

    def _wants_writing(self, question: Question) -> bool:
        return question.method == "generative" or (question.method == "auto" and self._writing is not None)

    def _depth(self, question: Question) -> int:
        """How many passages are read: those that quotes are taken from, and as many as the model is given."""
        given = self._writing.options.sources if self._writing and self._wants_writing(question) else 0
        return max(MAX_PASSAGES, given)

    async def _embedded(self, text: str) -> Vectors:
        vector: Vectors = (await self._embedder.embed([text]))[0]
        return vector

    async def _corrected(self, query: Query, vector: Vectors) -> Correction | None:
        if self._corrections is None:
            return None
        return await self._corrections.matching(query.collection, query.text, vector)

    async def _written(
        self, question: Question, quoted: Answered, chunks: Sequence[ChunkRecord]
    ) -> AsyncGenerator[Event, None]:
        """What the language model writes, and quotes for what it fails to."""
        if self._writing is None:
            async for event in _as_quoted(replace(quoted, fallback=Fallback("not-configured"))):
                yield event
            return
        started = time.perf_counter()
        manuscript = self._begun(self._writing, question, chunks)
        async with aclosing(manuscript.sentences()) as sentences:
            async for said in sentences:
                yield said
        reason = manuscript.fallback
        for said in _standing_in(manuscript, quoted) if reason else ():
            yield said
        whole = _whole(manuscript, quoted) if manuscript.said else quoted
        self._observer.wrote(reason or "generative", manuscript.verdicts)
        yield replace(
            whole,
            fallback=Fallback(reason, manuscript.retry_after_s) if reason else None,
            usage=manuscript.usage,
            model=self._writing.chat.name,
            prompt=self._writing.prompt.label,
            write_ms=(time.perf_counter() - started) * 1e3,
            notices=manuscript.notices,
        )

    def _begun(self, writing: Writing, question: Question, chunks: Sequence[ChunkRecord]) -> Manuscript:
        text, given = question.query.text, chunks[: writing.options.sources]
        sources = Sources(text, given, store=self._store, embedder=self._embedder, flag=self._flag)
        return writing.begin(
            text,
            sources,
            question.query.collection,
            max_tokens=question.max_tokens,
            unsupported=question.unsupported,
        )


async def _as_quoted(quoted: Answered) -> AsyncGenerator[Event, None]:
    for said in quoted.sentences:
        yield said
    yield quoted


def _standing_in(manuscript: Manuscript, quoted: Answered) -> Sequence[Said]:
    """The quotes that take the place of what was not written: all of the answer, or the best one after what was."""
    if not manuscript.said:
        return quoted.sentences
    best = quoted.citations[0]
    known = any(
        cited.chunk.chunk_id == best.chunk.chunk_id and cited.start < best.end and best.start < cited.end
        for cited in manuscript.citations
    )
    return () if known else (manuscript.quote(best),)


def _whole(manuscript: Manuscript, quoted: Answered) -> Answered:
    """The answer that a manuscript has become."""
    return replace(
        quoted,
        text="".join(said.piece for said in manuscript.said),
        method="generative",
        citations=tuple(manuscript.citations),
        sentences=tuple(manuscript.said),
    )


def _by_people(correction: Correction, said: Said, embed_ms: float, threshold: float) -> Answered:
    return Answered(
        text=correction.answer,
        confidence=1.0,
        threshold=threshold,
        citations=(),
        embed_ms=embed_ms,
        retrieve_ms=0.0,
        method="correction",
        sentences=(said,),
        correction=correction,
    )
