"""Evaluations as jobs: golden questions put to a collection, or a test collection in an index of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from tillhand_rag.domain.evaluation import JudgedQuery
from tillhand_rag.domain.goldens import GoldenQuestion, GoldenReport
from tillhand_rag.domain.metrics import Grades
from tillhand_rag.domain.query import Mode
from tillhand_rag.errors import NoGoldens
from tillhand_rag.ports.goldens import Goldens
from tillhand_rag.ports.jobs import Job, JsonObject
from tillhand_rag.service.asking import Asking, Conditions
from tillhand_rag.service.indexes import Index, Indexes
from tillhand_rag.service.job_progress import Progress
from tillhand_rag.service.preparing import Upload
from tillhand_rag.service.rebuilding import GoldenFigures

KIND: Final = "evaluation"
COLLECTION: Final = "evaluation"
_TOGETHER: Final = 200

Scratch = Callable[[], AbstractAsyncContextManager[Index]]
"""An empty index that is removed when its block ends."""


@dataclass(frozen=True, slots=True)
class TestCollection:
    """Documents with judged queries."""

    uploads: Sequence[Upload]
    queries: Sequence[JudgedQuery]
    qrels: Mapping[str, Grades]


class TestCollections(Protocol):
    """Test collections in BEIR's layout, below folders that the server allows."""

    async def load(self, path: str, split: str) -> TestCollection:
        """All of a folder. Raises `FolderNotAllowed` or `InvalidTestCollection`."""
        ...


class StoredGoldens:
    """Judges an index by the golden questions that its collections have."""

    def __init__(self, goldens: Goldens, conditions: Conditions) -> None:
        self._goldens = goldens
        self._conditions = conditions

    async def figures(self, index: Index) -> GoldenFigures:
        """How many there are, and how many are answered or declined as they should be."""
        questions = passed = 0
        for collection in [each.name for each in await index.store.collections()]:
            asked = await self._goldens.of(collection)
            if asked:
                report = await Asking(index, collection, "hybrid", self._conditions).goldens(asked)
                questions, passed = questions + len(asked), passed + report.passed
        return GoldenFigures(questions, passed)


class Evaluating:
    """Runs evaluations; the handler of their kind of job."""

    def __init__(
        self,
        *,
        indexes: Indexes,
        goldens: Goldens,
        conditions: Conditions,
        questions: Callable[[Sequence[Mapping[str, Any]]], Sequence[GoldenQuestion]],
        collections: TestCollections,
        scratch: Scratch,
    ) -> None:
        self._indexes = indexes
        self._goldens = goldens
        self._conditions = conditions
        self._questions = questions
        self._collections = collections
        self._scratch = scratch

    async def run(self, job: Job, progress: Progress) -> JsonObject:
        """Ask everything; the report. Raises `NoGoldens`, and what `TestCollections.load` raises."""
        started = time.perf_counter()
        request: Mapping[str, Any] = job.request
        if request["data"]["type"] == "beir":
            report = await self._beir(request, progress)
        else:
            report = await self._golden(request, progress)
        figures = {name: value for name, value in report.items() if isinstance(value, int | float)}
        missed = [
            {"name": name, "value": figures.get(name), "least": least}
            for name, least in request["thresholds"].items()
            if figures.get(name, -1) < least
        ]
        seconds = round(time.perf_counter() - started, 3)
        return {**report, "figures": figures, "missed": missed, "passed": not missed, "seconds": seconds}

    async def settled(self, job: Job) -> None:
        """There is nothing to let go of."""

    async def _golden(self, request: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
        collection = str(request["collection"])
        given = request["data"].get("questions")
        goldens = await self._goldens.of(collection) if given is None else self._questions(given)
        if not goldens:
            raise NoGoldens("The collection has no golden questions, and none were given.", field="body.data.questions")
        step = _steps(progress, len(goldens))
        async with self._indexes.reading(collection) as index:
            asking = Asking(index, collection, _mode(request), self._conditions)
            report = await asking.goldens(goldens, step)
            found = await asking.source_found(goldens) if any(golden.answerable for golden in goldens) else 1.0
            return _described(report, index) | {"source_found@5": found}

    async def _beir(self, request: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
        data = await self._collections.load(str(request["data"]["path"]), str(request["data"]["split"]))
        async with self._scratch() as index:
            step = _steps(progress, len(data.uploads) + len(data.queries))
            for start in range(0, len(data.uploads), _TOGETHER):
                some = data.uploads[start : start + _TOGETHER]
                await index.ingestion.ingest_all(some)
                step(len(some))
            asking = Asking(index, COLLECTION, _mode(request), self._conditions)
            report = await asking.beir(data.queries, data.qrels, step)
            return {**report, "documents": len(data.uploads), **_made(index)}


def _steps(progress: Progress, total: int) -> Callable[..., None]:
    done = 0

    def step(count: int = 1) -> None:
        nonlocal done
        done += count
        progress.tell({"phase": "asking", "done": done, "total": total})

    return step


def _mode(request: Mapping[str, Any]) -> Mode:
    mode: Mode = request["mode"]
    return mode


def _described(report: GoldenReport, index: Index) -> dict[str, Any]:
    return {**report.as_json(), **_made(index)}


def _made(index: Index) -> dict[str, str]:
    """What was judged: a report is worth little without it."""
    return {"index": index.name, "generation": index.generation.name, "model": index.embedder.space.model}
