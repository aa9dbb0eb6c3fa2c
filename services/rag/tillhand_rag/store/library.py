"""The writer's thread: what it commits to the truth it then shows in the keyword indexes and the catalogs."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import structlog

from tillhand_rag.errors import StoreUnavailable
from tillhand_rag.ports import EmbeddingSpace
from tillhand_rag.store.catalog import Catalog
from tillhand_rag.store.keyword_index import KeywordIndex
from tillhand_rag.store.reading import Reading
from tillhand_rag.store.records import Change, Indexable
from tillhand_rag.store.shelf import Shelf
from tillhand_rag.store.truth import Truth, damaged
from tillhand_rag.store.writer import Operation, Outcome, Unit

TRUTH_FILE: Final = "truth.sqlite3"
_FILL_BATCH: Final = 512

_log: Final = structlog.get_logger(__name__)


class Library:
    """All collections. Everything belongs to the writer's thread but `shelves` and `reading`, which any may use, and
    `learnt`, which says how far the vector index has come with each collection and is set by whoever keeps it.
    """

    def __init__(self, folder: Path, space: EmbeddingSpace) -> None:
        self._words = folder / "keywords"
        self._dimension = space.dimension
        self.truth = Truth(folder / TRUTH_FILE, space)
        self.reading = Reading(folder / TRUTH_FILE, space.dimension)
        self.store_id = self.truth.store_id
        self.shelves: Mapping[str, Shelf] = {}
        self.learnt: Mapping[int, int] = {}
        self.rebuilt = 0
        self._forgotten: dict[int, int] = {}

    def load(self) -> None:
        """Bring every collection into memory and every keyword index up to date. Raises `StoreDamaged`."""
        try:
            collections = self.reading.collections()
            self.shelves = {name: self._loaded(key) for name, key in collections.items()}
        except sqlite3.DatabaseError as error:
            raise damaged(self.truth.path, error) from error
        self._sweep(collections.values())

    def commit(self, operations: Sequence[Operation]) -> Sequence[Outcome]:
        """Carry out operations in one transaction, then show what they did. All of them, or none, are durable."""
        try:
            outcomes = self._transact(operations)
        except (sqlite3.Error, OSError) as error:
            _log.error("store_write_failed", error=str(error))
            return [StoreUnavailable("The store could not write; nothing was changed.")] * len(operations)
        units = [outcome for outcome in outcomes if isinstance(outcome, Unit)]
        self._show(units)
        if any(change.chunks_before for unit in units for change in unit.changes) or any(u.dropped for u in units):
            self.truth.forget()
        return outcomes

    def close(self) -> None:
        """Release every file."""
        for shelf in self.shelves.values():
            shelf.words.close()
        self.reading.close()
        self.truth.close()

    def _transact(self, operations: Sequence[Operation]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        with self.truth.transaction():
            self._forget_changes()
            for operation in operations:
                try:
                    with self.truth.savepoint():
                        outcomes.append(operation(self.truth))
                except ValueError as error:
                    outcomes.append(error)
        return outcomes

    def _forget_changes(self) -> None:
        """Drop from the log what both indexes have learnt."""
        for shelf in self.shelves.values():
            through = min(shelf.words.mark.sequence, self.learnt.get(shelf.key, 0))
            if through > self._forgotten.get(shelf.key, 0):
                self.truth.forget_changes(shelf.key, through)
                self._forgotten[shelf.key] = through

    def _show(self, units: Sequence[Unit]) -> None:
        shelves = dict(self.shelves)
        changes: dict[int, list[Change]] = {}
        for unit in units:
            for name, key in unit.dropped.items():
                self._discard(shelves.pop(name, None), key)
                changes.pop(key, None)
            for name, key in unit.opened.items():
                if name not in shelves:
                    shelves[name] = self._new_shelf(key)
            for change in unit.changes:
                changes.setdefault(change.collection, []).append(change)
        for shelf in shelves.values():
            if shelf.key in changes:
                self._learn(shelf, changes[shelf.key])
        self.shelves = shelves

    def _learn(self, shelf: Shelf, changes: Sequence[Change]) -> None:
        latest = {change.document: change.content for change in changes}
        through = changes[-1].sequence
        try:
            shelf.words.apply(latest)
            shelf.words.advance(through)
        except (OSError, ValueError) as error:
            _log.error("keyword_index_failed", collection=shelf.key, error=str(error))
            shelf.words = self._rebuilt(shelf.key)
        shelf.catalog.apply(latest)
        shelf.sequence = through

    def _new_shelf(self, key: int) -> Shelf:
        return Shelf(key, Catalog(self._dimension), KeywordIndex.create(self._folder(key), self.store_id))

    def _discard(self, shelf: Shelf | None, key: int) -> None:
        if shelf is not None:
            shelf.words.close()
        shutil.rmtree(self._folder(key), ignore_errors=True)

    def _loaded(self, key: int) -> Shelf:
        catalog = Catalog(self._dimension)
        for some in _batches(self.reading.documents(key)):
            catalog.apply(some)
        words = self._caught_up(key, len(catalog))
        return Shelf(key, catalog, words, self.reading.last_change(key))

    def _caught_up(self, key: int, chunks: int) -> KeywordIndex:
        """The keyword index as it is on disk, after it has learnt what it missed; a useless one is built again."""
        words = KeywordIndex.open(self._folder(key), self.store_id)
        last = self.reading.last_sequence()
        if words is None or not self.reading.learnt(key) <= words.mark.sequence <= last:
            return self._rebuilt(key)
        missed = self.reading.changes(key, words.mark.sequence)
        if missed:
            words.apply({change.document: change.content for change in missed})
            words.advance(last)
        return words if len(words) == chunks else self._rebuilt(key)

    def _rebuilt(self, key: int) -> KeywordIndex:
        """A keyword index made from the truth alone."""
        last = self.reading.last_sequence()
        words = KeywordIndex.create(self._folder(key), self.store_id)
        for some in _batches(self.reading.documents(key)):
            words.apply(some)
        words.advance(last)
        if len(words):
            self.rebuilt += 1
            _log.warning("keyword_index_rebuilt", collection=key, chunks=len(words))
        return words

    def _folder(self, key: int) -> Path:
        return self._words / str(key)

    def _sweep(self, living: Iterable[int]) -> None:
        """Delete keyword indexes of collections that are gone."""
        kept = {str(key) for key in living}
        for child in self._words.iterdir() if self._words.exists() else ():
            if child.name not in kept:
                shutil.rmtree(child)


def _batches(documents: Iterable[Indexable]) -> Iterable[dict[int, Indexable | None]]:
    batch: dict[int, Indexable | None] = {}
    for document in documents:
        batch[document.key] = document
        if len(batch) == _FILL_BATCH:
            yield batch
            batch = {}
    if batch:
        yield batch
