"""Questions whose right answers are known, put to search and answers: golden ones, and those of a test collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol

from tillhand_rag.domain.documents import RECORD
from tillhand_rag.domain.evaluation import JudgedQuery, evaluate_retrieval
from tillhand_rag.domain.filters import Condition
from tillhand_rag.domain.goldens import (
    LAST_QUOTE,
    GivenAnswer,
    GivenQuote,
    GoldenQuestion,
    GoldenReport,
    evaluate_goldens,
)
from tillhand_rag.domain.metrics import Grades
from tillhand_rag.domain.query import Mode, Query
from tillhand_rag.ports.store import ChunkRecord
from tillhand_rag.service.answering import Answered
from tillhand_rag.service.search import Found

DEEP: Final = 300
"""Passages behind `recall@100`, which counts documents: a long document fills several places."""
SHALLOW: Final = 10
FIRST: Final = 5
"""Passages among which a golden question's source is looked for: an answer is made from no more."""

Conditions = Callable[[Mapping[str, object]], Sequence[Condition]]
"""Filters in the wire's form as conditions. Raises `InvalidFilter`."""
Passed = Callable[[], None]


class _Searches(Protocol):
    async def search(self, query: Query) -> Found: ...


class _Answers(Protocol):
    async def answer(self, query: Query, *, max_citations: int) -> Answered: ...


class Asked(Protocol):
    """What questions are put to: an index, or all of them."""

    @property
    def search(self) -> _Searches: ...

    @property
    def answering(self) -> _Answers: ...


class Asking:
    """Puts questions to one collection of an index, in one mode."""

    def __init__(self, asked: Asked, collection: str, mode: Mode, conditions: Conditions) -> None:
        self._asked = asked
        self._collection = collection
        self._mode = mode
        self._conditions = conditions

    async def goldens(self, goldens: Sequence[GoldenQuestion], passed: Passed = lambda: None) -> GoldenReport:
        """How the golden questions are answered, from quotes of the sources. Raises `ValueError` for none."""

        async def ask(golden: GoldenQuestion) -> GivenAnswer:
            given = given_answer(await self._asked.answering.answer(self.query(golden), max_citations=LAST_QUOTE))
            passed()
            return given

        return await evaluate_goldens(ask, goldens)

    async def source_found(self, goldens: Sequence[GoldenQuestion]) -> float:
        """The share of the answerable ones whose source is among the first passages."""

        async def find(golden: GoldenQuestion) -> GivenAnswer:
            found = await self._asked.search.search(replace(self.query(golden), top_k=FIRST))
            return GivenAnswer(True, [GivenQuote(each.chunk.text, _source(each.chunk)) for each in found.passages])

        return (await evaluate_goldens(find, goldens)).overall.source_hit

    async def beir(
        self, queries: Sequence[JudgedQuery], qrels: Mapping[str, Grades], passed: Passed = lambda: None
    ) -> dict[str, Any]:
        """The report over judged queries; see `evaluate_retrieval`."""

        async def search(text: str) -> Sequence[str]:
            deep = await self._asked.search.search(self._query(text, DEEP))
            passed()
            return [passage.chunk.source for passage in deep.passages]

        async def shallow(text: str) -> object:
            return await self._asked.search.search(self._query(text, SHALLOW))

        async def answer(text: str) -> Sequence[str]:
            given = await self._asked.answering.answer(Query(text, self._collection, self._mode), max_citations=SHALLOW)
            return [cited.quote for cited in given.citations]

        return await evaluate_retrieval(search, queries, qrels, timed=shallow, answer=answer)

    def query(self, golden: GoldenQuestion) -> Query:
        """A golden question as it is asked, filters and all. Raises `InvalidFilter`."""
        return Query(golden.question, self._collection, self._mode, self._conditions(golden.filters))

    def _query(self, text: str, top_k: int) -> Query:
        return Query(text, self._collection, self._mode, top_k=top_k)


def given_answer(answered: Answered) -> GivenAnswer:
    """An answer as golden questions are judged by it."""
    quotes = [GivenQuote(cited.quote, _source(cited.chunk)) for cited in answered.citations]
    return GivenAnswer(answered.answered, quotes, answered.confidence)


def _source(chunk: ChunkRecord) -> str:
    record = chunk.attributes.get(RECORD)
    return chunk.source if record is None else f"{chunk.source}#{record}"
