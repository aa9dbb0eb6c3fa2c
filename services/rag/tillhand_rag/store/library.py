"""The writer's thread: what it commits to the truth it then shows in the keyword indexes and the catalogs."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import structlog

from tillhand_rag.errors import StoreUnavailable
from tillhand_rag.ports.embedding import EmbeddingSpace
from tillhand_rag.store.catalog import Catalog
from tillhand_rag.store.keyword_index import KeywordIndex
from tillhand_rag.store.keyword_shelf import KeywordShelf
from tillhand_rag.store.reading import Reading
from tillhand_rag.store.records import Change
from tillhand_rag.store.shelf import Shelf
from tillhand_rag.store.truth import Truth, damaged
from tillhand_rag.store.writer import Operation, Outcome, Unit

TRUTH_FILE: Final = "truth.sqlite3"

_log: Final = structlog.get_logger(__name__)


class Library:
    """All collections. Everything belongs to the writer's thread but `shelves`, `reading` and `freshened`, which any
    may use, and `learnt`, which says how far the vector index has come and is set by whoever keeps it. While `stale`,
    something has been committed that is not shown.
    """

    def __init__(self, folder: Path, space: EmbeddingSpace) -> None:
        self._dimension = space.dimension
        self.truth = Truth(folder / TRUTH_FILE, space)
        self.reading = Reading(folder / TRUTH_FILE, space.dimension)
        self.store_id = self.truth.store_id
        self.words = KeywordShelf(folder / "keywords", self.store_id, self.reading)
        self.shelves: Mapping[str, Shelf] = {}
        self.learnt: Mapping[int, int] = {}
        self._forgotten: dict[int, int] = {}
        self.stale = False
        self._kept_from: dict[int, int] = {}

    def load(self) -> None:
        """Bring every collection into memory and every keyword index up to date. Raises `StoreDamaged`."""
        try:
            self.shelves = {name: self._loaded(key) for name, key in self.reading.collections().items()}
        except sqlite3.DatabaseError as error:
            raise damaged(self.truth.path, error) from error
        self.words.sweep(shelf.words for shelf in self.shelves.values())

    def commit(self, operations: Sequence[Operation]) -> Sequence[Outcome]:
        """Carry out operations in one transaction, then show what they did. All of them, or none, are durable."""
        try:
            if self.stale:
                self._reload()
            outcomes = self._transact(operations)
        except (sqlite3.Error, OSError, ValueError) as error:
            _log.error("store_write_failed", error=str(error))
            return [StoreUnavailable("The store could not write; nothing was changed.")] * len(operations)
        units = [outcome for outcome in outcomes if isinstance(outcome, Unit)]
        try:
            self._show(units)
        except (OSError, ValueError) as error:
            _log.error("store_show_failed", error=str(error))
            self.stale = True
            unseen = StoreUnavailable("The store has kept the documents, but cannot show them yet.")
            return [unseen if isinstance(outcome, Unit) else outcome for outcome in outcomes]
        if any(unit.dropped or any(change.chunks_before for change in unit.changes) for unit in units):
            self.truth.forget()
        return outcomes

    def _reload(self) -> None:
        """After a write that could not be shown: start anew from what is on disk."""
        for shelf in self.shelves.values():
            shelf.words.close()
        self.load()
        self.stale = False

    def worn(self) -> list[Shelf]:
        """Collections whose keyword index may still hold removed words in its files."""
        return [shelf for shelf in self.shelves.values() if self.words.is_worn(shelf.words)]

    def freshened(self, shelf: Shelf) -> KeywordIndex:
        """A new keyword index for a collection; the log keeps what it will have missed until it is adopted."""
        self._kept_from[shelf.key] = self.reading.last_sequence()
        return self.words.built(shelf.key)

    def adopt(self, shelf: Shelf, fresh: KeywordIndex) -> None:
        """Let a new keyword index take over, unless its collection has gone meanwhile."""
        self._kept_from.pop(shelf.key, None)
        if all(known is not shelf for known in self.shelves.values()):
            fresh.destroy()
            return
        missed = self.reading.changes(shelf.key, fresh.mark.sequence)
        if missed:
            self.words.learn(fresh, missed)
        worn, shelf.words = shelf.words, fresh
        self.words.destroy(worn)

    def forget(self) -> None:
        """Truncate the log of the truth, which may hold what was overwritten while a reader was at work."""
        self.truth.forget()

    def close(self) -> None:
        """Release every file."""
        for shelf in self.shelves.values():
            shelf.words.close()
        self.truth.forget()
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
            through = min(through, self._kept_from.get(shelf.key, through))
            if through > self._forgotten.get(shelf.key, 0):
                self.truth.forget_changes(shelf.key, through)
                self._forgotten[shelf.key] = through

    def _show(self, units: Sequence[Unit]) -> None:
        shelves = dict(self.shelves)
        changes: dict[int, list[Change]] = {}
        for unit in units:
            for name, key in unit.dropped.items():
                changes.pop(key, None)
                self._forgotten.pop(key, None)
                if name in shelves:
                    self.words.destroy(shelves.pop(name).words)
            for name, key in unit.opened.items():
                shelves[name] = Shelf(key, Catalog(self._dimension), self.words.new(key))
            for change in unit.changes:
                changes.setdefault(change.collection, []).append(change)
        for shelf in shelves.values():
            if shelf.key in changes:
                self._learn(shelf, changes[shelf.key])
        self.shelves = shelves

    def _learn(self, shelf: Shelf, changes: Sequence[Change]) -> None:
        shelf.catalog.apply({change.document: change.content for change in changes})
        shelf.sequence = changes[-1].sequence
        shelf.sound = shelf.sound and self._taught(shelf, changes)
        if not shelf.sound:
            shelf.words = self.words.rebuilt_now(shelf.key)
            shelf.sound = True
        shelf.shown = shelf.sequence

    def _taught(self, shelf: Shelf, changes: Sequence[Change]) -> bool:
        try:
            self.words.learn(shelf.words, changes)
        except (OSError, ValueError) as error:
            _log.error("keyword_index_failed", collection=shelf.key, error=str(error))
            return False
        return True

    def _loaded(self, key: int) -> Shelf:
        catalog = Catalog(self._dimension)
        for some in self.reading.vectors(key):
            catalog.apply({document.key: document for document in some})
        return Shelf(key, catalog, self.words.load(key, len(catalog)), self.reading.last_change(key))
