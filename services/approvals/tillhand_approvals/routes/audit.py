"""The audit log: read, exported, verified; and names behind pseudonyms for those who may see them."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Query, status
from fastapi.responses import StreamingResponse

from tillhand_approvals import errors
from tillhand_approvals.models.audit import (
    ChangeRequest,
    CheckpointList,
    CheckpointOut,
    LoginOut,
    LoginRequest,
    RecordPage,
    ReportOut,
    Unmasked,
    UnmaskRequest,
)
from tillhand_approvals.models.base import Moment, Name
from tillhand_approvals.ports.records import Search
from tillhand_approvals.routes.dependencies import Anybody, Auditing, Joined, Person, Unmasking
from tillhand_approvals.service.auditing import report_body
from tillhand_approvals.service.logins import Change, Login
from tillhand_common.problems import responses
from tillhand_common.security import require

router = APIRouter(prefix="/v1", tags=["audit"])

Types = Annotated[list[Annotated[str, Query(pattern=r"^[a-z]+\.[a-z_]+$", max_length=80)]] | None, Query()]
After = Annotated[int, Query(ge=0, le=2**53)]


async def search(
    after: After = 0,
    type: Types = None,  # noqa: A002  # the name that a record has for it
    subject: Name | None = None,
    since: Moment | None = None,
    before: Moment | None = None,
) -> Search:
    """Which records are asked for."""
    return Search(after=after, types=type or (), subject=subject, since=since, before=before)


Asked = Annotated[Search, Depends(search)]


@router.get("/audit", responses=responses(errors.StoreUnavailable), dependencies=[Auditing])
async def list_records(
    caller: Anybody, joined: Joined, asked: Asked, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> RecordPage:
    """Records in their order, a page at a time."""
    wanted = Search(asked.after, limit + 1, asked.types, asked.subject, asked.since, asked.before)
    rows = await joined.auditing.page(caller, wanted)
    given = rows[:limit]
    return RecordPage(
        items=[json.loads(row.line) for row in given],
        next_after=given[-1].sequence if len(rows) > limit else None,
    )


@router.get(
    "/audit/export",
    response_class=StreamingResponse,
    responses={
        **responses(errors.StoreUnavailable),
        200: {
            "description": "CloudEvents 1.0, one JSON object a line.",
            "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
        },
    },
    dependencies=[Auditing],
)
async def export(caller: Anybody, joined: Joined, asked: Asked) -> StreamingResponse:
    """The whole record as JSON lines, or a part of it."""
    return StreamingResponse(joined.auditing.export(caller, asked), media_type="application/x-ndjson")


@router.post("/audit/verify", responses=responses(errors.StoreUnavailable), dependencies=[Auditing])
async def verify(caller: Anybody, joined: Joined) -> ReportOut:
    """Verify the whole record: each hash, each link, the head, every signed checkpoint. What was found is recorded."""
    report = await joined.auditing.verify(caller)
    return ReportOut.model_validate({**report_body(report), "recorded_as": report.recorded_as})


@router.get("/audit/checkpoints", responses=responses(errors.StoreUnavailable), dependencies=[Auditing])
async def list_checkpoints(caller: Anybody, joined: Joined) -> CheckpointList:
    """Signed heads of the record: kept elsewhere, they show that it was neither shortened nor written anew."""
    found = await joined.auditing.checkpoints(caller)
    return CheckpointList(items=[CheckpointOut.model_validate(each) for each in found])


@router.post(
    "/audit/unmask",
    responses=responses(errors.SubjectNotFound, errors.ErasedSubject, errors.SealBroken, errors.StoreUnavailable),
    dependencies=[Unmasking],
)
async def unmask(body: UnmaskRequest, caller: Person, joined: Joined) -> Unmasked:
    """Who stands behind a pseudonym. Who asked, and why, is recorded before the answer."""
    return Unmasked(
        pseudonym=body.pseudonym, identity=await joined.auditing.unmask(caller, body.pseudonym, body.reason)
    )


@router.post(
    "/audit/logins",
    status_code=status.HTTP_201_CREATED,
    responses=responses(errors.RedactorUnavailable, errors.StoreUnavailable),
    dependencies=[Depends(require("act_as"))],
)
async def record_login(body: LoginRequest, caller: Anybody, joined: Joined) -> LoginOut:
    """Record that somebody has signed in elsewhere, or failed to; for the service that keeps the accounts."""
    sequence = await joined.logins.record(caller, Login(body.account, body.succeeded, body.reason))
    return LoginOut(sequence=sequence)


@router.post(
    "/audit/changes",
    status_code=status.HTTP_201_CREATED,
    responses=responses(errors.RedactorUnavailable, errors.StoreUnavailable),
    dependencies=[Depends(require("act_as"))],
)
async def record_change(body: ChangeRequest, caller: Anybody, joined: Joined) -> LoginOut:
    """Record that somebody has changed an account or a key elsewhere; for the service that keeps them."""
    change = Change(body.about, body.target, body.action, body.role)
    return LoginOut(sequence=await joined.logins.record_change(caller, change))


@router.delete(
    "/subjects/{pseudonym}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.SubjectNotFound, errors.StoreUnavailable),
    dependencies=[Depends(require("admin"))],
)
async def erase(pseudonym: Name, caller: Person, joined: Joined) -> None:
    """Erase a person: what came in about them can be read no more. The record stays whole."""
    await joined.auditing.erase(caller, pseudonym)
