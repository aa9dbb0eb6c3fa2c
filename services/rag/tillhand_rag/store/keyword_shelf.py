"""Where keyword indexes live, how one comes up to date, and how one is built anew from the truth."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import structlog

from tillhand_rag.store.keyword_index import KeywordIndex
from tillhand_rag.store.reading import Reading
from tillhand_rag.store.records import Change, Indexable

_BATCH: Final = 512
_SMALL: Final = 20_000
_WORN_SHARE: Final = 20
_MOST_WRITERS: Final = 8
"""Indexes that keep their writer, the last ones written: each has six threads."""
_AGE_S: Final = 3_600.0

_log: Final = structlog.get_logger(__name__)


class Interrupted(Exception):
    """The store closes: what was being built is of no use any more."""


class KeywordShelf:
    """A folder for each generation of each collection's index: the next one is complete before the last one goes."""

    def __init__(self, folder: Path, store_id: str, reading: Reading) -> None:
        self._folder = folder
        self._store_id = store_id
        self._reading = reading
        self.rebuilt = 0
        self.stopping = False
        self._writing: dict[KeywordIndex, None] = {}

    def new(self, collection: int) -> KeywordIndex:
        """The empty index of a new collection."""
        index = KeywordIndex.create(self._next(collection), self._store_id)
        index.advance(0)
        return index

    def load(self, collection: int, chunks: int) -> KeywordIndex:
        """The index on disk after it has learnt what it missed; one that is no use is built anew."""
        for folder in reversed(self._generations(collection)):
            index = KeywordIndex.open(folder, self._store_id)
            if index is not None and self._is_caught_up(index, collection, chunks):
                return index
        return self.rebuilt_now(collection)

    def rebuilt_now(self, collection: int) -> KeywordIndex:
        """A new generation in the place of one that is of no use."""
        self.rebuilt += 1
        _log.warning("keyword_index_rebuilding", collection=collection)
        return self.built(collection)

    def built(self, collection: int) -> KeywordIndex:
        """A new generation, made from the truth as it was at the change that its mark names.

        Raises `Interrupted` when `stopping` is set meanwhile.
        """
        through = self._reading.last_sequence()
        index = KeywordIndex.create(self._next(collection), self._store_id)
        for some in _batches(self._reading.documents(collection)):
            index.apply(some)
            if self.stopping:
                index.destroy()
                raise Interrupted
        index.advance(through)
        return index

    def learn(self, index: KeywordIndex, changes: Sequence[Change]) -> None:
        """Take over these changes, oldest first. Raises `ValueError` or `OSError` when the index is of no use."""
        self._writing.pop(index, None)
        while len(self._writing) >= _MOST_WRITERS:
            next(iter(self._writing)).close()
            del self._writing[next(iter(self._writing))]
        index.apply({change.document: change.content for change in changes})
        index.advance(changes[-1].sequence, removed=sum(1 for change in changes if change.chunks_before))
        self._writing[index] = None

    def destroy(self, index: KeywordIndex) -> None:
        """Delete an index, and hold it no longer: its files stay mapped for as long as anybody does."""
        self._writing.pop(index, None)
        index.destroy()

    def is_worn(self, index: KeywordIndex) -> bool:
        """Whether its files may hold removed words, and it is small, they are many, or an hour has passed."""
        removed, chunks = index.mark.removed, len(index)
        return removed > 0 and (chunks <= _SMALL or removed * _WORN_SHARE >= chunks or index.age_s >= _AGE_S)

    def sweep(self, living: Iterable[KeywordIndex]) -> None:
        """Delete every folder but those of these indexes."""
        kept = {index.folder for index in living}
        for child in self._folder.iterdir() if self._folder.exists() else ():
            if child not in kept:
                shutil.rmtree(child)

    def _is_caught_up(self, index: KeywordIndex, collection: int, chunks: int) -> bool:
        if not self._reading.learnt(collection) <= index.mark.sequence <= self._reading.last_sequence():
            return False
        missed = self._reading.changes(collection, index.mark.sequence)
        try:
            if missed:
                self.learn(index, missed)
        except (OSError, ValueError) as error:
            # As after a crash in the middle of a commit: its files are in the way of the same commit made again.
            _log.warning("keyword_index_failed", collection=collection, error=str(error))
            return False
        return len(index) == chunks

    def _generations(self, collection: int) -> list[Path]:
        return sorted(self._folder.glob(f"{collection}-*"), key=lambda folder: int(folder.name.split("-")[1]))

    def _next(self, collection: int) -> Path:
        generations = self._generations(collection)
        number = int(generations[-1].name.split("-")[1]) + 1 if generations else 1
        return self._folder / f"{collection}-{number}"


def _batches(documents: Iterable[Indexable]) -> Iterator[dict[int, Indexable | None]]:
    batch: dict[int, Indexable | None] = {}
    for document in documents:
        batch[document.key] = document
        if len(batch) == _BATCH:
            yield batch
            batch = {}
    if batch:
        yield batch
