"""Between operations and their wire shapes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response, status
from fastapi.responses import JSONResponse

from tillhand_common.problems import Forbidden
from tillhand_common.security import Principal, require
from tillhand_rag.domain.backups import Manifest, manifest_from
from tillhand_rag.domain.indexes import Generation
from tillhand_rag.models.operations import (
    Backup,
    GenerationOut,
    IndexList,
    IndexOut,
    Operation,
    OperationFailure,
    OperationProgress,
    RebuildReport,
    RestoreReport,
)
from tillhand_rag.ports.jobs import Job
from tillhand_rag.service.indexes import Indexes
from tillhand_rag.service.operations import Operations
from tillhand_rag.service.rebuilding import Rebuilding


async def operations(request: Request) -> Operations:
    """The operations of the running application."""
    return request.app.state.operations  # type: ignore[no-any-return]  # app puts an Operations there


async def installation_admin(principal: Annotated[Principal, Depends(require("admin"))]) -> Principal:
    """A caller that may see the whole installation. Raises `Forbidden` for a key that is bound to collections."""
    if principal.collections is not None:
        raise Forbidden("This concerns the whole installation; the key is bound to some of its collections.")
    return principal


def operation_out(job: Job) -> Operation:
    """A job of these kinds as it goes over the wire."""
    return Operation.model_validate(
        {
            "id": job.id,
            "kind": job.kind,
            "state": job.state,
            "index": job.request.get("index"),
            "backup": job.request.get("backup"),
            "created_by": job.created_by,
            "created_at": job.created_at,
            "started_at": job.started_at,
            "finished_at": job.finished_at,
            "attempts": job.attempts,
            "progress": OperationProgress.model_validate(job.progress),
            "report": None if job.report is None else _report(job, dict(job.report)),
            "error": None if job.error is None else OperationFailure(reason=job.error.reason, detail=job.error.detail),
        }
    )


def backup_out(manifest: Manifest) -> Backup:
    """A manifest as it goes over the wire."""
    described = manifest.as_json()
    indexes = [{**index, "schema_version": index["schema"]} for index in described["indexes"]]
    for index in indexes:
        del index["schema"]
    shown = {name: value for name, value in described.items() if name not in {"application", "format"}}
    return Backup.model_validate({**shown, "indexes": indexes})


async def index_list(rebuilding: Rebuilding, indexes: Indexes) -> IndexList:
    """Every index as it goes over the wire."""
    items = []
    for index in indexes.all():
        placement = rebuilding.placement(index.name)
        held = await index.store.collections()
        items.append(
            IndexOut(
                name=index.name,
                live=_generation(placement.live),
                previous=None if placement.previous is None else _generation(placement.previous),
                rebuild_wanted=rebuilding.wanted(index.name) != placement.live.spec,
                documents=sum(each.documents for each in held),
                chunks=sum(each.chunks for each in held),
                collections=[each.name for each in held],
            )
        )
    return IndexList(items=items, collections_to_move=list(await rebuilding.misplaced()))


def accepted(job: Job) -> Response:
    """The answer to a request that became a job."""
    return JSONResponse(
        operation_out(job).model_dump(mode="json"),
        status_code=status.HTTP_202_ACCEPTED,
        headers={"location": f"/v1/operations/{job.id}"},
    )


def _report(job: Job, report: dict[str, Any]) -> RebuildReport | Backup | RestoreReport:
    if job.kind == "backup":
        return backup_out(manifest_from(report))
    return (RestoreReport if job.kind == "restore" else RebuildReport).model_validate(report)


def _generation(generation: Generation) -> GenerationOut:
    return GenerationOut(
        name=generation.name,
        model=generation.spec.model,
        chunk_tokens=generation.spec.chunk_tokens,
        made_at=generation.made_at,
    )
