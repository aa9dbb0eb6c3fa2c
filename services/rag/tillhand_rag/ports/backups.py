"""Where backups lie, and what one is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tillhand_rag.domain.backups import Manifest


@dataclass(frozen=True, slots=True)
class SnapshotFacts:
    """What a copy of an index's truth holds."""

    schema: int
    documents: int
    chunks: int


class Archives(Protocol):
    """The folder of backups. Names are file names in it; nothing outside of it is touched."""

    def workspace(self) -> Path:
        """A new folder for copies that are about to be packed or restored; the caller removes it."""
        ...

    def facts(self, truth: Path) -> SnapshotFacts:
        """What a copy of a truth holds. Raises `ArchiveRefused` when it is none, or damaged."""
        ...

    def pack(self, manifest: Manifest, files: Mapping[str, Path]) -> Manifest:
        """Write an archive of these files, durably, visible only as a whole; the manifest with their hashes."""
        ...

    def list(self) -> Sequence[Manifest]:
        """Every archive that can be read, the newest first."""
        ...

    def verify(self, name: str) -> Manifest:
        """Read all of an archive. Raises `BackupNotFound`, or `ArchiveRefused` saying what is wrong with it."""
        ...

    def unpack(self, name: str, target: Path) -> Manifest:
        """Like `verify`, and put every file into this folder."""
        ...
