"""Corrections: written, read, tried out and deleted."""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query, Response, status

from tillhand_common import context
from tillhand_common.problems import BadRequest, responses
from tillhand_common.security import Principal, require
from tillhand_rag import errors
from tillhand_rag.errors import CollectionNotFound, CorrectionNotFound, InvalidCursor, StoreUnavailable
from tillhand_rag.models.base import CollectionName, GivenId
from tillhand_rag.models.corrections import (
    Considered,
    Correction,
    CorrectionChange,
    CorrectionHistory,
    CorrectionPage,
    CorrectionRequest,
    Trial,
    TrialRequest,
)
from tillhand_rag.ports.corrections import Precondition, Writer
from tillhand_rag.routes.correction_shapes import content_in, content_out, correction_out, sources_in
from tillhand_rag.routes.dependencies import corrections, decode_cursor, encode_cursor
from tillhand_rag.service.corrections import Correcting

router = APIRouter(prefix="/v1/corrections", tags=["corrections"])

Reading = Annotated[Principal, Depends(require("rag:read"))]
Writing = Annotated[Principal, Depends(require("rag:write"))]
Corrections = Annotated[Correcting, Depends(corrections)]
InCollection = Annotated[CollectionName, Query(description="The collection; keys may be bound to some.")]
IfMatch = Annotated[str | None, Header(description='The version to replace or delete, as in its ETag: "3".')]
IfNoneMatch = Annotated[str | None, Header(description="`*` writes only where there is no such correction yet.")]
Cursor = Annotated[str | None, Query(max_length=1_000)]

_VERSION: Final = re.compile(r'(?<!W/)"(\d{1,9})"')
_WRITE_PROBLEMS: Final = (
    CollectionNotFound,
    errors.InvalidPattern,
    errors.UnverifiedSource,
    errors.TooManyCorrections,
    errors.EmbedderUnavailable,
    StoreUnavailable,
)


@router.get("", responses=responses(CollectionNotFound, InvalidCursor, StoreUnavailable))
async def list_corrections(
    principal: Reading,
    corrections: Corrections,
    collection: InCollection = "default",
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CorrectionPage:
    """The corrections of a collection, by id, a page at a time; expired ones too."""
    principal.check_collection(collection)
    found = await corrections.page(collection, after=decode_cursor(cursor), limit=limit + 1)
    items = [correction_out(shown) for shown in found[:limit]]
    return CorrectionPage(items=items, next_cursor=encode_cursor(items[-1].id) if len(found) > limit else None)


@router.post("", status_code=status.HTTP_201_CREATED, responses=responses(*_WRITE_PROBLEMS))
async def add_correction(
    body: CorrectionRequest, principal: Writing, corrections: Corrections, response: Response
) -> Correction:
    """Write a correction under an id that is made up for it."""
    return await _put(None, body, principal, corrections, response, Precondition())


@router.post("/match", responses=responses(CollectionNotFound, errors.EmbedderUnavailable, StoreUnavailable))
async def try_corrections(body: TrialRequest, principal: Reading, corrections: Corrections) -> Trial:
    """Which correction would answer a question, and why others would not; nothing is kept of the question."""
    principal.check_collection(body.collection)
    found = await corrections.considered(body.collection, body.question)
    considered = [
        Considered(
            id=match.stored.id,
            version=match.stored.version,
            matched_by=match.matched_by,
            score=match.score,
            refused=match.refused,
        )
        for match in found
    ]
    return Trial(winner=next((each.id for each in considered if each.refused is None), None), considered=considered)


@router.get("/{correction_id}", responses=responses(CollectionNotFound, CorrectionNotFound, StoreUnavailable))
async def get_correction(
    correction_id: GivenId,
    principal: Reading,
    corrections: Corrections,
    response: Response,
    collection: InCollection = "default",
) -> Correction:
    """A correction, its sources checked now."""
    principal.check_collection(collection)
    found = correction_out(await corrections.get(collection, correction_id))
    response.headers["etag"] = f'"{found.version}"'
    return found


@router.put(
    "/{correction_id}",
    responses={
        **responses(*_WRITE_PROBLEMS, errors.CorrectionChanged),
        201: {"model": Correction, "description": "There was none under this id."},
    },
)
async def put_correction(
    correction_id: GivenId,
    body: CorrectionRequest,
    principal: Writing,
    corrections: Corrections,
    response: Response,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> Correction:
    """Write a correction under an id of the client's choice: a new version of what is there, kept beside the old."""
    when = _precondition(if_match, if_none_match)
    return await _put(correction_id, body, principal, corrections, response, when)


@router.delete(
    "/{correction_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    responses=responses(CollectionNotFound, CorrectionNotFound, errors.CorrectionChanged, StoreUnavailable),
)
async def delete_correction(
    correction_id: GivenId,
    principal: Writing,
    corrections: Corrections,
    collection: InCollection = "default",
    if_match: IfMatch = None,
) -> None:
    """Delete a correction; its history stays."""
    principal.check_collection(collection)
    await corrections.delete(collection, correction_id, by=_writer(principal), when=_precondition(if_match, None))


@router.get(
    "/{correction_id}/history",
    responses=responses(CollectionNotFound, CorrectionNotFound, InvalidCursor, StoreUnavailable),
)
async def correction_history(
    correction_id: GivenId,
    principal: Writing,
    corrections: Corrections,
    collection: InCollection = "default",
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CorrectionHistory:
    """What became of a correction, deleted or not: who wrote which version, and when."""
    principal.check_collection(collection)
    after = decode_cursor(cursor) or "0"
    if not after.isdecimal() or len(after) > len("999999999"):
        raise InvalidCursor("The cursor comes from no history.", field="cursor")
    found = await corrections.history(collection, correction_id, after=int(after), limit=limit + 1)
    items = [
        CorrectionChange(
            version=entry.version,
            action=entry.action,
            at=entry.at,
            key_id=entry.key_id,
            actor=entry.actor,
            content=None if entry.content is None else content_out(entry.content),
        )
        for entry in found[:limit]
    ]
    last = encode_cursor(str(items[-1].version)) if len(found) > limit else None
    return CorrectionHistory(items=items, next_cursor=last)


async def _put(
    name: str | None,
    body: CorrectionRequest,
    principal: Principal,
    corrections: Correcting,
    response: Response,
    when: Precondition,
) -> Correction:
    principal.check_collection(body.collection)
    shown = await corrections.put(
        body.collection, name, content_in(body), sources_in(body), by=_writer(principal), when=when
    )
    if shown.created:
        response.status_code = status.HTTP_201_CREATED
    response.headers["etag"] = f'"{shown.stored.version}"'
    return correction_out(shown)


def _writer(principal: Principal) -> Writer:
    actor = context.actor()
    return Writer(principal.key_id, None if actor is None else actor.subject)


def _precondition(if_match: str | None, if_none_match: str | None) -> Precondition:
    """What the headers expect (RFC 9110, section 13.1)."""
    if if_none_match is not None and if_none_match.strip() != "*":
        raise BadRequest("If-None-Match can only be *.", field="header.If-None-Match")
    exists = False if if_none_match is not None else None
    if if_match is None:
        return Precondition(exists=exists)
    if if_match.strip() == "*":
        return Precondition(exists=True if exists is None else exists)
    return Precondition(versions=frozenset(map(int, _VERSION.findall(if_match))), exists=exists)
