"""A knowledge base in this process: the real app and store, with a small embedder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from tests.fakes.embedder import HashingEmbedder
from tillhand_common import keys
from tillhand_common.testing import client
from tillhand_rag.app import create_app
from tillhand_rag.ports.chat import ChatModel
from tillhand_rag.settings import RagSettings


@dataclass
class Knowledge:
    """A client with the operator's key, and the embedder behind it."""

    http: httpx.AsyncClient
    embedder: HashingEmbedder
    data_dir: Path
    app: FastAPI
    embedders: Mapping[str, HashingEmbedder] = field(default_factory=dict)

    async def refresh(self) -> None:
        """Run every readiness check now."""
        await self.app.state.chassis.readiness.refresh()

    async def put(self, source: str, text: str, **fields: object) -> dict[str, Any]:
        """Store a text; the batch that the service answers with."""
        answer = await self.http.post("/v1/documents", json={"source": source, "text": text, **fields})
        assert answer.status_code == 201, answer.text
        return as_document(answer)

    async def upload(self, filename: str, data: bytes, content_type: str = "", **fields: str) -> httpx.Response:
        """Send a file as a form does."""
        file = (filename, data, content_type) if content_type else (filename, data)
        return await self.http.post("/v1/documents", files={"file": file}, data=fields)

    async def search(self, query: str, **fields: object) -> list[dict[str, Any]]:
        """The hits of a search."""
        answer = await self.http.post("/v1/search", json={"query": query, **fields})
        assert answer.status_code == 200, answer.text
        hits: list[dict[str, Any]] = answer.json()["hits"]
        return hits

    async def ask(self, question: str, **fields: object) -> dict[str, Any]:
        """An answer."""
        answer = await self.http.post("/v1/answers", json={"question": question, **fields})
        assert answer.status_code == 200, answer.text
        return as_document(answer)


def as_document(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer."""
    document: dict[str, Any] = answer.json()
    return document


@asynccontextmanager
async def knowledge_base(
    data_dir: Path,
    *,
    embedder: HashingEmbedder | None = None,
    embedders: Mapping[str, HashingEmbedder] | None = None,
    key: str | None = None,
    chat: ChatModel | None = None,
    **settings: Any,  # noqa: ANN401  # each setting has a type of its own
) -> AsyncIterator[Knowledge]:
    """Open a knowledge base on this folder; `key` replaces the operator's, `embedders` (by model) the one embedder."""
    keys.bootstrap(data_dir)
    embedder = embedder or HashingEmbedder()
    one = None if embedders else embedder
    app = create_app(RagSettings(data_dir=data_dir, **settings), embedder=one, embedders=embedders, chat=chat)
    async with client(app, key=key or keys.read_token(data_dir, "operator")) as http:
        yield Knowledge(http, embedder, data_dir, app, embedders or {})
