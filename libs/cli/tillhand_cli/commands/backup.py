"""`tillhand backup`: copies of everything that this installation keeps, and the way back to them."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.filesize import decimal

from tillhand_cli.backups import making, restoring
from tillhand_cli.backups.catalogue import Places
from tillhand_cli.backups.manifest import Manifest, known_store
from tillhand_cli.context import JsonOption, data_dir
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.output import output
from tillhand_common.clock import SystemClock
from tillhand_common.keys import store_path
from tillhand_common.settings import CommonSettings, load

app: Final = typer.Typer(
    help="Back up everything: documents, approvals with their record, keys, accounts. Verify and restore it.",
    no_args_is_help=True,
)

BackupArgument = Annotated[str, typer.Argument(help="A backup by its name, an archive by its path, or `latest`.")]
FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        envvar="TILLHAND_BACKUP_DIR",
        help="Folder of the archives; by default `backups` in the data folder.",
    ),
]
PassphraseOption = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="File with the passphrase that seals the archive (AES-256-GCM, scrypt)."),
]
SHORTEST_PASSPHRASE: Final = 12


@app.command()
def create(folder: FolderOption = None, passphrase_file: PassphraseOption = None, as_json: JsonOption = False) -> None:
    """Copy what every service in this data folder keeps into one archive, while they serve or while they do not.

    An archive holds secrets: keys, accounts, and what opens the vault. It is readable by its owner alone.
    """
    manifest, path = making.make(
        _places(folder),
        SystemClock(),
        database_url=_database_url(),
        passphrase=_passphrase(passphrase_file),
    )
    out = output(as_json=as_json)
    out.result(
        {**manifest.as_json(), "path": str(path)},
        lambda console: _lines(console, f"Backed up as {manifest.id}: {_told(manifest)}.", f"  {path}"),
    )
    if passphrase_file is None:
        out.note(
            "The archive holds keys and is not sealed: keep it as you keep a password (--passphrase-file seals it)."
        )


@app.command()
def verify(
    backup: BackupArgument,
    folder: FolderOption = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hash every byte of an archive, and let SQLite check every database in it."""
    path = restoring.found(_folder(folder), backup)
    manifest = restoring.verify(path, _passphrase(passphrase_file), _folder(folder))
    output(as_json=as_json).result(
        manifest.as_json(),
        lambda console: _lines(console, f"{manifest.id} is whole: {_told(manifest)}, made {manifest.created_at}."),
    )


@app.command(name="list")
def list_(folder: FolderOption = None, as_json: JsonOption = False) -> None:
    """List the archives, the newest first."""
    listed = restoring.every(_folder(folder))
    items = [{"path": str(path), **({} if found is None else found.as_json())} for path, found in listed]
    lines = [
        f"{path.name.partition('.')[0]}  sealed, {decimal(path.stat().st_size)}"
        if found is None
        else f"{found.id}  {found.created_at}  {_told(found)}"
        for path, found in listed
    ]
    output(as_json=as_json).result(
        {"items": items}, lambda console: _lines(console, *(lines or ["There is no backup."]))
    )


@app.command()
def restore(
    backup: BackupArgument,
    folder: FolderOption = None,
    passphrase_file: PassphraseOption = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Even if it holds nothing of a service that has kept something here.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Put what an archive holds in place of everything, all at once; the platform must not run.

    The archive is verified first. What was there before is kept beside, in `before-…` of the data folder.
    """
    done = restoring.restore(
        _places(folder),
        restoring.found(_folder(folder), backup),
        SystemClock(),
        database_url=_database_url(),
        passphrase=_passphrase(passphrase_file),
        partial=partial,
    )
    kept = [str(path) for path in done.kept_in]
    output(as_json=as_json).result(
        {**done.manifest.as_json(), "kept_in": kept},
        lambda console: _lines(
            console,
            f"Restored {done.manifest.id}: {_told(done.manifest)}.",
            *(f"What was there before is kept in {path}." for path in kept),
        ),
    )


@app.command()
def undo(as_json: JsonOption = False) -> None:
    """Take back a restore that was cut short, so that what was there before stands again."""
    undone = restoring.take_back(_places(None), SystemClock())
    text = "What was there before stands again." if undone else "No restore was cut short."
    output(as_json=as_json).result({"undone": undone}, lambda console: _lines(console, text))


def _places(folder: Path | None) -> Places:
    settings, data = load(CommonSettings), data_dir()
    return Places(data, store_path(data, settings.keys_file), settings.actors_folder, _folder(folder))


def _folder(given: Path | None) -> Path:
    return given or data_dir() / "backups"


def _database_url() -> str | None:
    return os.environ.get("TILLHAND_DATABASE_URL") or None


def _passphrase(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        found = path.read_bytes().strip()
    except OSError as error:
        raise CommandError(f"The passphrase file cannot be read: {error.strerror}.", code=ExitCode.USAGE) from error
    if len(found) < SHORTEST_PASSPHRASE:
        raise CommandError(f"A passphrase has {SHORTEST_PASSPHRASE} characters or more.", code=ExitCode.USAGE)
    return found


def _told(manifest: Manifest) -> str:
    owners = Counter(store.owner or "keys" for name in manifest.files if (store := known_store(name)))
    held = ", ".join(f"{owner} {count}" for owner, count in sorted(owners.items()))
    return f"{len(manifest.files)} files ({held}), {decimal(manifest.bytes)}"


def _lines(console: Console, *lines: str) -> None:
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)
