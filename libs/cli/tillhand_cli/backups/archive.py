"""Archives as tar files: the manifest, its digest, then the files that it describes; sealed by a passphrase if asked.

An archive is written beside its name and renamed when it is on disk, so that a name stands for a whole one. What is
read is trusted only after every byte of it was hashed.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

from tillhand_cli.backups.errors import BackupRefused
from tillhand_cli.backups.manifest import Manifest, PackedFile, manifest_from
from tillhand_cli.backups.sealing import MAGIC, Opening, Sealing
from tillhand_common import private_files

SUFFIX: Final = ".tar"
SEALED_SUFFIX: Final = ".tar.sealed"
MANIFEST: Final = "manifest.json"
DIGEST: Final = "manifest.sha256"
UNFINISHED: Final = ".unfinished"
_MOST_MANIFEST_BYTES: Final = 16 * 1024 * 1024
_PIECE: Final = 1 << 20

Place = Callable[[str], Path | None]
"""Where a file of an archive goes, None for nowhere."""


def pack(target: Path, manifest: Manifest, files: Mapping[str, Path], passphrase: bytes | None) -> None:
    """Write an archive, durably, readable by its owner alone."""
    described = json.dumps(manifest.as_json(), indent=2).encode()
    partial = target.with_name(f"{target.name}{UNFINISHED}")
    with ExitStack() as stack:
        file = stack.enter_context(os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"))
        sink: Any = file if passphrase is None else Sealing(file, passphrase)
        with tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT) as archive:
            _add(archive, MANIFEST, described)
            _add(archive, DIGEST, hashlib.sha256(described).hexdigest().encode())
            for name, path in files.items():
                with path.open("rb") as source:
                    member = _member(name, path.stat().st_size)
                    archive.addfile(member, source)
        if sink is not file:
            sink.close()
        file.flush()
        os.fsync(file.fileno())
    partial.rename(target)
    private_files.sync_folder(target.parent)


def read(path: Path, passphrase: bytes | None, place: Place = lambda _: None) -> Manifest:
    """The manifest, once every byte was hashed; each file is written to the path that `place` names for it.

    Raises `BackupRefused`, naming the file that is not what it was.
    """
    with _opened(path, passphrase) as archive:
        manifest = _manifest(archive)
        missing = dict(manifest.files)
        while (member := archive.next()) is not None:
            expected = missing.pop(member.name, None)
            if expected is None or not member.isreg():
                raise BackupRefused(f"The backup holds {member.name[:200]!a}, which its manifest does not name.")
            if _copied(archive.extractfile(member), place(member.name)) != (expected.sha256, expected.bytes):
                raise BackupRefused(f"{member.name} is not what it was when the backup was made.")
        if missing:
            raise BackupRefused(f"The backup is not whole: {min(missing)} is missing.")
        return manifest


def described(path: Path) -> Manifest:
    """The manifest alone, of an archive that is not sealed. Raises `BackupRefused`."""
    with _opened(path, None) as archive:
        return _manifest(archive)


def packed(path: Path, schema: str) -> PackedFile:
    """What the manifest says of a file."""
    with path.open("rb") as file:
        return PackedFile(hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size, schema)


def is_sealed(path: Path) -> bool:
    """Whether a passphrase is needed. Raises `BackupRefused` for a file that cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise BackupRefused(f"The backup cannot be read: {error.strerror}.") from error


@contextmanager
def _opened(path: Path, passphrase: bytes | None) -> Iterator[tarfile.TarFile]:
    sealed = is_sealed(path)
    if sealed and passphrase is None:
        raise BackupRefused("The backup is sealed: --passphrase-file names the file with its passphrase.")
    try:
        with path.open("rb") as file:
            source: Any = file
            if sealed:
                file.seek(len(MAGIC))
                source = Opening(file, passphrase or b"")
            with tarfile.open(fileobj=source, mode="r|") as archive:
                yield archive
            while source.read(_PIECE):  # padding, whose integrity a seal vouches for, too
                pass
    except (tarfile.TarError, EOFError) as error:
        raise BackupRefused("The backup is damaged, or no backup at all.") from error


def _manifest(archive: tarfile.TarFile) -> Manifest:
    content, digest = _first(archive, MANIFEST), _first(archive, DIGEST)
    if hashlib.sha256(content).hexdigest().encode() != digest:
        raise BackupRefused(f"{MANIFEST} is not what it was when the backup was made.")
    return manifest_from(content)


def _first(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.next()
    if member is None or member.name != name or not member.isreg() or member.size > _MOST_MANIFEST_BYTES:
        raise BackupRefused("This is no backup of Tillhand.")
    content = archive.extractfile(member)
    return b"" if content is None else content.read()


def _copied(source: IO[bytes] | None, target: Path | None) -> tuple[str, int]:
    """The SHA-256 and the size of what was read, once it is on disk where there is a target."""
    digest, size = hashlib.sha256(), 0
    with ExitStack() as stack:
        sink = None
        if target is not None:
            private_files.make_folder(target.parent)
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            sink = stack.enter_context(os.fdopen(descriptor, "wb"))
        while source is not None and (piece := source.read(_PIECE)):
            digest.update(piece)
            size += len(piece)
            if sink is not None:
                sink.write(piece)
        if sink is not None:
            sink.flush()
            os.fsync(sink.fileno())
    return digest.hexdigest(), size


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    archive.addfile(_member(name, len(content)), BytesIO(content))


def _member(name: str, size: int) -> tarfile.TarInfo:
    """Without who owned the file here, or when it was written."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member
