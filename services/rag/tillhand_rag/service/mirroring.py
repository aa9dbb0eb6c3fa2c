"""One index made equal to another by what differs, so that it can be done again and again until nothing does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Final

from tillhand_rag.ports.store import Dates, DocumentRecord, HeldDocument, KnowledgeStore
from tillhand_rag.service.indexes import Index

PAGE: Final = 64
"""Documents that are read, embedded and written together."""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What had to be done: documents written to the target, and removed from it."""

    written: int = 0
    removed: int = 0

    def __add__(self, other: Mirrored) -> Mirrored:
        return Mirrored(self.written + other.written, self.removed + other.removed)

    @property
    def total(self) -> int:
        """Documents that differed."""
        return self.written + self.removed


async def mirror(
    source: Index, target: Index, collections: Iterable[str], passed: Callable[[int], None] = lambda _: None
) -> Mirrored:
    """Bring these collections of `target` to what `source` holds, embedded and cut anew; others are not touched.

    `passed` hears of every page how many documents it held. Raises `EmbedderUnavailable` or `StoreUnavailable`; what
    was done until then stays, and is not done again.
    """
    done = Mirrored()
    for collection in collections:
        async for records in _pages(source.store, collection):
            done += Mirrored(written=await _copied(source, target, collection, records))
            passed(len(records))
        done += Mirrored(removed=await _removed(source, target, collection))
    return done


async def _copied(source: Index, target: Index, collection: str, records: list[DocumentRecord]) -> int:
    known = {r.document_id: r for r in await target.store.records(collection, [r.document_id for r in records])}
    differing = [r.document_id for r in records if not _same(r, known.get(r.document_id))]
    held = {each.record.document_id: each for each in await source.store.held(collection, differing)}
    if not held:
        return 0
    indexed = await target.indexing.indexed(
        {name: each.parsed for name, each in held.items()}, {name: each.record.source for name, each in held.items()}
    )
    dates = {name: _dates(each) for name, each in held.items()}
    return len(await target.store.put(collection, indexed, dates=dates))


async def _removed(source: Index, target: Index, collection: str) -> int:
    if not source.store.has(collection):
        await target.store.delete_collection(collection)
        return 0
    removed = 0
    async for records in _pages(target.store, collection):
        names = [record.document_id for record in records]
        left = await source.store.versions(collection, names)
        gone = [name for name in names if name not in left]
        await target.store.put(collection, [], remove=gone)
        removed += len(gone)
    return removed


async def _pages(store: KnowledgeStore, collection: str) -> AsyncIterator[list[DocumentRecord]]:
    after: str | None = None
    while page := await store.list(collection, after=after, limit=PAGE):
        yield list(page)
        after = page[-1].document_id


def _same(record: DocumentRecord, other: DocumentRecord | None) -> bool:
    """Whether two records are of the same write: cut differently, perhaps, but of one text, source and moment."""
    return other is not None and _written(record) == _written(other)


def _written(record: DocumentRecord) -> tuple[str, str, str, str]:
    return record.version, record.source, record.created_at, record.updated_at


def _dates(held: HeldDocument) -> Dates:
    return Dates(held.record.created_at, held.record.updated_at)
