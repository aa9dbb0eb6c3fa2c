"""What the knowledge base says of itself over HTTP: its OpenAPI document, held against what it answers; its model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.common.description import documented, operations, takes_idempotency_key, unsaid
from tests.fakes.knowledge import Knowledge, knowledge_base
from tillhand_common import keys
from tillhand_common.problems import MEDIA_TYPE

MAX_BODY_BYTES = 4096
JSON = {"content-type": "application/json"}
WITH_BODY = {"POST", "PUT", "PATCH"}
BODIES = {"content", "json", "files"}
NEEDING_THE_MODEL: dict[str, dict[str, str]] = {
    "POST /v1/search": {"query": "oil"},
    "POST /v1/answers": {"question": "How often must I oil it?"},
    "POST /v1/documents": {"source": "a.md", "text": "Oil it."},
    "PUT /v1/documents/{document_id}": {"source": "a.md", "text": "Oil it."},
}


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Knowledge]:
    async with knowledge_base(tmp_path, rate_limit="off", max_body_bytes=MAX_BODY_BYTES) as opened:
        yield opened


async def description(http: httpx.AsyncClient) -> dict[str, Any]:
    document: dict[str, Any] = (await http.get("/openapi.json")).json()
    return document


async def test_every_route_documents_every_status_that_it_gives(base: Knowledge) -> None:
    document = await description(base.http)
    assert unsaid(document) == []
    assert "POST /v1/documents" in [
        name for name, operation in operations(document) if takes_idempotency_key(operation)
    ]


def wrong(data_dir: Path) -> Iterator[dict[str, Any]]:
    """Requests that go wrong in one way each, on whichever route they are made."""
    yield {}
    yield {"headers": {"authorization": "Bearer nonsense"}}
    yield {"headers": {"authorization": f"Bearer {keys.read_token(data_dir, 'agent')}"}}
    yield {"headers": {"host": "evil.example"}}
    yield {"headers": {"origin": "https://evil.example"}}
    yield {"headers": {"tillhand-actor": "anna"}}
    yield {"headers": {**JSON, "idempotency-key": "not one"}, "content": b"{}"}
    yield {"params": {"collection": "NO SUCH NAME", "limit": "many", "start": "early"}}
    yield {"params": {"cursor": "made-up", "start": "7", "end": "3"}}
    yield {"headers": JSON, "content": b"{"}
    yield {"headers": JSON, "content": b"{}"}
    yield {"headers": JSON, "content": b"x" * (MAX_BODY_BYTES + 1)}
    yield {"headers": {"content-type": "text/plain"}, "content": b"hello"}
    yield {"json": {"query": "oil", "filters": {"brand": {}}, "question": "Oil?"}}
    yield {"json": {"source": "a.pdf", "text": "  ", "media_type": "application/pdf"}}
    yield {"files": {"file": ("torn.pdf", b"%PDF-1.7\nnothing follows")}}
    yield {"files": {"file": ("photo.jpg", b"\xff\xd8\xff")}}


async def test_every_error_that_a_route_gives_is_in_its_description(base: Knowledge) -> None:
    given: set[int] = set()
    async with asyncio.timeout(60):
        for name, operation in operations(await description(base.http)):
            method, path = name.split(" ")
            for request in wrong(base.data_dir):
                if method in WITH_BODY or not BODIES & request.keys():
                    answer = await base.http.request(method, path.replace("{", "").replace("}", ""), **request)
                    given |= check(name, operation, answer)
    assert given >= {400, 401, 403, 404, 413, 415, 421, 422}


async def test_a_model_that_is_out_of_order_is_in_the_description_of_every_route_that_needs_it(base: Knowledge) -> None:
    document = await description(base.http)
    base.embedder.available = False
    for name, body in NEEDING_THE_MODEL.items():
        method, path = name.split(" ")
        answer = await base.http.request(method, path.replace("{document_id}", "a"), json=body)
        assert check(name, document["paths"][path][method.lower()], answer) == {503}, name


async def test_the_limit_of_requests_is_in_the_description_of_every_route(tmp_path: Path) -> None:
    async with knowledge_base(tmp_path, rate_limit="1/hour") as base:
        document = await description(base.http)
        for name, operation in operations(document):
            method, path = name.split(" ")
            if path.startswith("/v1/"):
                assert check(name, operation, await base.http.request(method, path)) == {429}, name


def check(name: str, operation: dict[str, Any], answer: httpx.Response) -> set[int]:
    """The status of an answer that is a documented problem; nothing of one that is no error."""
    if answer.status_code < 400:
        return set()
    assert answer.headers["content-type"] == MEDIA_TYPE, (name, answer.status_code)
    slug = answer.json()["type"].removeprefix("urn:tillhand:problem:")
    assert slug in documented(operation, answer.status_code), (name, answer.status_code, slug)
    return {answer.status_code}


async def test_ready_names_route_precision_threads_and_space_of_the_model(base: Knowledge) -> None:
    await base.refresh()
    told = (await base.http.get("/ready")).json()["checks"]["model"]["data"]
    space = base.embedder.space
    assert {name: told[name] for name in ("model", "backend", "precision", "threads", "id")} == {
        "model": space.model,
        "backend": space.backend,
        "precision": space.precision,
        "threads": space.threads,
        "id": space.id,
    }
    assert len(told["id"]) == 64
