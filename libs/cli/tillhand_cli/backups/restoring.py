"""Reading backups: whether one is whole, which there are, and putting one in the place of everything."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tillhand_cli.backups import archive, copying
from tillhand_cli.backups.catalogue import Places, to_copy
from tillhand_cli.backups.errors import BackupNotFound, BackupRefused, StillRunning
from tillhand_cli.backups.making import MAKING
from tillhand_cli.backups.manifest import POSTGRES_COPY, Manifest, known_store
from tillhand_cli.backups.placing import clear, coming_path, roots_of, swap, undo
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.members import APPROVALS, MEMBERS
from tillhand_common import private_files
from tillhand_common.clock import Clock
from tillhand_common.lifecycle import StartupError
from tillhand_common.ownership import owned


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did; `kept_in` are the folders with what was there before."""

    manifest: Manifest
    kept_in: Sequence[Path]


def found(folder: Path, backup: str) -> Path:
    """An archive by its path, by its name in this folder, or the `latest` there. Raises `BackupNotFound`."""
    if backup == "latest" and (listed := every(folder)):
        return listed[0][0]
    for path in (Path(backup), *(folder / f"{backup}{suffix}" for suffix in (archive.SUFFIX, archive.SEALED_SUFFIX))):
        if path.is_file():
            return path
    raise BackupNotFound(backup)


def every(folder: Path) -> list[tuple[Path, Manifest | None]]:
    """Every archive of this folder, the newest first, with its manifest where no seal hides it."""
    listed: list[tuple[Path, Manifest | None]] = []
    for path in sorted(folder.glob("tillhand-*.tar*"), reverse=True):
        try:
            if path.suffix in {".tar", ".sealed"}:
                listed.append((path, None if archive.is_sealed(path) else archive.described(path)))
        except BackupRefused:
            continue
    return listed


def verify(path: Path, passphrase: bytes | None, beside: Path) -> Manifest:
    """Hash every byte and open every database of an archive, in a folder of its own. Raises `BackupRefused`."""
    private_files.make_folder(beside)
    with tempfile.TemporaryDirectory(prefix=MAKING, dir=beside) as work:
        manifest = archive.read(path, passphrase, lambda name: Path(work) / name)
        _check(manifest, lambda name: Path(work) / name)
        return manifest


def restore(
    places: Places,
    path: Path,
    clock: Clock,
    *,
    database_url: str | None,
    passphrase: bytes | None,
    partial: bool = False,
) -> Restored:
    """Put what an archive holds in the place of everything. Raises `StillRunning` and `BackupRefused`.

    Until it is all in place, what was there before stands, whatever happens. `partial` lets an archive be restored that
    holds nothing of a service that has kept something here.
    """
    with _stopped(places, clock):
        undo(places)
        roots = roots_of(places)
        clear(roots)
        here = frozenset() if partial else frozenset(_owners(name for name, _ in to_copy(places)))
        manifest = _laid(places, path, passphrase, database_url, here)
        if manifest.approvals_in == "postgresql":
            _into_postgres(coming_path(roots, places.path(POSTGRES_COPY)), database_url)
        return Restored(manifest, swap(places, roots, manifest.id))


def take_back(places: Places, clock: Clock) -> bool:
    """Undo a restore that was cut short; False where there is none. Raises `StillRunning`."""
    with _stopped(places, clock):
        undone = undo(places)
        clear(roots_of(places))
        return undone


def _laid(
    places: Places, path: Path, passphrase: bytes | None, database_url: str | None, here: Collection[str]
) -> Manifest:
    """Everything laid ready, and found to be what it should be, with something of every service in `here`."""
    roots = roots_of(places)
    try:
        manifest = archive.read(path, passphrase, lambda name: coming_path(roots, places.path(name)))
        _check(manifest, lambda name: coming_path(roots, places.path(name)))
        _check_database(manifest, database_url)
        _check_owners(manifest, here)
    except BaseException:
        clear(roots)
        raise
    return manifest


def _check_owners(manifest: Manifest, here: Collection[str]) -> None:
    if lacking := set(here) - set(_owners(manifest.files)):
        raise BackupRefused(
            f"The backup holds nothing of {', '.join(sorted(lacking))}, which is kept here: is it the right one? "
            "--partial restores it all the same."
        )


def _owners(names: Iterable[str]) -> Iterator[str]:
    """The services to which files belong, but for answers by idempotency key, which every service keeps."""
    for name in names:
        store = known_store(name)
        if store is not None and store.owner is not None and store.how != "held":
            yield store.owner


def _check(manifest: Manifest, place: archive.Place) -> None:
    for name, file in manifest.files.items():
        path = place(name)
        if file.schema and path is not None and not (copying.whole(path) and copying.schema_of(path) == file.schema):
            raise BackupRefused(f"{name} is damaged.")


def _check_database(manifest: Manifest, database_url: str | None) -> None:
    if manifest.approvals_in == "postgresql" and not database_url:
        raise CommandError(
            "The approvals of this backup were in PostgreSQL: TILLHAND_DATABASE_URL must name a new database for them.",
            code=ExitCode.USAGE,
        )
    if manifest.approvals_in == "sqlite" and database_url and "approvals/approvals.sqlite3" in manifest.files:
        raise CommandError(
            "The approvals of this backup were in SQLite: unset TILLHAND_DATABASE_URL to restore them there.",
            code=ExitCode.USAGE,
        )


def _into_postgres(copy: Path, database_url: str | None) -> None:
    importlib.import_module(f"{APPROVALS.package}.commands").fill_database(database_url, copy)
    copy.unlink()


@contextmanager
def _stopped(places: Places, clock: Clock) -> Iterator[None]:
    """Nobody works on the data, and nobody starts to, until the end of the block."""
    private_files.make_folder(places.data)
    with ExitStack() as stack:
        for member in MEMBERS:
            try:
                stack.enter_context(owned(places.data, member.name, clock, restoring=True))
            except StartupError as error:
                raise StillRunning(str(error)) from error
        yield
