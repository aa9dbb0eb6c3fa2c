"""Questions with what was read for them: once as they are, and again where nothing can answer them.

A question that can be answered is asked twice: of all passages, and of all but those that answer it ("taken away").
Each is also put to documents about something else ("elsewhere").
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tillhand_rag.adapters.beir import BeirData, load_beir
from tillhand_rag.adapters.goldens import load_goldens
from tillhand_rag.app import KnowledgeBase
from tillhand_rag.app.evaluations import beir_upload, conditions_from
from tillhand_rag.commands.evaluating import ingest_all, uploads_below
from tillhand_rag.domain.answers import (
    MAX_PASSAGES,
    Passage,
    SentenceCandidate,
    as_meant,
    select_sentences,
)
from tillhand_rag.domain.evaluation import JudgedQuery, part_of
from tillhand_rag.domain.goldens import GoldenQuestion
from tillhand_rag.domain.metrics import answer_in_quote
from tillhand_rag.domain.query import Query
from tillhand_rag.ports.store import ChunkRecord

SHOP: Final = Path(__file__).parents[2] / "samples" / "goldens.yaml"
WRITTEN: Final = Path(__file__).with_name("questions.yaml")
DEEP: Final = 40
"""Passages among which those that answer are looked for, to be taken away."""

Way = Literal["asked", "taken away", "elsewhere"]
Group = Literal["golden", "written", "xquad"]
Part = Literal["even", "odd"]
Removed = Callable[[ChunkRecord], bool]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Put:
    """A question and how it is asked. `answers` are words one of which a quote must hold."""

    group: Group
    part: Part
    text: str
    answerable: bool
    answers: tuple[str, ...] = ()
    filters: Mapping[str, Any] = field(default_factory=dict)
    documents: frozenset[str] = frozenset()
    """The documents that answer it, where those are known and not the words."""

    def is_answered_by(self, chunk: ChunkRecord) -> bool:
        """Whether the passage answers it."""
        if self.documents:
            return chunk.source in self.documents
        return any(_flat(answer) in _flat(chunk.text) for answer in self.answers)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read for a question: sentences, their cosines, and which of them answer."""

    put: Put
    way: Way
    candidates: Sequence[SentenceCandidate]
    cosines: Scores
    right: NDArray[np.bool_]

    @property
    def answerable(self) -> bool:
        """Whether the passages hold an answer."""
        return self.way == "asked" and self.put.answerable


def shop_questions() -> list[Put]:
    """The golden questions by their halves, and those that were written to fit on, which count as even."""
    goldens = [_shop("golden", part_of(each.id), each) for each in load_goldens(SHOP)]
    return goldens + [_shop("written", "even", each) for each in load_goldens(WRITTEN)]


def _shop(group: Group, part: Part, asked: GoldenQuestion) -> Put:
    return Put(group, part, asked.question, asked.answerable, asked.quotes, asked.filters)


def judged_questions(data: BeirData) -> list[Put]:
    """The questions of a test collection whose answers are known, by their halves."""
    return [_judged(query, data) for query in data.queries if query.answers]


def _judged(query: JudgedQuery, data: BeirData) -> Put:
    documents = frozenset(name for name, grade in data.qrels[query.id].items() if grade > 0)
    return Put("xquad", part_of(query.id), query.text, True, query.answers, documents=documents)


async def read_all(base: KnowledgeBase, xquad: Path | None) -> AsyncIterator[Read]:
    """Every question in every way that applies to it. Without XQuAD's folder, only those to the shop, and no other."""
    await ingest_all(base, [replace(upload, collection="shop") for upload in uploads_below(SHOP.parent)], _say)
    shop = shop_questions()
    if xquad is None:
        async for read in _each(base, shop, "shop", None):
            yield read
        return
    data = load_beir(xquad)
    await ingest_all(base, [beir_upload(document, "xquad") for document in data.documents], _say)
    async for read in _each(base, shop, "shop", "xquad"):
        yield read
    async for read in _each(base, judged_questions(data), "xquad", "shop"):
        yield read


async def _each(base: KnowledgeBase, questions: Iterable[Put], home: str, other: str | None) -> AsyncIterator[Read]:
    for put in questions:
        yield await _read(base, put, "asked", home)
        if put.answerable:
            yield await _read(base, put, "taken away", home, removed=put.is_answered_by)
        if other and not put.filters:
            yield await _read(base, put, "elsewhere", other)


async def _read(
    base: KnowledgeBase, put: Put, way: Way, collection: str, *, removed: Removed = lambda _: False
) -> Read:
    found = await base.search.search(Query(put.text, collection, "hybrid", tuple(conditions_from(put.filters)), DEEP))
    kept = [passage.chunk for passage in found.passages if not removed(passage.chunk)][:MAX_PASSAGES]
    passages = [Passage(chunk.chunk_id, chunk.document_id, chunk.start, chunk.text, chunk.context) for chunk in kept]
    embedder = base.indexes.of(collection).embedder
    asked = as_meant(put.text, passages, embedder.tokenizer.offsets(put.text))
    candidates = select_sentences(asked, passages)
    vectors = await embedder.embed([asked, *(candidate.embedded_text for candidate in candidates)])
    cosines = np.asarray(vectors[1:] @ vectors[0], dtype=np.float64)
    quotes = [_quote(candidate, passages) for candidate in candidates]
    right = [way == "asked" and answer_in_quote([quote], put.answers, 1) for quote in quotes]
    return Read(put, way, candidates, cosines, np.array(right, dtype=bool))


def _quote(candidate: SentenceCandidate, passages: Sequence[Passage]) -> str:
    passage = next(passage for passage in passages if passage.chunk_id == candidate.chunk_id)
    return passage.text[candidate.quote_start - passage.start : candidate.quote_end - passage.start]


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _say(line: str) -> None:
    print(line)
