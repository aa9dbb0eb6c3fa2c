"""Questions put to the knowledge base: answered from the index of their collection, or by an answer that was kept."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import AsyncGenerator, Hashable
from contextlib import aclosing
from dataclasses import replace

from tillhand_rag.ports.insight import Asked, Insight
from tillhand_rag.ports.observer import Observer
from tillhand_rag.service.answer_cache import AnswerCache
from tillhand_rag.service.answering import Answering
from tillhand_rag.service.answers import Answered, Event, Question, SourcesFound, new_answer_id
from tillhand_rag.service.indexes import Indexes


class Replying:
    """Answers questions; keeps answers, and tells of each one that was given."""

    def __init__(
        self, indexes: Indexes, *, observer: Observer, cache: AnswerCache | None = None, insight: Insight | None = None
    ) -> None:
        self._indexes = indexes
        self._observer = observer
        self._cache = cache
        self._insight = insight

    async def reply(self, question: Question) -> Answered:
        """The whole answer. Raises `EmbedderUnavailable` or `StoreUnavailable`."""
        async with aclosing(self.stream(question)) as events:
            async for event in events:
                if isinstance(event, Answered):
                    return event
        raise AssertionError("a stream ends with the answer")

    async def stream(self, question: Question) -> AsyncGenerator[Event, None]:
        """The sources, the sentences as they are known to hold, and at last the whole answer.

        The sources come first in any case. Raises as `reply` does, also in the middle.
        """
        started = time.perf_counter()
        async with self._indexes.reading(question.query.collection) as index:
            key = _key(question, index.answering)
            events = self._recalled(question, key) or self._anew(question, index.answering, key)
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, Answered):
                        self._tell(question, event, started)
                    yield event

    def _recalled(self, question: Question, key: Hashable) -> AsyncGenerator[Event, None] | None:
        """The events of the answer kept for this question."""
        if self._cache is None or not question.recall:
            self._observer.recalled("bypass")
            return None
        kept = self._cache.get(key)
        self._observer.recalled("miss" if kept is None else "hit")
        return None if kept is None else _again(*kept)

    async def _anew(self, question: Question, answering: Answering, key: Hashable) -> AsyncGenerator[Event, None]:
        sources = SourcesFound(())
        async with aclosing(answering.stream(question)) as events:
            async for event in events:
                if isinstance(event, SourcesFound):
                    sources = event
                if isinstance(event, Answered) and self._cache is not None and _keeps(question, event):
                    # Under what it was asked under: what has changed meanwhile is another key.
                    self._cache.put(key, replace(event, sources=tuple(sources.chunks)))
                yield event

    def _tell(self, question: Question, answered: Answered, started: float) -> None:
        seconds = time.perf_counter() - started
        self._observer.answered(answered=answered.answered, seconds=seconds)
        if self._insight is not None:
            corrected = answered.correction.sources if answered.correction else ()
            cited = [cited.chunk.document_id for cited in answered.citations]
            documents = [*cited, *(source.document_id for source in corrected if source.document_id)]
            self._insight.asked(
                Asked(
                    answer_id=answered.id,
                    collection=question.query.collection,
                    tenant=question.asker.tenant,
                    question=question.query.text,
                    answered=answered.answered,
                    method=answered.method,
                    confidence=answered.confidence,
                    sources=tuple(dict.fromkeys(documents)),
                    ms=seconds * 1e3,
                )
            )


async def _again(answered: Answered, age_s: float) -> AsyncGenerator[Event, None]:
    """A kept answer as it was given the first time, under an id of its own."""
    yield SourcesFound(answered.sources)
    for said in answered.sentences:
        yield said
    yield replace(answered, id=new_answer_id(), age_s=age_s)


def _keeps(question: Question, answered: Answered) -> bool:
    """Whether an answer may be given again: people's own are looked up each time, and a failure may have passed."""
    return question.keep and answered.correction is None and answered.fallback is None


def _key(question: Question, answering: Answering) -> Hashable:
    query, asker = question.query, question.asker
    visible = None if asker.collections is None else tuple(sorted(asker.collections))
    where = tuple(sorted(map(repr, query.where)))  # repr, since 1 and True are equal and mean different filters
    put = (question.method, question.max_citations, question.max_tokens, question.unsupported)
    return (
        asker.tenant,
        visible,
        query.collection,
        query.mode,
        where,
        put,
        _normal(query.text),
        answering.state(question),
    )


def _normal(text: str) -> str:
    """The question without what nobody means: white space, the form of its characters, the case of its first letter."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    return plain[:1].lower() + plain[1:]
