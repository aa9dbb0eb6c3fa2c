"""Bytes to named, chunked documents: the work of an upload that needs a processor and no other system."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Protocol, TypeVar

from tillhand_rag.domain.documents import RECORD, AttributeValue, Chunk, ParsedDocument, document_id, part_id
from tillhand_rag.domain.titles import title_from_name
from tillhand_rag.errors import DocumentProblem, DuplicateRecord
from tillhand_rag.ports.parsing import Parser

T = TypeVar("T")

_TOGETHER: Final = 32


class Chunker(Protocol):
    """Cuts a document into passages that the embedder reads whole."""

    def split(self, parsed: ParsedDocument) -> list[Chunk]: ...

    def embedded_text(self, parsed: ParsedDocument, chunk: Chunk) -> str: ...


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came. `id`, `title` and `attributes` given by the client win over what the file says."""

    collection: str
    source: str
    data: bytes
    filename: str
    media_type: str | None = None
    id: str | None = None
    title: str | None = None
    attributes: Mapping[str, AttributeValue] | None = None


@dataclass(frozen=True, slots=True)
class Chunked:
    """A document's chunks, and what is embedded for each."""

    chunks: Sequence[Chunk]
    texts: Sequence[str]


class Preparing:
    """Parses and chunks in threads of its own, so that a slow file keeps no question waiting."""

    def __init__(self, *, parser: Parser, chunker: Chunker, threads: Executor) -> None:
        self._parser = parser
        self._chunker = chunker
        self._threads = threads

    async def named(self, uploads: Sequence[Upload]) -> list[dict[str, ParsedDocument] | DocumentProblem]:
        """Each upload's documents by id, or why it cannot be read."""
        slices = [uploads[start : start + _TOGETHER] for start in range(0, len(uploads), _TOGETHER)]
        parts = await asyncio.gather(*(self._run(partial(self._attempted, some)) for some in slices))
        return [read for part in parts for read in part]

    async def chunked(self, documents: Mapping[str, ParsedDocument]) -> dict[str, Chunked]:
        """The chunks of each document; a few documents at a time, so that other uploads get their turn."""
        chunked: dict[str, Chunked] = {}
        names = list(documents)
        for start in range(0, len(names), _TOGETHER):
            some = names[start : start + _TOGETHER]
            chunked |= zip(some, await self._run(partial(self._cut, [documents[name] for name in some])), strict=True)
        return chunked

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _attempted(self, uploads: Sequence[Upload]) -> list[dict[str, ParsedDocument] | DocumentProblem]:
        read: list[dict[str, ParsedDocument] | DocumentProblem] = []
        for upload in uploads:
            try:
                read.append(self._named(upload))
            except DocumentProblem as problem:
                read.append(problem)
        return read

    def _named(self, upload: Upload) -> dict[str, ParsedDocument]:
        parsed = self._parser.parse(upload.data, filename=upload.filename, media_type=upload.media_type)
        named: dict[str, ParsedDocument] = {}
        for document in parsed:
            name = _name(upload, document.key)
            if name in named:
                raise DuplicateRecord("Two records of the file carry the same id.", field="id")
            named[name] = _overridden(document, upload)
            _ = named[name].version  # computed here, in a thread: of a long text it takes a while
        return named

    def _cut(self, documents: Sequence[ParsedDocument]) -> list[Chunked]:
        return [self._chunks(parsed) for parsed in documents]

    def _chunks(self, parsed: ParsedDocument) -> Chunked:
        chunks = self._chunker.split(parsed)
        return Chunked(chunks, [self._chunker.embedded_text(parsed, chunk) for chunk in chunks])


def _name(upload: Upload, key: str) -> str:
    if upload.id is None:
        return document_id(upload.collection, upload.source, key)
    return part_id(upload.id, key) if key else upload.id


def _overridden(parsed: ParsedDocument, upload: Upload) -> ParsedDocument:
    record = {RECORD: parsed.key} if parsed.key else {}
    attributes = {**parsed.attributes, **(upload.attributes or {}), **record}
    finite = {name: value for name, value in attributes.items() if not isinstance(value, float) or math.isfinite(value)}
    title = parsed.title or title_from_name(upload.source)
    if upload.title is not None and not parsed.key:
        title = upload.title.strip()
    return replace(parsed, title=title, attributes=finite)
