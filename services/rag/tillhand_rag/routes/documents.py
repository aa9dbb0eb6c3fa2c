"""Documents: put in, read back, listed, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response, status

from tillhand_common.problems import (
    BodyTooLarge,
    InvalidInput,
    MalformedBody,
    Problem,
    UnsupportedMediaType,
    responses,
)
from tillhand_common.security import Principal, require
from tillhand_rag.domain.spans import span_of
from tillhand_rag.errors import (
    CollectionNotFound,
    DocumentNotFound,
    DocumentProblem,
    DuplicateRecord,
    EmbedderUnavailable,
    EmptyDocument,
    EncryptedDocument,
    InvalidCursor,
    InvalidSpan,
    MislabelledDocument,
    OversizedDocument,
    StoreUnavailable,
    UnreadableDocument,
    UnsupportedDocument,
)
from tillhand_rag.models.base import CollectionName, DocumentId, GivenId
from tillhand_rag.models.documents import (
    Document,
    DocumentBatch,
    DocumentPage,
    Refusal,
    TextDocument,
    TextSpan,
    UploadForm,
)
from tillhand_rag.routes.dependencies import (
    decode_cursor,
    document_out,
    encode_cursor,
    ingestion,
    recorded_as,
    removal,
    store,
)
from tillhand_rag.routes.lines import MAX_DOCUMENTS, NDJSON, Lines, read_lines, refusal
from tillhand_rag.routes.uploads import media_type, read_upload
from tillhand_rag.service.ingestion import Ingested
from tillhand_rag.service.routed import RoutedIngestion, RoutedRemoval, RoutedStore

router = APIRouter(prefix="/v1/documents", tags=["documents"])

Reader = Annotated[Principal, Depends(require("rag:read"))]
Writer = Annotated[Principal, Depends(require("rag:write"))]
Store = Annotated[RoutedStore, Depends(store)]
InCollection = Annotated[CollectionName, Query(description="The collection; keys may be bound to some.")]

_log = structlog.get_logger(__name__)

_UPLOAD_PROBLEMS = responses(
    MalformedBody,
    UnsupportedMediaType,
    BodyTooLarge,
    DocumentProblem,
    DuplicateRecord,
    EmptyDocument,
    UnreadableDocument,
    EncryptedDocument,
    MislabelledDocument,
    OversizedDocument,
    UnsupportedDocument,
    EmbedderUnavailable,
    StoreUnavailable,
)
_UPLOAD_FORMS: dict[str, Any] = {
    "application/json": {"schema": TextDocument.model_json_schema()},
    "multipart/form-data": {
        "schema": {
            **UploadForm.model_json_schema(),
            "properties": {
                "file": {"type": "string", "format": "binary"},
                **UploadForm.model_json_schema()["properties"],
            },
            "required": ["file"],
        }
    },
}
_LINES_FORM: dict[str, Any] = {
    NDJSON: {
        "schema": {
            "type": "string",
            "description": f"Up to {MAX_DOCUMENTS} lines, each a JSON document as under application/json. A line that "
            "cannot be taken is listed under `refused` and stops no other.",
        }
    }
}
_UPLOAD_BODY = {"requestBody": {"required": True, "content": _UPLOAD_FORMS}}
_UPLOADS_BODY = {"requestBody": {"required": True, "content": {**_UPLOAD_FORMS, **_LINES_FORM}}}


@router.post("", status_code=status.HTTP_201_CREATED, responses=_UPLOAD_PROBLEMS, openapi_extra=_UPLOADS_BODY)
async def add_documents(
    request: Request, principal: Writer, ingestion: Annotated[RoutedIngestion, Depends(ingestion)]
) -> DocumentBatch:
    """Put a text, a file or many texts into the knowledge base; the same source replaces what it gave before."""
    if media_type(request) == NDJSON:
        return await _add_lines(await read_lines(request, principal), ingestion)
    upload = await read_upload(request)
    principal.check_collection(upload.collection)
    return _batch(await ingestion.ingest(upload))


@router.put("/{document_id}", responses=_UPLOAD_PROBLEMS, openapi_extra=_UPLOAD_BODY)
async def replace_document(
    document_id: GivenId,
    request: Request,
    principal: Writer,
    ingestion: Annotated[RoutedIngestion, Depends(ingestion)],
) -> DocumentBatch:
    """Put a document under an id of the client's choice, replacing what was there."""
    upload = await read_upload(request)
    principal.check_collection(upload.collection)
    return _batch(await ingestion.ingest(replace(upload, id=document_id)))


@router.get("", responses=responses(CollectionNotFound, InvalidCursor, StoreUnavailable))
async def list_documents(
    principal: Reader,
    store: Store,
    collection: InCollection = "default",
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> DocumentPage:
    """The documents of a collection, by id, a page at a time."""
    principal.check_collection(collection)
    found = await store.list(collection, after=decode_cursor(cursor), limit=limit + 1)
    more = len(found) > limit
    items = [document_out(record) for record in found[:limit]]
    return DocumentPage(items=items, next_cursor=encode_cursor(items[-1].id) if more else None)


@router.get("/{document_id}", responses=responses(CollectionNotFound, DocumentNotFound, StoreUnavailable))
async def get_document(
    document_id: DocumentId, principal: Reader, store: Store, collection: InCollection = "default"
) -> Document:
    """A document without its text."""
    principal.check_collection(collection)
    record = await store.get(collection, document_id)
    if record is None:
        raise DocumentNotFound("There is no such document in this collection.", field="document_id")
    return document_out(record)


@router.get(
    "/{document_id}/text",
    responses=responses(CollectionNotFound, DocumentNotFound, InvalidSpan, StoreUnavailable),
)
async def get_text(
    document_id: DocumentId,
    principal: Reader,
    store: Store,
    collection: InCollection = "default",
    start: Annotated[int, Query(ge=0, description="code points from the start of the text")] = 0,
    end: Annotated[int | None, Query(ge=0, description="one past the last code point; the end if absent")] = None,
) -> TextSpan:
    """The canonical text, or a span of it: what every citation can be checked against."""
    principal.check_collection(collection)
    stored = await store.text(collection, document_id)
    if stored is None:
        raise DocumentNotFound("There is no such document in this collection.", field="document_id")
    start, end = span_of(stored.text, start, end)
    return TextSpan(document_id=document_id, version=stored.version, start=start, end=end, text=stored.text[start:end])


@router.delete(
    "/{document_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    responses=responses(CollectionNotFound, DocumentNotFound, StoreUnavailable),
)
async def delete_document(
    document_id: DocumentId,
    principal: Writer,
    removal: Annotated[RoutedRemoval, Depends(removal)],
    collection: InCollection = "default",
) -> None:
    """Remove a document: text, passages, vectors and index entries."""
    principal.check_collection(collection)
    if not await removal.document(collection, document_id):
        raise DocumentNotFound("There is no such document in this collection.", field="document_id")
    _log.info("document_deleted", collection=collection, document=document_id, by=recorded_as(principal))


async def _add_lines(lines: Lines, ingestion: RoutedIngestion) -> DocumentBatch:
    done = await ingestion.ingest_all(list(lines.uploads.values()))
    numbers = list(lines.uploads)
    problems: dict[int, Problem] = {**lines.refused, **{numbers[at]: why for at, why in done.refused.items()}}
    refused = [refusal(number, problem) for number, problem in sorted(problems.items())]
    if not done.records:
        listed = [each.model_dump(exclude_none=True) for each in refused]
        raise InvalidInput("None of the lines could be taken.", field="body", extensions={"refused": listed})
    return _batch(done, refused)


def _batch(ingested: Ingested, refused: Sequence[Refusal] = ()) -> DocumentBatch:
    return DocumentBatch(
        documents=[document_out(record) for record in ingested.records],
        created=ingested.created,
        updated=ingested.updated,
        unchanged=ingested.unchanged,
        refused=list(refused),
    )
