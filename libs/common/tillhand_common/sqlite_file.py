"""One SQLite file, worked on in a thread, one piece of work at a time."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from tillhand_common.private_files import make_folder
from tillhand_common.sqlite_schema import bring_forward

T = TypeVar("T")
BUSY_S: Final = 5.0
"""How long another process that writes to the file is waited for."""


class SqliteFile:
    """Opened with the first work, and private to its owner; a piece of work is one transaction.

    `steps` are scripts: the first makes what is not there, each later one brings a file of the schema before it
    forward. `pragmas` are set before them, as `journal_mode = WAL`. A file of a newer version raises StartupError.
    """

    def __init__(self, path: Path, steps: Sequence[str], pragmas: Sequence[str] = ()) -> None:
        self._path = path
        self._steps = steps
        self._pragmas = pragmas
        self._connection: sqlite3.Connection | None = None
        self._lock = asyncio.Lock()
        self._working = threading.Lock()  # a thread goes on when whoever awaits it is cancelled

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` returns. What it wrote is undone where it raises."""
        async with self._lock:
            return await asyncio.to_thread(self._run, work)

    async def aclose(self) -> None:
        """Let go of the file."""
        async with self._lock:
            await asyncio.to_thread(self._close)

    def made(self, connection: sqlite3.Connection) -> None:
        """What else is done once with a file whose tables are there, such as columns that came later."""

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._working:
            connection = self._connection or self._open()
            with connection:
                return work(connection)

    def _close(self) -> None:
        with self._working:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection:
        make_folder(self._path.parent)
        # Each work runs in whichever thread is free, and the lock lets in one at a time.
        connection = sqlite3.connect(self._path, timeout=BUSY_S, check_same_thread=False)
        try:
            self._path.chmod(0o600)
            for pragma in self._pragmas:
                connection.execute(f"PRAGMA {pragma}")
            bring_forward(connection, self._path, self._steps)
            self.made(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection
