"""Reads an upload of many texts: NDJSON, one document a line, each accepted or refused by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError

from tillhand_common.handlers import validation_problem
from tillhand_common.openapi import declared_names
from tillhand_common.problems import InvalidInput, Problem
from tillhand_common.security import Principal
from tillhand_rag.models.documents import Refusal, TextDocument
from tillhand_rag.routes.uploads import from_text, parsed, validated
from tillhand_rag.service.preparing import Upload

NDJSON: Final = "application/x-ndjson"
MAX_DOCUMENTS: Final = 1_000
MOST_LINES: Final = 2 * MAX_DOCUMENTS


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one request that hold a document, and why the others do not; by number, counted from 1."""

    uploads: dict[int, Upload]
    refused: dict[int, Problem]


async def read_lines(request: Request, principal: Principal) -> Lines:
    """Every line but the blank ones. Raises `InvalidInput` when there are none, or too many."""
    body = await request.body()
    return await asyncio.to_thread(_read, body, principal, declared_names(request.app))


def refusal(line: int, problem: Problem) -> Refusal:
    """A problem as the answer lists it beside the documents that were taken."""
    return Refusal(
        line=line,
        type=problem.type_uri(),
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        field=problem.field,
    )


def _read(body: bytes, principal: Principal, declared: Container[str]) -> Lines:
    lines = Lines({}, {})
    for number, line in _numbered(body):
        try:
            lines.uploads[number] = _upload(line, principal, declared)
        except Problem as problem:
            lines.refused[number] = problem
    return lines


def _numbered(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank. Raises `InvalidInput` when there are none or too many, blank ones included."""
    found, start = 0, 0
    for number in range(1, MOST_LINES + 1):
        end = body.find(b"\n", start)
        line = body[start:] if end < 0 else body[start:end]
        if line.strip():
            found += 1
            if found > MAX_DOCUMENTS:
                break
            yield number, line
        if end < 0:
            if not found:
                break
            return
        start = end + 1
    raise InvalidInput(f"Send from 1 to {MAX_DOCUMENTS} lines, each a document.", field="body")


def _upload(line: bytes, principal: Principal, declared: Container[str]) -> Upload:
    try:
        document = validated(TextDocument, parsed(line))
    except RequestValidationError as error:
        raise validation_problem(error.errors(), NDJSON, declared) from error
    principal.check_collection(document.collection)
    return from_text(document)
