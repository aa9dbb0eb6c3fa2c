"""Taking back what a backup holds, while the service serves: verified first, then in place all at once."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from tillhand_common.clock import Clock, rfc3339
from tillhand_rag.domain.backups import LEDGER, Manifest, PackedGoldens
from tillhand_rag.domain.indexes import Generation, Placement
from tillhand_rag.errors import ArchiveRefused
from tillhand_rag.ports.backups import Archives
from tillhand_rag.ports.indexes import Placements
from tillhand_rag.service.backups import Backups, Progress
from tillhand_rag.service.indexes import Index, Indexes
from tillhand_rag.service.rebuilding import GoldenCheck, Opening

_log = structlog.get_logger(__name__)


class KeptBeside(Protocol):
    """What is kept beside documents, as far as a restore replaces it."""

    async def replace_from(self, path: Path) -> None:
        """Let the content of this file take the place of ours, all of it or nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `kept_as` is the backup of what was there before, None where there was nothing."""

    backup: str
    documents: int
    goldens: PackedGoldens
    goldens_then: PackedGoldens
    kept_as: str | None
    seconds: float

    @property
    def verified(self) -> bool:
        """Whether the golden questions are answered as well as when the backup was made."""
        return self.goldens.passed >= self.goldens_then.passed


class Restoring:
    """Restores backups. `truth_file` is the name of an index's truth in its folder; `reload` is called afterwards."""

    def __init__(
        self,
        *,
        indexes: Indexes,
        placements: Placements,
        folder: Callable[[Generation], Path],
        truth_file: str,
        opening: Opening,
        archives: Archives,
        backups: Backups,
        beside: KeptBeside,
        reload: Callable[[], Awaitable[None]],
        goldens: GoldenCheck,
        clock: Clock,
        turn: asyncio.Lock,
    ) -> None:
        self._indexes = indexes
        self._placements = placements
        self._folder = folder
        self._truth_file = truth_file
        self._opening = opening
        self._archives = archives
        self._backups = backups
        self._beside = beside
        self._reload = reload
        self._goldens = goldens
        self._clock = clock
        self._turn = turn

    async def restore(self, name: str, *, progress: Progress = lambda *_: None) -> Restored:
        """Put what this backup holds in place of everything; what was there is backed up before.

        Raises `BackupNotFound`, `ArchiveRefused` or `IndexUnusable`, and then nothing has changed.
        """
        started = time.perf_counter()
        async with self._turn:
            work = await asyncio.to_thread(self._archives.workspace)
            try:
                progress("verifying", 0, 0)
                manifest = await asyncio.to_thread(self._archives.unpack, name, work)
                await asyncio.to_thread(self._check, manifest, work)
                kept_as = await self._kept(progress)
                progress("opening", 0, 0)
                await self._put_in_place(manifest, work)
            finally:
                await asyncio.to_thread(shutil.rmtree, work)
                await asyncio.to_thread(self._placements.sweep)
            progress("checking", 0, 0)
            goldens = await self._figures()
        return Restored(
            backup=manifest.id,
            documents=manifest.documents,
            goldens=goldens,
            goldens_then=manifest.goldens,
            kept_as=kept_as,
            seconds=round(time.perf_counter() - started, 3),
        )

    def _check(self, manifest: Manifest, work: Path) -> None:
        """Raise `ArchiveRefused` unless every index is what the manifest says of it."""
        for packed in manifest.indexes:
            facts = self._archives.facts(work / packed.file)
            if (facts.documents, facts.chunks) != (packed.documents, packed.chunks):
                raise ArchiveRefused("An index of the backup does not hold what the manifest says.")

    async def _kept(self, progress: Progress) -> str | None:
        if not any([await index.store.collections() for index in self._indexes.all()]):
            return None
        return (await self._backups.create(progress=progress)).id

    async def _put_in_place(self, manifest: Manifest, work: Path) -> None:
        """Open every index beside the live ones, then let them take over in a moment in which nobody writes."""
        async with AsyncExitStack() as opened:
            fresh: list[Index] = []
            for name, generation in self._generations(manifest).items():
                packed = next((each for each in manifest.indexes if each.name == name), None)
                if packed is not None:
                    await asyncio.to_thread(self._laid, work / packed.file, self._folder(generation))
                fresh.append(await self._opening(name, generation))
                opened.push_async_callback(fresh[-1].close)
            async with AsyncExitStack() as quiet:
                for index in self._indexes.all():
                    await quiet.enter_async_context(self._indexes.quiet(index.name))
                await self._beside.replace_from(work / LEDGER)
                self._placements.place_all({index.name: self._placed(index) for index in fresh})
                opened.pop_all()
                for before in [self._indexes.replace(index) for index in fresh]:
                    if before is not None:
                        self._indexes.retire(before)
            await self._reload()
        _log.info("backup_restored", backup=manifest.id, documents=manifest.documents)

    def _generations(self, manifest: Manifest) -> Mapping[str, Generation]:
        """A new generation for each index of the backup, and an empty one for each of ours that it does not have."""
        now = rfc3339(self._clock.now())
        specs = {name: placed.live.spec for name, placed in self._placements.placements.items()}
        specs |= {packed.name: packed.spec for packed in manifest.indexes}
        return {name: self._placements.next_generation(name, spec, now) for name, spec in specs.items()}

    def _laid(self, truth: Path, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True)
        truth.rename(folder / self._truth_file)

    def _placed(self, index: Index) -> Placement:
        before = self._placements.placements.get(index.name)
        return Placement(live=index.generation, previous=None if before is None else before.live)

    async def _figures(self) -> PackedGoldens:
        figures = [await self._goldens.figures(index) for index in self._indexes.all()]
        return PackedGoldens(sum(each.questions for each in figures), sum(each.passed for each in figures))
