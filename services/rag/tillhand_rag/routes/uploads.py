"""Reads the two forms of an upload: a JSON body with text in it, or a multipart form with a file."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile

from tillhand_common.problems import InvalidInput, MalformedBody, UnsupportedMediaType
from tillhand_rag.models.documents import TextDocument, UploadForm
from tillhand_rag.service.preparing import Upload

MAX_FIELD_BYTES = 64 * 1024
Model = TypeVar("Model", bound=BaseModel)


async def read_upload(request: Request) -> Upload:
    """The upload that a request carries. Raises 400, 415 or 422 naming the field that is wrong."""
    content_type = media_type(request)
    if content_type == "application/json":
        return from_text(validated(TextDocument, parsed(await request.body())))
    if content_type == "multipart/form-data":
        async with request.form(max_files=1, max_fields=16, max_part_size=MAX_FIELD_BYTES) as form:
            return await _from_form(form)
    raise UnsupportedMediaType(
        "Send application/json or multipart/form-data; to POST also application/x-ndjson.", field="content-type"
    )


def media_type(request: Request) -> str:
    """The content type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def from_text(document: TextDocument) -> Upload:
    """A document given as text, as an upload."""
    return Upload(
        collection=document.collection,
        source=document.source,
        data=document.text.encode(),
        filename="",
        media_type=document.media_type,
        id=document.id,
        title=document.title,
        attributes=document.attributes,
    )


async def _from_form(form: FormData) -> Upload:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise InvalidInput("The form has no file.", field="file")
    fields: dict[str, Any] = {name: value for name, value in form.items() if name != "file"}
    if "attributes" in fields:
        fields["attributes"] = _json_field(fields["attributes"])
    given = validated(UploadForm, fields)
    filename = _sound(file.filename or "")
    return Upload(
        collection=given.collection,
        source=given.source or filename or _no_source(),
        data=await file.read(),
        filename=filename,
        media_type=file.content_type,
        id=given.id,
        title=given.title,
        attributes=given.attributes,
    )


def _sound(filename: str) -> str:
    try:
        filename.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput("The file's name is no valid text.", field="file") from error
    return filename


def _no_source() -> str:
    raise InvalidInput("The file has no name, so a source is needed.", field="source")


def parsed(content: bytes) -> Any:  # noqa: ANN401  # JSON is any of its types until it is validated
    """The JSON in a body or a line of it. Raises `MalformedBody`."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, or numbers and depths beyond reason
        raise MalformedBody("This is not valid JSON.", field="body") from error


def _json_field(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The field is not valid JSON.", field="attributes") from error


def validated(model: type[Model], data: object) -> Model:
    """The data as this shape. Raises `RequestValidationError`, as FastAPI does for a declared body."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        details = [{**detail, "loc": ("body", *detail["loc"])} for detail in error.errors(include_input=False)]
        raise RequestValidationError(details) from error
