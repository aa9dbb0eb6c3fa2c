"""Documents to documents that can be stored: chunked and embedded, the one while the other is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from tillhand_rag.domain.documents import IndexedDocument, ParsedDocument
from tillhand_rag.ports.embedding import Embedder
from tillhand_rag.service.preparing import Preparing

_TOGETHER: Final = 256
_AT_A_TIME: Final = 2
"""Parts under way at once: one is being embedded, the next one chunked."""


class Indexing:
    """Chunks and embeds."""

    def __init__(self, *, preparing: Preparing, embedder: Embedder) -> None:
        self._preparing = preparing
        self._embedder = embedder

    async def indexed(
        self, documents: Mapping[str, ParsedDocument], sources: Mapping[str, str]
    ) -> list[IndexedDocument]:
        """Each document ready to be stored, in order. Raises `EmbedderUnavailable`."""
        names = list(documents)
        gate = asyncio.Semaphore(_AT_A_TIME)

        async def part(start: int) -> list[IndexedDocument]:
            some = {name: documents[name] for name in names[start : start + _TOGETHER]}
            async with gate:
                return await self._part(some, sources)

        try:
            async with asyncio.TaskGroup() as group:
                parts = [group.create_task(part(start)) for start in range(0, len(names), _TOGETHER)]
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        return [document for done in parts for document in done.result()]

    async def _part(self, documents: Mapping[str, ParsedDocument], sources: Mapping[str, str]) -> list[IndexedDocument]:
        chunked = await self._preparing.chunked(documents)
        texts = [text for document in chunked.values() for text in document.texts]
        vectors = await self._embedder.embed(texts, bulk=True) if texts else None
        indexed, offset = [], 0
        for name, parsed in documents.items():
            chunks = chunked[name].chunks
            packed = b"" if vectors is None else vectors[offset : offset + len(chunks)].tobytes()
            indexed.append(IndexedDocument(name, sources[name], parsed, chunks, packed))
            offset += len(chunks)
        return indexed
