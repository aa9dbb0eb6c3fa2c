"""Reads an upload of many texts: NDJSON, one document a line, each accepted or refused by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Container
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from pydantic import ValidationError

from tillhand_common.handlers import validation_problem
from tillhand_common.openapi import declared_names
from tillhand_common.problems import InvalidInput, MalformedBody, Problem
from tillhand_common.security import Principal
from tillhand_rag.models import Refusal, TextDocument
from tillhand_rag.routes.uploads import from_text
from tillhand_rag.service.preparing import Upload

NDJSON: Final = "application/x-ndjson"
MAX_LINES: Final = 1_000


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
    numbered = {number: line for number, line in enumerate(body.split(b"\n"), 1) if line.strip()}
    if not 1 <= len(numbered) <= MAX_LINES:
        raise InvalidInput(f"Send from 1 to {MAX_LINES} lines, each a document.", field="body")
    lines = Lines({}, {})
    for number, line in numbered.items():
        try:
            lines.uploads[number] = _upload(line, principal, declared)
        except Problem as problem:
            lines.refused[number] = problem
    return lines


def _upload(line: bytes, principal: Principal, declared: Container[str]) -> Upload:
    try:
        document = TextDocument.model_validate(json.loads(line))
    except ValidationError as error:
        details = [{**detail, "loc": ("body", *detail["loc"])} for detail in error.errors(include_input=False)]
        raise validation_problem(details, NDJSON, declared) from error
    except (ValueError, RecursionError) as error:
        raise MalformedBody("The line is not valid JSON.", field="body") from error
    principal.check_collection(document.collection)
    return from_text(document)
