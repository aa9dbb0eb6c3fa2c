"""The sources of one written answer: what the model may read of them, and what a sentence that cites them stands on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tillhand_rag.domain.generated import Drafted
from tillhand_rag.domain.prompts import SourceText
from tillhand_rag.domain.support import Ground, Support, Verdict, examine, settled
from tillhand_rag.errors import EmbedderUnavailable
from tillhand_rag.ports.embedding import Embedder
from tillhand_rag.ports.flagging import Flag, Flagged
from tillhand_rag.ports.store import ChunkRecord, KnowledgeStore
from tillhand_rag.service.answers import Cited
from tillhand_rag.service.quoting import cited

LEFT_OUT = "[…]"
"""What the model reads in place of an instruction-like span."""


class Sources:
    """The passages found for a question, numbered from 1. What is flagged in them is neither shown nor believed."""

    def __init__(
        self, question: str, chunks: Sequence[ChunkRecord], *, store: KnowledgeStore, embedder: Embedder, flag: Flag
    ) -> None:
        self._question = question
        self._chunks = dict(enumerate(chunks, 1))
        self._store = store
        self._embedder = embedder
        self._flag = flag
        self._grounds: dict[int, Ground] = {}
        self._versions: dict[str, str] = {}
        self._read = [_Read(chunk, flag) for chunk in chunks]

    @property
    def texts(self) -> list[SourceText]:
        """The sources as the model may read them."""
        return [SourceText(read.shown_title, read.shown) for read in self._read]

    @property
    def flagged(self) -> int:
        """How many sources had something in them that the model may not read."""
        return sum(read.flagged for read in self._read)

    async def judge(self, sentence: Drafted, collection: str) -> tuple[Verdict, list[Cited]]:
        """Whether the stored text of the sources that a sentence names says it, and the quotes that do."""
        for number in {number for number in sentence.cites if number in self._chunks} - self._grounds.keys():
            read = self._read[number - 1]
            self._grounds[number] = Ground.of(number, read.believed, read.believed_title)
        verdict = examine(sentence, self._grounds, self._question)
        if verdict.supported and verdict.doubtful:
            verdict = settled(verdict, await self._cosines(verdict.doubtful))
        if not verdict.supported:
            return verdict, []
        found = [(support.said, await self._cited(support, collection)) for support in verdict.supports]
        if {said for said, _ in found} - {said for said, quote in found if quote}:
            return Verdict("unknown-source"), []
        return verdict, [quote for _, quote in found if quote]

    async def _cosines(self, doubtful: Sequence[Support]) -> list[float] | None:
        texts = [text for support in doubtful for text in (support.said, *support.fact.texts)]
        try:
            vectors = await self._embedder.embed(texts)
        except EmbedderUnavailable:
            return None
        each = len(texts) // len(doubtful)
        rows = [vectors[start : start + each] for start in range(0, len(texts), each)]
        return [max(float(stored @ row[0]) for stored in row[1:]) for row in rows]

    async def _cited(self, support: Support, collection: str) -> Cited | None:
        """The quote of a fact; none where its document no longer says so."""
        chunk, fact = self._chunks[support.number], support.fact
        if not await self._stands(chunk, collection):
            return None
        return cited(chunk, fact.start, fact.end, support.share, self._flag)

    async def _stands(self, chunk: ChunkRecord, collection: str) -> bool:
        """Whether the stored text holds the passage now; a document is read once, then its version tells."""
        if chunk.document_id in self._versions:
            versions = await self._store.versions(collection, [chunk.document_id])
            return versions.get(chunk.document_id) == chunk.version
        stored = await self._store.text(collection, chunk.document_id)
        if stored is None or stored.version != chunk.version:
            return False
        self._versions[chunk.document_id] = stored.version
        return stored.text[chunk.start : chunk.end] == chunk.text


class _Read:
    """A passage with what is flagged in it taken out: for the model, and, offsets kept, for the verification."""

    def __init__(self, chunk: ChunkRecord, flag: Flag) -> None:
        spans = _merged(flag(chunk.text, chunk.context))
        title = " > ".join(line for line in chunk.context.split("\n") if line)
        title_spans = _merged(flag(title)) if title else []
        self.flagged = bool(spans or title_spans)
        self.shown = _replaced(chunk.text, spans, lambda _: LEFT_OUT)
        self.believed = _replaced(chunk.text, spans, lambda length: " " * length)
        self.shown_title = _replaced(title, title_spans, lambda _: LEFT_OUT)
        self.believed_title = "" if title_spans else chunk.context


def _merged(spans: Sequence[Flagged]) -> list[tuple[int, int]]:
    """The spans in order, those that touch as one."""
    merged: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda each: each.start):
        if merged and span.start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], span.end))
        else:
            merged.append((span.start, span.end))
    return merged


def _replaced(text: str, spans: Sequence[tuple[int, int]], by: Callable[[int], str]) -> str:
    """The text with each span replaced by what `by` makes of its length."""
    parts, read = [], 0
    for start, end in spans:
        parts += [text[read:start], by(end - start)]
        read = end
    return "".join([*parts, text[read:]])
