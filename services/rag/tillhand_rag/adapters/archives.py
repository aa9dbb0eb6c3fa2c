"""Backups as tar files: the manifest first, then its digest, then the files that it describes.

A backup is written beside its final name and renamed when it is on disk, so that a name stands for a whole one. What is
read is trusted only after every byte of it has been hashed: an archive may have been cut, altered or mixed up.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import IO, Final

from tillhand_common import private_files
from tillhand_rag.domain.backups import APPLICATION_ID, SCHEMA_VERSION, Manifest, PackedFile, manifest_from
from tillhand_rag.errors import ArchiveRefused, BackupNotFound
from tillhand_rag.ports.backups import SnapshotFacts

SUFFIX: Final = ".tar"
MANIFEST: Final = "manifest.json"
DIGEST: Final = "manifest.sha256"

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_MEMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}")
_MOST_MANIFEST_BYTES: Final = 16 * 1024 * 1024
_PIECE: Final = 1 << 20
_WORK: Final = ".work-"
_PARTIAL: Final = ".partial"


class TarArchives:
    """The archives of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sweep(self) -> None:
        """Remove what a process left that died while it made or read a backup."""
        if self._folder.is_dir():
            for path in self._folder.iterdir():
                if path.name.startswith(_WORK):
                    shutil.rmtree(path)
                elif path.name.endswith(_PARTIAL):
                    path.unlink()

    def workspace(self) -> Path:
        """A new folder beside the archives, so that what is in it can be renamed into place."""
        private_files.make_folder(self._folder)
        return Path(tempfile.mkdtemp(prefix=_WORK, dir=self._folder))

    def facts(self, truth: Path) -> SnapshotFacts:
        """What a copy of a truth holds. Raises `ArchiveRefused` when it is none, or damaged."""
        try:
            with closing(sqlite3.connect(truth)) as connection:
                application, schema = (
                    connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
                )
                if (application, schema) != (APPLICATION_ID, SCHEMA_VERSION):
                    raise ArchiveRefused("An index of the backup is of another version of the program.")
                if connection.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                    raise ArchiveRefused("An index of the backup is damaged.")
                counts = connection.execute("SELECT count(*), coalesce(sum(chunks), 0) FROM documents").fetchone()
        except sqlite3.DatabaseError as error:
            raise ArchiveRefused("An index of the backup is damaged.") from error
        return SnapshotFacts(schema, *counts)

    def pack(self, manifest: Manifest, files: Mapping[str, Path]) -> Manifest:
        """Write an archive of these files, durably; the manifest with their hashes."""
        private_files.make_folder(self._folder)
        packed = replace(manifest, files={name: _hashed(path) for name, path in files.items()})
        described = json.dumps(packed.as_json(), indent=2).encode()
        target = self._folder / f"{manifest.id}{SUFFIX}"
        partial = target.with_name(f"{target.name}{_PARTIAL}")
        with partial.open("xb") as file:
            partial.chmod(0o600)
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
                _add(archive, MANIFEST, described)
                _add(archive, DIGEST, hashlib.sha256(described).hexdigest().encode())
                for name, path in files.items():
                    archive.add(path, arcname=name, filter=_anonymous)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(target)
        private_files.sync_folder(self._folder)
        return packed

    def list(self) -> Sequence[Manifest]:
        """Every archive whose manifest can be read, the newest first."""
        found = []
        for path in self._folder.glob(f"*{SUFFIX}") if self._folder.is_dir() else ():
            try:
                with _opened(path) as archive:
                    found.append(_manifest(archive))
            except ArchiveRefused:
                continue
        return sorted(found, key=lambda manifest: (manifest.created_at, manifest.id), reverse=True)

    def verify(self, name: str) -> Manifest:
        """Read and hash all of an archive. Raises `BackupNotFound` or `ArchiveRefused`."""
        return self.verify_file(self._path(name))

    def verify_file(self, path: Path) -> Manifest:
        """The same for an archive anywhere. Raises `ArchiveRefused`."""
        return _read(path, lambda _: None)

    def unpack(self, name: str, target: Path) -> Manifest:
        """Like `verify`, and put every file into this folder."""
        return _read(self._path(name), lambda member: target / member)

    def _path(self, name: str) -> Path:
        path = self._folder / f"{name.removesuffix(SUFFIX)}{SUFFIX}"
        if not _NAME.fullmatch(name) or not path.is_file():
            raise BackupNotFound("There is no such backup.", field="backup")
        return path


def _read(path: Path, place: Callable[[str], Path | None]) -> Manifest:
    with _opened(path) as archive:
        manifest = _manifest(archive)
        missing = dict(manifest.files)
        while (member := archive.next()) is not None:
            if member.name not in missing or not member.isreg():
                raise ArchiveRefused("The backup holds a file that its manifest does not name.")
            expected = missing.pop(member.name)
            if _copied(archive.extractfile(member), place(member.name)) != expected:
                raise ArchiveRefused("A file of the backup is not what it was when the backup was made.")
        if missing:
            raise ArchiveRefused("The backup is not whole: files that its manifest names are missing.")
        return manifest


def _manifest(archive: tarfile.TarFile) -> Manifest:
    described, digest = _first(archive, MANIFEST), _first(archive, DIGEST)
    if hashlib.sha256(described).hexdigest().encode() != digest:
        raise ArchiveRefused("The backup's manifest is not what it was when the backup was made.")
    try:
        manifest = manifest_from(json.loads(described))
    except ValueError as error:
        raise ArchiveRefused("The backup's manifest is damaged.") from error
    if not all(_MEMBER.fullmatch(name) and ".." not in name for name in manifest.files):
        raise ArchiveRefused("The backup names files that it may not hold.")
    return manifest


def _first(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.next()
    if member is None or member.name != name or not member.isreg() or member.size > _MOST_MANIFEST_BYTES:
        raise ArchiveRefused("This is no backup of a Tillhand knowledge base.")
    content = archive.extractfile(member)
    return b"" if content is None else content.read()


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    """The archive, to be read from front to back; whatever is wrong with the file is an `ArchiveRefused`."""
    try:
        with tarfile.open(path, mode="r:") as archive:
            yield archive
    except (tarfile.TarError, EOFError) as error:
        raise ArchiveRefused("The backup is damaged, or no backup at all.") from error
    except OSError as error:
        raise ArchiveRefused("The backup cannot be read.") from error


def _copied(source: IO[bytes] | None, target: Path | None) -> PackedFile:
    digest, size = hashlib.sha256(), 0
    if source is None:
        raise ArchiveRefused("The backup is damaged.")
    if target is not None:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with source, open(target or os.devnull, "wb") as file:  # noqa: PTH123  # one of the two is no path
        while piece := source.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            file.write(piece)
        if target is not None:
            file.flush()
            os.fsync(file.fileno())
    return PackedFile(digest.hexdigest(), size)


def _hashed(path: Path) -> PackedFile:
    with path.open("rb") as file:
        return PackedFile(hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, BytesIO(content))


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without who owned the file here."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member
