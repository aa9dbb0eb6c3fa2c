"""Evaluations: started as jobs, kept with their reports."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response, status
from fastapi.responses import JSONResponse

from tillhand_common.problems import Forbidden, responses
from tillhand_common.security import Principal, require
from tillhand_rag.errors import (
    CollectionNotFound,
    InvalidCursor,
    InvalidFilter,
    JobNotFound,
    StoreUnavailable,
    TooManyJobs,
)
from tillhand_rag.models.base import CollectionName
from tillhand_rag.models.goldens import BeirData, Evaluation, EvaluationPage, EvaluationStart
from tillhand_rag.ports.jobs import Job, NewJob, Place
from tillhand_rag.routes.dependencies import conditions, recorded_as
from tillhand_rag.routes.evaluation_shapes import evaluation_out, request_of
from tillhand_rag.routes.ingestion_shapes import cursor_pair, pair_cursor
from tillhand_rag.service.evaluating import KIND
from tillhand_rag.service.jobs import Jobs

router = APIRouter(prefix="/v1/evaluations", tags=["evaluations"])

Reader = Annotated[Principal, Depends(require("rag:read"))]
Writer = Annotated[Principal, Depends(require("rag:write"))]


async def jobs(request: Request) -> Jobs:
    """The engine of the running application."""
    return request.app.state.work.jobs  # type: ignore[no-any-return]  # app puts a Work there


TheJobs = Annotated[Jobs, Depends(jobs)]


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=Evaluation,
    responses=responses(CollectionNotFound, InvalidFilter, TooManyJobs, StoreUnavailable),
)
async def start_evaluation(body: EvaluationStart, principal: Writer, jobs: TheJobs) -> Response:
    """Put golden questions to a collection, or measure search on a test collection, as a job."""
    principal.check_collection(body.collection)
    if isinstance(body.data, BeirData):
        if "admin" not in principal.scopes or principal.collections is not None:
            raise Forbidden("A folder of the server is read by administrators of the whole installation only.")
    else:
        for at, question in enumerate(body.data.questions or ()):
            conditions(question.filters, f"body.data.questions.{at}.filters")
    new = NewJob(KIND, body.collection, principal.tenant, recorded_as(principal), request_of(body))
    job = await jobs.submit(new)
    return JSONResponse(
        evaluation_out(job).model_dump(mode="json"),
        status_code=status.HTTP_202_ACCEPTED,
        headers={"location": f"/v1/evaluations/{job.id}"},
    )


@router.get("", responses=responses(CollectionNotFound, InvalidCursor, StoreUnavailable))
async def list_evaluations(
    principal: Reader,
    jobs: TheJobs,
    collection: Annotated[CollectionName | None, Query(description="only those of this collection")] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> EvaluationPage:
    """The evaluations that the key may see with their reports, the newest first, a page at a time."""
    if collection is not None:
        principal.check_collection(collection)
    place = cursor_pair(cursor)
    seen = principal.collections if collection is None else frozenset([collection])
    found = await jobs.page(KIND, collections=seen, after=None if place is None else Place(*place), limit=limit + 1)
    last = found[:limit][-1] if len(found) > limit else None
    return EvaluationPage(
        items=[evaluation_out(job) for job in found[:limit]],
        next_cursor=None if last is None else pair_cursor(last.created_at, last.id),
    )


@router.get("/{evaluation_id}", responses=responses(JobNotFound, StoreUnavailable))
async def get_evaluation(
    evaluation_id: Annotated[str, Path(max_length=64)], principal: Reader, jobs: TheJobs
) -> Evaluation:
    """An evaluation as it is now, with its report once it has ended."""
    return evaluation_out(_found(await jobs.find(evaluation_id), principal))


def _found(job: Job | None, principal: Principal) -> Job:
    if job is None or job.kind != KIND or not principal.may_see(job.collection or ""):
        raise JobNotFound("There is no such evaluation.", field="evaluation_id")
    return job
