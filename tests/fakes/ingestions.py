"""Ingestions over HTTP, as a client asks for them and waits for their end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.embedder import HashingEmbedder
from tests.fakes.knowledge import Knowledge, as_document, knowledge_base

LIMIT_S = 30.0


@dataclass
class Event:
    """One event of a stream."""

    event: str
    id: str
    data: dict[str, Any]


async def events(http: httpx.AsyncClient, job_id: str, **headers: str) -> list[Event]:
    """Everything that the stream of an ingestion says until it ends."""
    wanted = {"accept": "text/event-stream", **headers}
    async with asyncio.timeout(LIMIT_S):
        answer = await http.get(f"/v1/ingestions/{job_id}", headers=wanted)
    assert answer.status_code == 200, answer.text
    frames = [dict(_pairs(frame)) for frame in answer.text.split("\n\n") if "data: " in frame]
    return [Event(frame["event"], frame.get("id", ""), json.loads(frame["data"])) for frame in frames]


def _pairs(frame: str) -> list[tuple[str, str]]:
    lines = (line.partition(": ") for line in frame.splitlines())
    return [(name, value) for name, _, value in lines]


async def ended(http: httpx.AsyncClient, job_id: str) -> dict[str, Any]:
    """The ingestion once it has ended, as its stream's last event tells it."""
    last = (await events(http, job_id))[-1]
    assert last.event == "done"
    return last.data


async def start(http: httpx.AsyncClient, source: Mapping[str, object], **fields: object) -> dict[str, Any]:
    """The ingestion that was accepted."""
    answer = await http.post("/v1/ingestions", json={"source": dict(source), **fields})
    assert answer.status_code == 202, answer.text
    started = as_document(answer)
    assert answer.headers["location"] == f"/v1/ingestions/{started['id']}"
    return started


async def ingest_folder(base: Knowledge, folder: Path, **fields: object) -> dict[str, Any]:
    """Read a folder to its end."""
    source = {"type": "folder", "path": str(folder)}
    source |= {name: str(fields.pop(name)) for name in ("pattern", "prefix") if name in fields}
    return await ended(base.http, (await start(base.http, source, **fields))["id"])


async def upload(http: httpx.AsyncClient, files: Mapping[str, bytes], **fields: str) -> httpx.Response:
    """Send files as a form does."""
    return await http.post("/v1/ingestions", files=[("file", item) for item in files.items()], data=fields)


async def sources_of(base: Knowledge, collection: str = "default") -> dict[str, str]:
    """The documents of a collection: id by source."""
    found: dict[str, str] = {}
    cursor: str | None = None
    while True:
        params = {"collection": collection, "limit": "500", **({"cursor": cursor} if cursor else {})}
        page = as_document(await base.http.get("/v1/documents", params=params))
        found |= {document["source"]: document["id"] for document in page["items"]}
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Put files into a folder, which is made."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@asynccontextmanager
async def reading_base(
    folder: Path,
    *,
    embedder: HashingEmbedder | None = None,
    roots: str | None = None,
    key: str | None = None,
    **settings: Any,  # noqa: ANN401  # each setting has a type of its own
) -> AsyncIterator[Knowledge]:
    """A knowledge base in `folder`/data that may read `folder`/docs, or `roots`."""
    (folder / "docs").mkdir(exist_ok=True)
    allowed = roots if roots is not None else str(folder / "docs")
    async with knowledge_base(
        folder / "data", embedder=embedder, key=key, ingest_roots=allowed, rate_limit="off", **settings
    ) as base:
        yield base
