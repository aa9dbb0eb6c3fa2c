"""Uploaded files on their way into the knowledge base: on disk before they are acknowledged, gone once they are read.

    rag/uploads/<job>/00000  the first file of a job

A folder without a job was left by a process that died before it could acknowledge; `sweep` removes it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from tillhand_common.private_files import make_folder
from tillhand_rag.domain.ingestions import UploadedFile
from tillhand_rag.errors import StoreUnavailable
from tillhand_rag.ports.folders import FileContent

FOLDER: Final = "uploads"
_UNFINISHED: Final = ".unfinished"


class UploadFolder:
    """Keeps uploads in a folder of the data directory."""

    def __init__(self, store_dir: Path) -> None:
        self._root = store_dir / FOLDER

    async def keep(self, job_id: str, files: Sequence[BinaryIO]) -> None:
        """Keep these files, durably and all together. Raises `StoreUnavailable` when they cannot be written."""
        try:
            await asyncio.to_thread(self._keep, job_id, files)
        except OSError as error:
            await self.drop(job_id)
            raise StoreUnavailable("The uploaded files cannot be kept.") from error

    async def sizes(self, job_id: str, files: Sequence[UploadedFile]) -> Sequence[int]:
        """How large each of the files is; 0 for one that is not there."""
        return await asyncio.to_thread(lambda: [_size(self._file(job_id, at)) for at in range(len(files))])

    async def read(self, job_id: str, numbers: Sequence[int]) -> Sequence[FileContent | None]:
        """Some of the files; None for one that is not there."""
        return await asyncio.to_thread(lambda: [_content(self._file(job_id, number)) for number in numbers])

    async def drop(self, job_id: str) -> None:
        """Remove what was kept for a job; harmless when nothing was."""
        for name in (job_id, job_id + _UNFINISHED):
            await asyncio.to_thread(shutil.rmtree, self._root / name, ignore_errors=True)

    async def sweep(self, job_ids: Collection[str]) -> Sequence[str]:
        """Remove everything that belongs to none of these jobs; the names of what was removed."""
        return await asyncio.to_thread(self._sweep, job_ids)

    def _keep(self, job_id: str, files: Sequence[BinaryIO]) -> None:
        make_folder(self._root)
        unfinished = self._root / (job_id + _UNFINISHED)
        unfinished.mkdir(mode=0o700)
        for number, source in enumerate(files):
            descriptor = os.open(unfinished / _name(number), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "wb") as file:  # noqa: PTH123  # a descriptor, not a path
                shutil.copyfileobj(source, file)
                file.flush()
                os.fsync(descriptor)
        _sync(unfinished)
        unfinished.rename(self._root / job_id)
        _sync(self._root)

    def _sweep(self, job_ids: Collection[str]) -> list[str]:
        found = sorted(self._root.iterdir()) if self._root.is_dir() else []
        orphans = [path for path in found if path.name not in job_ids]
        for path in orphans:
            shutil.rmtree(path, ignore_errors=True)
        return [path.name for path in orphans]

    def _file(self, job_id: str, number: int) -> Path:
        return self._root / job_id / _name(number)


def _name(number: int) -> str:
    return f"{number:05d}"


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _content(path: Path) -> FileContent | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return FileContent(data, hashlib.sha256(data).hexdigest())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
