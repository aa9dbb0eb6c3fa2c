"""Measures search and answers in this process, on a collection of its own that is removed afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, get_args

from tillhand_common.metrics import Metrics
from tillhand_common.settings import load
from tillhand_rag.adapters.beir import BeirData, load_beir
from tillhand_rag.adapters.embedding import EmbedderPool, model_builder
from tillhand_rag.adapters.goldens import load_goldens
from tillhand_rag.adapters.prometheus import PrometheusObserver
from tillhand_rag.app import KnowledgeBase, open_knowledge_base
from tillhand_rag.app.evaluations import beir_upload, conditions_from
from tillhand_rag.domain.evaluation import InvalidData, JudgedQuery, part_of
from tillhand_rag.domain.goldens import GoldenQuestion
from tillhand_rag.domain.query import MODES, Mode
from tillhand_rag.service.asking import FIRST, Asking
from tillhand_rag.service.evaluating import COLLECTION
from tillhand_rag.service.preparing import Upload
from tillhand_rag.settings import RagSettings

T = TypeVar("T")
Question = TypeVar("Question", JudgedQuery, GoldenQuestion)
Asked = Literal[Mode, "all"]
ASKED: Final[tuple[Asked, ...]] = (*MODES, "all")
Part = Literal["all", "odd", "even"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
Say = Callable[[str], None]

TOGETHER: Final = 1_000
"""Documents in flight while the corpus is read in."""
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
    async with own_collection() as base:
        await ingest_all(base, [beir_upload(document) for document in found.documents], say)
        say(f"Asking {len(queries)} questions …")
        report = await _by_mode(mode, lambda each: _ask_beir(base, found, queries, each))
    about = {"data": folder.name, "split": split, "part": part, "mode": mode, "collection": COLLECTION}
    return {**about, "documents": len(found.documents), **report}


async def _ask_beir(base: KnowledgeBase, data: BeirData, queries: Sequence[JudgedQuery], mode: Mode) -> dict[str, Any]:
    return await asking(base, mode).beir(queries, data.qrels)


async def _evaluate_goldens(path: Path, *, mode: Asked, part: Part, limit: int | None, say: Say) -> dict[str, Any]:
    goldens = _chosen(await asyncio.to_thread(load_goldens, path), part, limit, path)
    files = await asyncio.to_thread(uploads_below, path.parent)
    async with own_collection() as base:
        await ingest_all(base, files, say)
        say(f"Asking {len(goldens)} golden questions …")
        report = await _by_mode(mode, lambda each: _ask_goldens(base, goldens, each))
    about = {"data": path.name, "part": part, "mode": mode, "collection": COLLECTION}
    return {**about, "documents": len(files), **report}


async def _ask_goldens(base: KnowledgeBase, goldens: Sequence[GoldenQuestion], mode: Mode) -> dict[str, Any]:
    asked = asking(base, mode)
    report = await asked.goldens(goldens)
    return {**report.as_json(), f"source_found@{FIRST}": await asked.source_found(goldens)}


def asking(base: KnowledgeBase, mode: Mode = "hybrid") -> Asking:
    """Puts questions to the collection of the evaluation."""
    return Asking(base, COLLECTION, mode, conditions_from)


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


@asynccontextmanager
async def own_collection() -> AsyncIterator[KnowledgeBase]:
    """A knowledge base beside the service's, in its own folder; its embedding cache stays for the next time."""
    given = load(RagSettings)
    settings = given.model_copy(update={"data_dir": given.data_dir / "evaluation"})
    metrics = Metrics("evaluation")
    pool = EmbedderPool(model_builder(settings.of_model, metrics))
    async with open_knowledge_base(settings, pool, PrometheusObserver(metrics)) as base:
        await base.indexes.of(COLLECTION).store.delete_collection(COLLECTION)
        if base.reranker is not None:
            await base.reranker.loaded()
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


def uploads_below(folder: Path) -> list[Upload]:
    """The readable files of a folder of samples, as uploads whose source is their path below it."""
    return [
        Upload(COLLECTION, path.relative_to(folder).as_posix(), path.read_bytes(), path.name)
        for path in sorted(folder.rglob("*"))
        if path.suffix in READABLE and path.is_file()
    ]
