"""Making a backup, of services that run and of services that do not."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from tillhand_cli.backups import archive, copying
from tillhand_cli.backups.catalogue import LEFT_OUT, Places, Store, to_copy
from tillhand_cli.backups.errors import BackupRefused, NothingToBackUp, StoreUnreadable
from tillhand_cli.backups.manifest import POSTGRES_COPY, Manifest, PackedFile, known_store, manifest_from
from tillhand_cli.members import APPROVALS, MEMBERS
from tillhand_common import private_files
from tillhand_common.clock import Clock, rfc3339
from tillhand_common.lifecycle import StartupError
from tillhand_common.ownership import RESTORE_JOURNAL, owned

MAKING: Final = ".making-"
LAYOUT: Final = "rag/layout.json"
_TRUTHS: Final = "rag/indexes/"
ATTEMPTS: Final = 5


def make(places: Places, clock: Clock, *, database_url: str | None, passphrase: bytes | None) -> tuple[Manifest, Path]:
    """Back up everything into a new archive; what it holds, and where it is.

    Raises `NothingToBackUp` and `StoreUnreadable`; then there is no archive.
    """
    if (places.data / RESTORE_JOURNAL).exists():
        raise StoreUnreadable(str(places.data), "a restore into it was cut short")
    if not any(to_copy(places)):
        raise NothingToBackUp(str(places.data))
    folder = places.backups
    private_files.make_folder(folder)
    with private_files.locked(folder / "making"), ExitStack() as stack:
        _sweep(folder)
        now = clock.now()
        name = f"tillhand-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=MAKING, dir=folder)))
        running = stack.enter_context(working(places.data, clock))
        files = _copied(places, work, running)
        if database_url:
            files[POSTGRES_COPY] = _copied_from_postgres(database_url, work)
        manifest = Manifest(
            id=name,
            created_at=rfc3339(now),
            made_by=importlib.metadata.version("tillhand-cli"),
            data_folder=str(places.data.absolute()),
            approvals_in="postgresql" if database_url else "sqlite",
            running=tuple(running),
            left_out=LEFT_OUT,
            files={each: _described(each, path) for each, path in files.items()},
        )
        _read_back(manifest)
        target = folder / f"{name}{archive.SUFFIX if passphrase is None else archive.SEALED_SUFFIX}"
        archive.pack(target, manifest, files, passphrase)
        return manifest, target


@contextmanager
def working(data: Path, clock: Clock) -> Iterator[Sequence[str]]:
    """The services that work on this data; the others are kept from starting until the end of the block."""
    with ExitStack() as stack:
        running = []
        for member in MEMBERS:
            if (data / f"{member.name}.lock").exists():
                try:
                    stack.enter_context(owned(data, member.name, clock))
                except StartupError:
                    running.append(member.name)
        yield running


def _copied(places: Places, work: Path, running: Sequence[str]) -> dict[str, Path]:
    """Every file, copied; once more when the knowledge base has replaced an index meanwhile."""
    for _ in range(ATTEMPTS):
        layout, failure = _content(places.path(LAYOUT)), None
        files: dict[str, Path] = {}
        try:
            files = _every(places, work, running, layout)
        except StoreUnreadable as error:
            failure = error
        if _content(places.path(LAYOUT)) == layout:
            if failure is not None:
                raise failure
            return files
        shutil.rmtree(work)
        work.mkdir(mode=0o700)
    raise StoreUnreadable("rag", "its indexes are replaced again and again")


def _every(places: Places, work: Path, running: Sequence[str], layout: bytes) -> dict[str, Path]:
    live = copying.live_truths(layout) if layout else frozenset()
    files = {
        name: _one(places, work, name, store, running)
        for name, store in to_copy(places)
        if not name.startswith(_TRUTHS) or name in live
    }
    if LAYOUT in files:
        files[LAYOUT].write_bytes(copying.layout_of_the_live(layout))
    return files


def _one(places: Places, work: Path, name: str, store: Store, running: Sequence[str]) -> Path:
    copying.copy(name, places.path(name), work / name, store, running=store.owner in running)
    return work / name


def _copied_from_postgres(address: str, work: Path) -> Path:
    target = work / POSTGRES_COPY
    private_files.make_folder(target.parent)
    importlib.import_module(f"{APPROVALS.package}.commands").copy_database(address, target)
    return target


def _described(name: str, path: Path) -> PackedFile:
    store = known_store(name)
    return archive.packed(path, "" if store is None or store.how == "file" else copying.schema_of(path))


def _read_back(manifest: Manifest) -> None:
    """Raise `StoreUnreadable` for what this program itself would refuse to restore."""
    try:
        manifest_from(json.dumps(manifest.as_json()).encode())
    except BackupRefused as error:
        raise StoreUnreadable("The data folder", error.message) from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _sweep(folder: Path) -> None:
    """Remove what a process left that died while it made a backup."""
    for path in folder.iterdir():
        if path.name.startswith(MAKING):
            shutil.rmtree(path)
        elif path.name.endswith(archive.UNFINISHED):
            path.unlink()
