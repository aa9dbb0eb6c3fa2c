"""Measures search and answers in this process, on a collection of its own that is removed afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, get_args

from pydantic import TypeAdapter

from tillhand_common.metrics import Metrics
from tillhand_common.settings import load
from tillhand_rag.adapters.beir import BeirData, BeirDocument, load_beir
from tillhand_rag.adapters.embedding import EmbedderPool, model_builder
from tillhand_rag.adapters.goldens import load_goldens
from tillhand_rag.adapters.prometheus import PrometheusObserver
from tillhand_rag.app import KnowledgeBase, open_knowledge_base
from tillhand_rag.domain.documents import RECORD
from tillhand_rag.domain.evaluation import InvalidData, JudgedQuery, evaluate_retrieval, part_of
from tillhand_rag.domain.goldens import LAST_QUOTE, GivenAnswer, GivenQuote, GoldenQuestion, evaluate_goldens
from tillhand_rag.domain.query import MODES, Mode, Query
from tillhand_rag.models.base import Filters
from tillhand_rag.ports.store import ChunkRecord
from tillhand_rag.routes.dependencies import conditions
from tillhand_rag.service.answering import Answered
from tillhand_rag.service.preparing import Upload
from tillhand_rag.settings import RagSettings

_FILTERS: Final[TypeAdapter[Filters]] = TypeAdapter(Filters)

T = TypeVar("T")
Question = TypeVar("Question", JudgedQuery, GoldenQuestion)
Asked = Literal[Mode, "all"]
ASKED: Final[tuple[Asked, ...]] = (*MODES, "all")
Part = Literal["all", "odd", "even"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
Say = Callable[[str], None]

DEEP: Final = 300
"""Passages behind `recall@100`, which counts documents: a long document fills several places."""
SHALLOW: Final = 10
FIRST: Final = 5
"""Passages among which a golden question's source is looked for: an answer is made from no more."""
TOGETHER: Final = 1_000
"""Documents in flight while the corpus is read in."""
COLLECTION: Final = "evaluation"
READABLE: Final = frozenset([".md", ".mdx", ".html", ".txt", ".pdf", ".docx", ".csv", ".jsonl"])


async def evaluate(
    data: Path, *, mode: str = "hybrid", split: str = "test", part: str = "all", limit: int | None = None, say: Say
) -> dict[str, Any]:
    """The report over a BEIR folder, or over a file of golden questions beside its documents.

    A BEIR report has the keys `ndcg@10`, `recall@100`, `mrr`, `p50_ms`, `p95_ms` and, where the queries carry answers,
    `answer_in_quote@1` and `@3`; one of golden questions the tally's, and `source_found@5`. In mode `all` the documents
    are read once and asked in each mode: `modes` then holds these keys by mode. A mode asked after another finds the
    queries' vectors cached, which its times show. Raises `InvalidData` naming what cannot be used.
    """
    chosen = _one_of(mode, ASKED, "mode")
    asked = _one_of(part, PARTS, "part")
    if data.suffix in {".yaml", ".yml"}:
        return await _evaluate_goldens(data, mode=chosen, part=asked, limit=limit, say=say)
    return await _evaluate_beir(data, mode=chosen, split=split, part=asked, limit=limit, say=say)


async def _evaluate_beir(
    folder: Path, *, mode: Asked, split: str, part: Part, limit: int | None, say: Say
) -> dict[str, Any]:
    found = await asyncio.to_thread(load_beir, folder, split)
    queries = _chosen(found.queries, part, limit, folder)
    async with _own_collection() as base:
        await ingest_all(base, [_upload(document) for document in found.documents], say)
        say(f"Asking {len(queries)} questions …")
        report = await _by_mode(mode, lambda each: _ask_beir(base, found, queries, each))
    about = {"data": folder.name, "split": split, "part": part, "mode": mode, "collection": COLLECTION}
    return {**about, "documents": len(found.documents), **report}


async def _ask_beir(base: KnowledgeBase, data: BeirData, queries: Sequence[JudgedQuery], mode: Mode) -> dict[str, Any]:
    async def search(text: str) -> Sequence[str]:
        deep = await base.search.search(Query(text, COLLECTION, mode, top_k=DEEP))
        return [passage.chunk.source for passage in deep.passages]

    async def shallow(text: str) -> object:
        return await base.search.search(Query(text, COLLECTION, mode, top_k=SHALLOW))

    async def answer(text: str) -> Sequence[str]:
        given = await base.answering.answer(Query(text, COLLECTION, mode), max_citations=SHALLOW)
        return [cited.quote for cited in given.citations]

    return await evaluate_retrieval(search, queries, data.qrels, timed=shallow, answer=answer)


async def _evaluate_goldens(path: Path, *, mode: Asked, part: Part, limit: int | None, say: Say) -> dict[str, Any]:
    goldens = _chosen(await asyncio.to_thread(load_goldens, path), part, limit, path)
    files = await asyncio.to_thread(uploads_below, path.parent)
    async with _own_collection() as base:
        await ingest_all(base, files, say)
        say(f"Asking {len(goldens)} golden questions …")
        report = await _by_mode(mode, lambda each: _ask_goldens(base, goldens, each))
    about = {"data": path.name, "part": part, "mode": mode, "collection": COLLECTION}
    return {**about, "documents": len(files), **report}


async def _ask_goldens(base: KnowledgeBase, goldens: Sequence[GoldenQuestion], mode: Mode) -> dict[str, Any]:
    answered = await evaluate_goldens(lambda golden: ask_golden(base, golden, mode), goldens)
    found = await evaluate_goldens(lambda golden: find_golden(base, golden, mode), goldens)
    return {**answered.as_json(), f"source_found@{FIRST}": found.overall.source_hit}


async def _by_mode(mode: Asked, ask: Callable[[Mode], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    return {"modes": {each: await ask(each) for each in MODES}} if mode == "all" else await ask(mode)


def _chosen(questions: Sequence[Question], part: Part, limit: int | None, path: Path) -> list[Question]:
    chosen = [question for question in questions if part in {"all", part_of(question.id)}][:limit]
    if not chosen:
        raise InvalidData(f"{path}: no question is left to ask")
    return chosen


def _one_of(given: str, allowed: tuple[T, ...], name: str) -> T:
    for value in allowed:
        if value == given:
            return value
    raise InvalidData(f"{name}: there is no {given!r}, only {', '.join(map(str, allowed))}")


async def ask_golden(base: KnowledgeBase, golden: GoldenQuestion, mode: Mode = "hybrid") -> GivenAnswer:
    """What the knowledge base answers to a golden question."""
    return given_answer(await base.answering.answer(golden_query(golden, mode), max_citations=LAST_QUOTE))


async def find_golden(base: KnowledgeBase, golden: GoldenQuestion, mode: Mode = "hybrid") -> GivenAnswer:
    """The first passages found for a golden question, as if quoted: a tally's `source_hit` is the share then found."""
    found = await base.search.search(replace(golden_query(golden, mode), top_k=FIRST))
    return GivenAnswer(True, [GivenQuote(passage.chunk.text, _source(passage.chunk)) for passage in found.passages])


def golden_query(golden: GoldenQuestion, mode: Mode = "hybrid") -> Query:
    """A golden question as it is asked, filters and all."""
    return Query(golden.question, COLLECTION, mode, conditions(_FILTERS.validate_python(golden.filters)))


def given_answer(answered: Answered) -> GivenAnswer:
    """An answer as golden questions are judged by it."""
    quotes = [GivenQuote(cited.quote, _source(cited.chunk)) for cited in answered.citations]
    return GivenAnswer(answered.answered, quotes, answered.confidence)


@asynccontextmanager
async def _own_collection() -> AsyncIterator[KnowledgeBase]:
    """A knowledge base beside the service's, in its own folder; its embedding cache stays for the next time."""
    given = load(RagSettings)
    settings = given.model_copy(update={"data_dir": given.data_dir / "evaluation"})
    metrics = Metrics("evaluation")
    pool = EmbedderPool(model_builder(settings.of_model, metrics))
    async with open_knowledge_base(settings, pool, PrometheusObserver(metrics)) as base:
        await base.indexes.of(COLLECTION).store.delete_collection(COLLECTION)
        try:
            yield base
        finally:
            await base.indexes.of(COLLECTION).store.delete_collection(COLLECTION)


async def ingest_all(base: KnowledgeBase, uploads: Sequence[Upload], say: Say) -> None:
    """Store every upload, many at a time. Raises the first `DocumentProblem`."""
    for start in range(0, len(uploads), TOGETHER):
        some = uploads[start : start + TOGETHER]
        done = await base.ingestion.ingest_all(some)
        for problem in done.refused.values():
            raise problem
        say(f"Read {start + len(some)} of {len(uploads)} documents.")


def _upload(document: BeirDocument) -> Upload:
    text = document.text or document.title
    return Upload(COLLECTION, document.id, text.encode(), "", "text/plain", title=document.title)


def uploads_below(folder: Path) -> list[Upload]:
    """The readable files of a folder of samples, as uploads whose source is their path below it."""
    return [
        Upload(COLLECTION, path.relative_to(folder).as_posix(), path.read_bytes(), path.name)
        for path in sorted(folder.rglob("*"))
        if path.suffix in READABLE and path.is_file()
    ]


def _source(chunk: ChunkRecord) -> str:
    record = chunk.attributes.get(RECORD)
    return chunk.source if record is None else f"{chunk.source}#{record}"
