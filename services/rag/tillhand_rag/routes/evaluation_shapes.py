"""Between evaluations and their wire shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tillhand_rag.domain.goldens import GoldenQuestion
from tillhand_rag.models.goldens import (
    Evaluation,
    EvaluationReport,
    EvaluationStart,
    GoldenQuestionIn,
)
from tillhand_rag.models.operations import OperationFailure, OperationProgress
from tillhand_rag.ports.jobs import Job, JsonObject

_REPORTED = ("figures", "passed", "missed", "index", "generation", "model", "seconds")


def golden(question: GoldenQuestionIn) -> GoldenQuestion:
    """A golden question out of its wire shape."""
    return GoldenQuestion(
        id=question.id,
        question=question.question,
        answerable=question.answerable,
        quotes=tuple(question.quotes),
        sources=tuple(question.sources),
        filters=question.model_dump(mode="json", include={"filters"}, by_alias=True, exclude_none=True)["filters"],
        tags=tuple(question.tags),
    )


def goldens_from(described: Sequence[Mapping[str, Any]]) -> list[GoldenQuestion]:
    """Golden questions out of the request that a job keeps."""
    return [golden(GoldenQuestionIn.model_validate(each)) for each in described]


def request_of(body: EvaluationStart) -> JsonObject:
    """What a job keeps of a request."""
    described: JsonObject = body.model_dump(mode="json", by_alias=True, exclude_none=True)
    return described


def evaluation_out(job: Job) -> Evaluation:
    """A job of this kind as it goes over the wire."""
    request: Mapping[str, Any] = job.request
    return Evaluation(
        id=job.id,
        collection=request["collection"],
        mode=request["mode"],
        data=request["data"]["type"],
        state=job.state,
        created_by=job.created_by,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        progress=OperationProgress.model_validate(job.progress),
        report=None if job.report is None else _report(job.report),
        error=None if job.error is None else OperationFailure(reason=job.error.reason, detail=job.error.detail),
    )


def _report(report: JsonObject) -> EvaluationReport:
    shown = {name: report[name] for name in _REPORTED}
    return EvaluationReport.model_validate(
        {**shown, "outcomes": report.get("outcomes", []), "tags": report.get("tags", {})}
    )
