"""Copies of files that others may be writing to, each as it was at one moment."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from tillhand_cli.backups.catalogue import Store
from tillhand_cli.backups.errors import StoreUnreadable

ATTEMPTS: Final = 20
PAUSE_S: Final = 0.05
BUSY_S: Final = 10.0
_WAL_HEADER_BYTES: Final = 32


def copy(name: str, source: Path, target: Path, store: Store, *, running: bool) -> None:
    """Copy a file of a store. Raises `StoreUnreadable`.

    What nobody works on is copied as files, too: to open it would write beside it.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        if store.how == "file":
            shutil.copyfile(source, target)
        else:
            _copied_online(source, target) if running and store.how == "online" else _copied_held(source, target)
            _settled(target, store)
    except (sqlite3.Error, OSError) as error:
        raise StoreUnreadable(name, str(error)) from error
    target.chmod(0o600)


def schema_of(path: Path) -> str:
    """The version of a database's tables: the name of its last migration, or the number that it keeps."""
    with closing(sqlite3.connect(path)) as database:
        if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])
        return str(database.execute("PRAGMA user_version").fetchone()[0])


def whole(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with a database."""
    try:
        with closing(sqlite3.connect(path)) as database:
            return bool(database.execute("PRAGMA integrity_check").fetchone()[0] == "ok")
    except sqlite3.DatabaseError:
        return False


def layout_of_the_live(content: bytes) -> bytes:
    """The knowledge base's layout without generations that do not serve: a backup holds only those that do."""
    layout = json.loads(content)
    for placed in layout["indexes"].values():
        placed["previous"] = placed["building"] = None
    return json.dumps(layout, indent=2).encode()


def live_truths(content: bytes) -> frozenset[str]:
    """The names of the databases of the generations that serve."""
    placed = json.loads(content)["indexes"].values()
    return frozenset(f"rag/indexes/{each['live']['name']}/truth.sqlite3" for each in placed)


def _copied_online(source: Path, target: Path) -> None:
    address = f"file:{quote(str(source.absolute()))}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True, timeout=BUSY_S)) as origin,
        closing(sqlite3.connect(target)) as copied,
    ):
        origin.backup(copied)


def _copied_held(source: Path, target: Path) -> None:
    """Copy a database that nobody else may open, with the log of what was written to it, which is read last.

    All that the log holds lies over the pages of the file, so it does not matter which of them were written back
    while they were copied, unless the log was begun anew meanwhile: its header says so, and then it is tried again.
    """
    log, copied = Path(f"{source}-wal"), Path(f"{target}-wal")
    undo = Path(f"{source}-journal")
    for _ in range(ATTEMPTS):
        begun = _header(log)
        shutil.copyfile(source, target)
        if log.exists():
            shutil.copyfile(log, copied)
        if begun == _header(log):
            break
        copied.unlink(missing_ok=True)
        time.sleep(PAUSE_S)
    else:
        raise OSError("it is written to without a pause")
    if undo.exists():
        shutil.copyfile(undo, f"{target}-journal")


def _header(log: Path) -> bytes:
    try:
        with log.open("rb") as file:
            return file.read(_WAL_HEADER_BYTES)
    except FileNotFoundError:
        return b""


def _settled(target: Path, store: Store) -> None:
    """Let the copy be one file, which holds all of it and nothing that must not be kept."""
    with closing(sqlite3.connect(target, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
        if (found := database.execute("PRAGMA quick_check").fetchone()[0]) != "ok":
            raise OSError(f"it is damaged ({found})")
        for statement in store.scrubbed:
            database.execute(statement)
