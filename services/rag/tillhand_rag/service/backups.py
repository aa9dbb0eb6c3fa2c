"""Backups: a consistent copy of everything while the service serves, and a way to tell whether it is whole."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from tillhand_common.clock import Clock, rfc3339
from tillhand_rag.domain.backups import LEDGER, Manifest, PackedCollection, PackedGoldens, PackedIndex
from tillhand_rag.ports.backups import Archives
from tillhand_rag.service.indexes import Index, Indexes
from tillhand_rag.service.rebuilding import GoldenCheck

Progress = Callable[[str, int, int], None]
"""Hears of the phase, how much of it is done, and of how much."""


class Copied(Protocol):
    """Something with a file of its own that can be copied while it is in use."""

    async def copy(self, target: Path) -> None:
        """Write a copy, as it is at one moment, to a file that does not exist."""
        ...


def new_name(now: datetime) -> str:
    """A backup's name: sorts by time, and is never given twice."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"


class Backups:
    """Makes, lists and verifies backups. An index's truth, and the ledger, are each copied as at one moment."""

    def __init__(
        self,
        *,
        indexes: Indexes,
        ledger: Copied,
        archives: Archives,
        goldens: GoldenCheck,
        version: str,
        clock: Clock,
    ) -> None:
        self._indexes = indexes
        self._ledger = ledger
        self._archives = archives
        self._goldens = goldens
        self._version = version
        self._clock = clock

    async def create(self, name: str | None = None, *, progress: Progress = lambda *_: None) -> Manifest:
        """Back up all documents, and what is kept beside them, under this name.

        What was acknowledged before is in it. Raises `StoreUnavailable`; then there is no backup of this name.
        """
        now = self._clock.now()
        work = await asyncio.to_thread(self._archives.workspace)
        try:
            indexes = self._indexes.all()
            packed: list[PackedIndex] = []
            collections: list[PackedCollection] = []
            questions, passed = 0, 0
            for at, index in enumerate(indexes):
                progress("copying", at, len(indexes))
                packed.append(await self._copied(index, work))
                collections += await self._collections(index)
                figures = await self._goldens.figures(index)
                questions, passed = questions + figures.questions, passed + figures.passed
            await self._ledger.copy(work / LEDGER)
            progress("packing", len(indexes), len(indexes))
            manifest = Manifest(
                id=name or new_name(now),
                created_at=rfc3339(now),
                version=self._version,
                indexes=packed,
                collections=collections,
                goldens=PackedGoldens(questions, passed),
            )
            files = {each.file: work / each.file for each in packed} | {LEDGER: work / LEDGER}
            return await asyncio.to_thread(self._archives.pack, manifest, files)
        finally:
            await asyncio.to_thread(shutil.rmtree, work)

    async def every(self) -> Sequence[Manifest]:
        """Every backup, the newest first."""
        return await asyncio.to_thread(self._archives.list)

    async def verify(self, name: str) -> Manifest:
        """Read and hash all of a backup. Raises `BackupNotFound` or `ArchiveRefused`."""
        return await asyncio.to_thread(self._archives.verify, name)

    async def _copied(self, index: Index, work: Path) -> PackedIndex:
        file = f"indexes-{index.name}.sqlite3"
        async with self._indexes.kept(index):
            await index.store.copy(work / file)
        facts = await asyncio.to_thread(self._archives.facts, work / file)
        return PackedIndex(
            name=index.name,
            file=file,
            spec=index.generation.spec,
            space=index.embedder.space.id,
            schema=facts.schema,
            documents=facts.documents,
            chunks=facts.chunks,
        )

    async def _collections(self, index: Index) -> list[PackedCollection]:
        stats = await index.store.collections()
        return [PackedCollection(each.name, index.name, each.documents, each.chunks) for each in stats]
