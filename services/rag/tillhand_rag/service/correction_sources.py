"""What corrections rest on, held against what the documents say: when one is written, and whenever one is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from tillhand_rag.errors import UnverifiedSource
from tillhand_rag.ports.corrections import CorrectionSource
from tillhand_rag.ports.store import DocumentRecord, StoredText

MAX_QUOTE_CHARACTERS: Final = 4_000


class Texts(Protocol):
    """What of a store is needed to look sources up."""

    async def get(self, collection: str, document_id: str) -> DocumentRecord | None: ...
    async def text(self, collection: str, document_id: str) -> StoredText | None: ...
    async def of_sources(self, collection: str, sources: Sequence[str]) -> Sequence[str]: ...
    async def versions(self, collection: str, document_ids: Sequence[str]) -> dict[str, str]: ...


@dataclass(frozen=True, slots=True)
class GivenSource:
    """A source as a writer names it: a document by its id or by where it came from, or an address."""

    document_id: str | None = None
    source: str | None = None
    quote: str | None = None
    start: int | None = None
    end: int | None = None
    url: str | None = None
    title: str | None = None


async def verified(texts: Texts, collection: str, given: Sequence[GivenSource]) -> tuple[CorrectionSource, ...]:
    """These sources as they are now. Raises `UnverifiedSource` for one that is not there, or does not say so."""
    return tuple([await _verified(texts, collection, each, f"body.sources.{at}") for at, each in enumerate(given)])


async def as_of_now(
    texts: Texts, collection: str, sources: Iterable[Sequence[CorrectionSource]]
) -> list[tuple[CorrectionSource, ...]]:
    """The sources of each of some corrections, those that have changed since marked as stale."""
    corrections = list(sources)
    ids = {each.document_id: None for some in corrections for each in some if each.document_id is not None}
    versions = await texts.versions(collection, list(ids)) if ids else {}
    return [tuple([await _now(texts, collection, each, versions) for each in some]) for some in corrections]


async def _verified(texts: Texts, collection: str, given: GivenSource, field: str) -> CorrectionSource:
    if given.url is not None:
        return CorrectionSource(url=given.url, title=given.title)
    record = await _document(texts, collection, given)
    stored = None if record is None else await texts.text(collection, record.document_id)
    if record is None or stored is None:
        raise UnverifiedSource("The collection has no such document, or several.", field=field)
    source = CorrectionSource(
        document_id=record.document_id,
        source=record.source,
        title=given.title or record.title,
        version=stored.version,
    )
    if given.quote is None and given.start is None and given.end is None:
        return source
    span = _span(stored.text, given)
    if span is None:
        raise UnverifiedSource("The document does not say this there.", field=field)
    return replace(source, start=span[0], end=span[1], quote=stored.text[span[0] : span[1]])


def _span(text: str, given: GivenSource) -> tuple[int, int] | None:
    """Where the quote stands, or the span that was given; None when the text holds no such thing."""
    if given.start is None and given.end is None and given.quote is not None:
        start = text.find(given.quote)
        return None if start < 0 else (start, start + len(given.quote))
    start, end = given.start or 0, given.end or 0
    inside = 0 <= start < end <= min(len(text), start + MAX_QUOTE_CHARACTERS)
    agrees = given.quote is None or text[start:end] == given.quote
    return (start, end) if inside and agrees else None


async def _document(texts: Texts, collection: str, given: GivenSource) -> DocumentRecord | None:
    names = [given.document_id] if given.document_id is not None else []
    if given.source is not None:
        names = list(await texts.of_sources(collection, [given.source]))
    return await texts.get(collection, names[0]) if len(names) == 1 else None


async def _now(texts: Texts, collection: str, source: CorrectionSource, versions: dict[str, str]) -> CorrectionSource:
    if source.document_id is None or versions.get(source.document_id) == source.version:
        return source
    stored = await texts.text(collection, source.document_id) if source.document_id in versions else None
    if stored is None or source.quote is None:
        return replace(source, stale=True)
    start = stored.text.find(source.quote)
    if start < 0:
        return replace(source, stale=True)
    return replace(source, version=stored.version, start=start, end=start + len(source.quote))
