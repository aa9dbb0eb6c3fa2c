"""Exports, whole: what a message is too small for."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse

from tillhand_common import context
from tillhand_common.problems import responses
from tillhand_mcp import errors
from tillhand_mcp.routes.dependencies import Calling, Parts

router = APIRouter(prefix="/v1/exports", tags=["exports"], dependencies=[Calling])

JSONL: Final = "application/jsonl"
ExportName = Annotated[
    str,
    Path(
        pattern=r"^[a-z]+-\d{1,20}$",
        description="What follows `shopify-export://` in the `uri` that a finished export names.",
    ),
]


@router.get(
    "/{name}",
    response_class=FileResponse,
    responses={
        200: {"description": "A JSON object a line.", "content": {JSONL: {"schema": {"type": "string"}}}},
        **responses(errors.UnknownExport),
    },
)
async def read_export(name: ExportName, parts: Parts) -> FileResponse:
    """An export that `shopify_bulk_export` has made, as JSONL. The newest 20 are kept."""
    path = parts.exports.file(name)
    if path is None:
        raise errors.UnknownExport
    info = context.current()
    if info is not None:
        info.streaming = True  # it takes as long as it is large
    return FileResponse(path, media_type=JSONL, filename=path.name)
