"""Joins what replaces indexes while they serve: rebuilds, backups and restores."""

from __future__ import annotations

import asyncio
import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

from tillhand_common.clock import Clock
from tillhand_rag.adapters.archives import TarArchives
from tillhand_rag.app.evaluations import sweep_scratch
from tillhand_rag.app.joining import IndexOpening
from tillhand_rag.app.laying import wanted_specs
from tillhand_rag.service.backups import Backups
from tillhand_rag.service.correction_book import CorrectionBook
from tillhand_rag.service.indexes import Indexes
from tillhand_rag.service.rebuilding import GoldenCheck, Rebuilding
from tillhand_rag.service.restoring import Restoring
from tillhand_rag.settings import RagSettings
from tillhand_rag.store import Layout
from tillhand_rag.store.ledger import Ledger
from tillhand_rag.store.library import TRUTH_FILE


@dataclass(frozen=True, slots=True)
class Replacing:
    """Rebuilds, backups and restores; one index is replaced at a time, by whichever of them."""

    rebuilding: Rebuilding
    backups: Backups
    restoring: Restoring


async def joined_replacing(
    settings: RagSettings,
    *,
    indexes: Indexes,
    layout: Layout,
    opening: IndexOpening,
    ledger: Ledger,
    judge: GoldenCheck,
    book: CorrectionBook,
    clock: Clock,
) -> Replacing:
    """What replaces these indexes; `judge` puts the golden questions to those that are about to serve."""
    turn = asyncio.Lock()
    archives = await asyncio.to_thread(_swept, settings)
    version = importlib.metadata.version("tillhand-rag")
    backups = Backups(indexes=indexes, ledger=ledger, archives=archives, goldens=judge, version=version, clock=clock)
    rebuilding = Rebuilding(
        indexes=indexes,
        placements=layout,
        opening=opening,
        goldens=judge,
        wanted=wanted_specs(settings),
        clock=clock,
        tolerance=settings.rebuild_tolerance,
        turn=turn,
    )
    restoring = Restoring(
        indexes=indexes,
        placements=layout,
        folder=layout.folder,
        truth_file=TRUTH_FILE,
        opening=opening,
        archives=archives,
        backups=backups,
        beside=_BesideJobs(ledger),
        reload=book.load,
        goldens=judge,
        clock=clock,
        turn=turn,
    )
    return Replacing(rebuilding, backups, restoring)


class _BesideJobs:
    """What a restore takes from another ledger: everything but the jobs, which are those of this installation."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def replace_from(self, path: Path) -> None:
        await self._ledger.replace_from(path, but=["jobs"])


def _swept(settings: RagSettings) -> TarArchives:
    """The archives, without what a process left in their folder that died."""
    archives = TarArchives(settings.backups)
    archives.sweep()
    sweep_scratch(settings.store_dir)
    return archives
