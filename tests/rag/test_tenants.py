"""What a key is not bound to does not exist for it: no name, no count, no hint, on any route.

Every operation of the OpenAPI document is asked for something of theirs and for something that nobody has, in each
place where it can be named; the two answers must be alike. What names nothing is answered as before theirs came to be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

import httpx

from tests.fakes.tenancy import (
    QUESTION,
    SECRET,
    Names,
    Tenancy,
    correction,
    golden,
)

Request = dict[str, Any]
STREAM: Final = {"accept": "text/event-stream"}
UNSTORED: Final = {"cache-control": "no-store"}
NDJSON: Final = {"content-type": "application/x-ndjson"}
OURS: Final = {"collection": "ours"}
READ_ONLY: Final = {"GET"}
ASKED: Final = [QUESTION, "Does rain matter?", f"their {SECRET} oil, rain and chain", "which oil is for the chain"]
VARYING: Final = [
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "MOMENT"),
    (re.compile(r"\b(ans|ing|eva|doc|cor|chatcmpl)[_-][\w-]{16,}"), r"\1_ID"),
    (re.compile(r'"times_ms":\{[^}]*\}|"(created|age_s|took_ms|duration_ms)":[\d.e-]+'), "TIME"),
]


def unnamed() -> Iterator[tuple[str, str, Request]]:
    """Requests that name nothing of theirs: they are answered as if there were only ours."""
    for path in ("collections", "models", "ingestions", "sources", "evaluations", "indexes", "backups"):
        yield f"GET /v1/{path}", f"/v1/{path}", {}
    for path in ("ingestions", "sources", "evaluations"):
        yield f"GET /v1/{path}", f"/v1/{path}", {"params": {"limit": "1"}}
    for path in ("documents", "corrections", "goldens", "insights/questions", "insights/summary"):
        since = {"since": "2026-01-01T00:00:00Z"} if "insights" in path else {}
        yield f"GET /v1/{path}", f"/v1/{path}", {"params": OURS | since}
    yield "GET /v1/operations", "/v1/operations", {"params": {"kind": "backup"}}
    yield "POST /v1/backups", "/v1/backups", {}
    for path in ("health", "ready"):
        yield f"GET /{path}", f"/{path}", {}
    for asked in ASKED:
        for mode in ("hybrid", "dense", "keyword"):
            yield "POST /v1/search", "/v1/search", {"json": {"query": asked, "mode": mode, **OURS}}
        for headers in (UNSTORED, UNSTORED | STREAM):
            yield "POST /v1/answers", "/v1/answers", {"json": {"question": asked, **OURS}, "headers": headers}
        body = {"model": "tillhand/ours", "messages": [{"role": "user", "content": asked}]}
        yield "POST /v1/chat/completions", "/v1/chat/completions", {"json": body, "headers": UNSTORED}
        body = {"question": asked, **OURS}
        yield "POST /v1/corrections/match", "/v1/corrections/match", {"json": body}


def of_documents(n: Names) -> Iterator[tuple[str, str, Request]]:
    where, path = {"collection": n.collection}, f"/v1/documents/{n.document}"
    text = {"source": "new.md", "text": "New.", "title": "New"}
    for params in (where, OURS, {}):
        yield "GET /v1/documents/{document_id}", path, {"params": params}
        yield "GET /v1/documents/{document_id}/text", f"{path}/text", {"params": {**params, "start": 0, "end": 3}}
        yield "DELETE /v1/documents/{document_id}", path, {"params": params}
    for params in (where, OURS):
        yield "GET /v1/documents", "/v1/documents", {"params": params}
        yield "GET /v1/documents", "/v1/documents", {"params": {**params, "cursor": n.documents_cursor}}
    yield "GET /v1/collections", "/v1/collections", {"params": {"cursor": n.documents_cursor}}
    yield "DELETE /v1/collections/{collection}", f"/v1/collections/{n.collection}", {}
    mine = {"source": "chain.md", "text": "Ours.", "id": "ours-line", **OURS}
    lines = [json.dumps(each).encode() for each in (mine, text | where)]
    for name, target in (("POST /v1/documents", "/v1/documents"), ("PUT /v1/documents/{document_id}", path)):
        yield name, target, {"json": text | where}
        yield name, target, {"json": text | where, "headers": {"idempotency-key": n.idempotency}}
        yield name, target, {"files": {"file": ("new.md", b"New.")}, "data": where}
        yield name, target, {"json": text | OURS | {"source": n.source}}
    yield "POST /v1/documents", "/v1/documents", {"json": text | where | {"id": n.document}}
    for content in (b"\n".join(lines), lines[1]):
        yield "POST /v1/documents", "/v1/documents", {"content": content, "headers": NDJSON}


def of_questions(n: Names) -> Iterator[tuple[str, str, Request]]:
    where = {"collection": n.collection}
    filters: list[Request] = [
        {"document_id": n.document},
        {"source": {"in": [n.source, "chain.md"]}},
        {"document_id": {"ne": n.document}},
        {"collection": n.collection},
    ]
    named: list[Request] = [where, *({"filters": each, **OURS} for each in filters)]
    for mode in ("hybrid", "dense", "keyword"):
        for fields in named:
            yield "POST /v1/search", "/v1/search", {"json": {"query": QUESTION, "mode": mode, **fields}}
    for headers in (UNSTORED, UNSTORED | STREAM):
        for fields in named:
            yield "POST /v1/answers", "/v1/answers", {"json": {"question": QUESTION, **fields}, "headers": headers}
    for stream in (False, True):
        body = {"model": f"tillhand/{n.collection}", "messages": [{"role": "user", "content": QUESTION}]}
        yield "POST /v1/chat/completions", "/v1/chat/completions", {"json": body | {"stream": stream}}
    for fields in ({"rating": "helpful"}, {"rating": "unhelpful", "comment": "x", "expected_source": n.source}):
        path = f"/v1/answers/{n.answer}/feedback"
        yield "POST /v1/answers/{answer_id}/feedback", path, {"json": fields}
    for params in (where, where | {"cursor": n.questions_cursor}, OURS | {"cursor": n.questions_cursor}):
        yield "GET /v1/insights/questions", "/v1/insights/questions", {"params": params}
    yield "GET /v1/insights/summary", "/v1/insights/summary", {"params": where}


def of_corrections(n: Names) -> Iterator[tuple[str, str, Request]]:
    where, path = {"collection": n.collection}, f"/v1/corrections/{n.correction}"
    for params in (where, OURS):
        yield "GET /v1/corrections/{correction_id}", path, {"params": params}
        yield "GET /v1/corrections/{correction_id}/history", f"{path}/history", {"params": params}
        for headers in ({}, {"if-match": '"1"'}):
            yield "DELETE /v1/corrections/{correction_id}", path, {"params": params, "headers": headers}
        yield "GET /v1/corrections", "/v1/corrections", {"params": params | {"cursor": n.corrections_cursor}}
    yield "GET /v1/corrections", "/v1/corrections", {"params": where}
    asked = {"question": "which oil is for the chain", **where}
    yield "POST /v1/corrections/match", "/v1/corrections/match", {"json": asked}
    sources = ({"document_id": n.document}, {"source": n.source})
    for body in (correction(n.collection, []), *(correction("ours", [each]) for each in sources)):
        yield "POST /v1/corrections", "/v1/corrections", {"json": body}
        for headers in ({}, {"if-match": '"1"'}, {"if-none-match": "*"}):
            yield "PUT /v1/corrections/{correction_id}", path, {"json": body, "headers": headers}
    body = correction("ours", [], "Ours.")
    yield "PUT /v1/corrections/{correction_id}", path, {"json": body}


def of_ingestions(n: Names) -> Iterator[tuple[str, str, Request]]:
    where, path = {"collection": n.collection}, f"/v1/ingestions/{n.ingestion}"
    folder: Request = {"type": "folder", "path": n.folder}
    wanted: list[Request] = [folder, {"type": "sitemap", "url": "http://127.0.0.1/s.xml"}]
    wanted.append({"type": "urls", "urls": ["http://127.0.0.1/"]})
    for body in (*({"source": each, **where} for each in wanted), {"source": folder, **OURS}):
        yield "POST /v1/ingestions", "/v1/ingestions", {"json": body}
        refreshed = {"json": body | {"refresh_every_s": 86_400}}
        yield "PUT /v1/sources/{source_id}", f"/v1/sources/{n.refreshed}", refreshed
    yield "POST /v1/ingestions", "/v1/ingestions", {"files": {"file": ("new.md", b"New.")}, "data": where}
    for headers in ({}, STREAM, STREAM | {"last-event-id": "1-1"}):
        yield "GET /v1/ingestions/{ingestion_id}", path, {"headers": headers}
    yield "POST /v1/ingestions/{ingestion_id}/cancel", f"{path}/cancel", {}
    for name, cursor in (("ingestions", n.ingestions_cursor), ("sources", n.sources_cursor)):
        for params in (where, where | {"cursor": cursor}, {"cursor": cursor}):
            yield f"GET /v1/{name}", f"/v1/{name}", {"params": params}
    for params in (where, OURS, {}):
        yield "GET /v1/sources/{source_id}", f"/v1/sources/{n.refreshed}", {"params": params}
        yield "DELETE /v1/sources/{source_id}", f"/v1/sources/{n.refreshed}", {"params": params}


def of_goldens(n: Names) -> Iterator[tuple[str, str, Request]]:
    where = {"collection": n.collection}
    yield "GET /v1/goldens", "/v1/goldens", {"params": where}
    yield "DELETE /v1/goldens", "/v1/goldens", {"params": where}
    for fields in (where, OURS):
        yield "PUT /v1/goldens", "/v1/goldens", {"json": {"questions": [golden(n.source)], **fields}}
    beir = {"data": {"type": "beir", "path": n.folder}}
    for body in (where, where | {"data": {"questions": [golden(n.source)]}}, where | beir, OURS | beir):
        yield "POST /v1/evaluations", "/v1/evaluations", {"json": body}
    for params in (where, where | {"cursor": n.evaluations_cursor}, {"cursor": n.evaluations_cursor}):
        yield "GET /v1/evaluations", "/v1/evaluations", {"params": params}
    yield "GET /v1/evaluations/{evaluation_id}", f"/v1/evaluations/{n.evaluation}", {}


def of_the_installation(n: Names) -> Iterator[tuple[str, str, Request]]:
    for name in (n.collection, "main"):
        yield "POST /v1/rebuilds", "/v1/rebuilds", {"json": {"index": name}}
        yield "POST /v1/rollbacks", "/v1/rollbacks", {"json": {"index": name}}
    for headers in ({}, STREAM):
        yield "GET /v1/operations/{operation_id}", f"/v1/operations/{n.operation}", {"headers": headers}
    yield "GET /v1/backups/{backup}", f"/v1/backups/{n.backup}", {}
    yield "GET /v1/backups/{backup}/verification", f"/v1/backups/{n.backup}/verification", {}
    yield "POST /v1/restores", "/v1/restores", {"json": {"backup": n.backup}}


PLACES: Final[Sequence[Callable[[Names], Iterator[tuple[str, str, Request]]]]] = (
    of_documents,
    of_questions,
    of_corrections,
    of_ingestions,
    of_goldens,
    of_the_installation,
)
WITHOUT_NAMES: Final = {"GET /metrics"}
"""Counts of the whole process by route, without any name, for whoever watches the machine; asked below."""


def told(answer: httpx.Response, names: Names | None = None, instead: Names | None = None) -> tuple[object, ...]:
    """An answer without what differs each time; where two sets of names are given, with the others in place of them."""
    text = answer.text.replace(answer.headers["x-request-id"], "REQUEST")
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    for pattern, word in VARYING:
        text = pattern.sub(word, text)
    if re.search(r"_ID|TIME", text):
        headers.pop("content-length", None)
    if names and instead:
        pairs = sorted(zip(asdict(names).values(), asdict(instead).values(), strict=True), key=lambda p: -len(p[0]))
        for old, new in pairs:
            text = text.replace(old, new)
            headers = {name: value.replace(old, new) for name, value in headers.items()}
    return answer.status_code, headers, text


async def send(shared: Tenancy, name: str, path: str, request: Request) -> httpx.Response:
    return await shared.http.request(name.partition(" ")[0], path, **request)


async def walked(shared: Tenancy) -> list[tuple[str, tuple[object, ...]]]:
    """What the requests that name nothing are answered."""
    await shared.base.refresh()
    return [(f"{name} {request}", told(await send(shared, name, path, request))) for name, path, request in unnamed()]
