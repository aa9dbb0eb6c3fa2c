"""Backups as files: listed and verified without opening anything else."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tillhand_common.settings import load
from tillhand_rag.adapters.archives import TarArchives
from tillhand_rag.settings import RagSettings


def backup_folder() -> Path:
    """Where the backups of this installation lie."""
    return load(RagSettings).backups


async def list_backups() -> dict[str, Any]:
    """Every backup, the newest first, under `items`."""
    found = await asyncio.to_thread(TarArchives(backup_folder()).list)
    return {"items": [manifest.as_json() for manifest in found]}


def verify_backup(backup: str) -> dict[str, Any]:
    """The manifest of a backup, by name or path, once all of it was read.

    Raises `BackupNotFound` or `ArchiveRefused`.
    """
    archives = TarArchives(backup_folder())
    path = Path(backup)
    return (archives.verify_file(path) if path.is_file() else archives.verify(backup)).as_json()
