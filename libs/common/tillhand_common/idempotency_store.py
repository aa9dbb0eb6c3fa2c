"""Where answers to idempotent requests are kept: one SQLite file, one connection, one process.

Each change is committed before the client hears of it. Commits survive the death of the process; with
`synchronous=NORMAL` a power cut may lose the last moments, and a repetition is then done again. That buys a write of
30 µs instead of 3 ms, short enough to make in the event loop. A request that was running when the process died has an
unknown outcome and is never done again under its key.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

import structlog

from tillhand_common.clock import Clock, SystemClock
from tillhand_common.lifecycle import StartupError
from tillhand_common.private_files import make_folder
from tillhand_common.sqlite_schema import bring_forward

DAY_S: Final = 24 * 3600.0
MIB: Final = 1024 * 1024
BUSY_TIMEOUT_S: Final = 0.5
_SWEEP_EVERY: Final = 100
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

_log: Final = structlog.get_logger(__name__)

Headers = Sequence[tuple[bytes, bytes]]
State = Literal["running", "answered", "not_kept", "unknown"]

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS requests (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    state TEXT NOT NULL,
    status INTEGER,
    headers TEXT,
    body BLOB,
    at REAL NOT NULL,
    UNIQUE (scope, key)
);
CREATE INDEX IF NOT EXISTS requests_at ON requests (at);
"""
STEPS: Final = (_SCHEMA,)
"""How the schema came to be what it is: a change adds a step, and alters none."""
_TRIM: Final = """
DELETE FROM requests WHERE rowid IN (
    SELECT rowid FROM (
        SELECT rowid, state,
               ROW_NUMBER() OVER newest AS place,
               SUM(COALESCE(LENGTH(body), 0)) OVER newest AS bytes
        FROM requests WINDOW newest AS (ORDER BY at DESC, rowid DESC)
    ) WHERE state != 'running' AND (place > ? OR bytes > ?)
)
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a request that came before under the same key."""

    fingerprint: bytes
    state: State
    status: int
    headers: Headers
    body: bytes


class IdempotencyStore:
    """Answers by scope and key, for `ttl_s` seconds, at most `max_count` of them with `max_bytes` of bodies.

    Use it as a context manager. Raises StartupError when another process has the file open, or when it cannot be read
    or written. A damaged file is set aside and begun anew: what it held were answers of the last day.
    """

    def __init__(
        self,
        path: Path,
        *,
        ttl_s: float = DAY_S,
        max_count: int = 10_000,
        max_bytes: int = 256 * MIB,
        clock: Clock | None = None,
    ) -> None:
        self._path = path
        self._ttl_s = ttl_s
        self._max_count = max_count
        self._max_bytes = max_bytes
        self._clock = clock or SystemClock()
        self._database: sqlite3.Connection | None = None
        self._claims = 0

    def __enter__(self) -> Self:
        try:
            make_folder(self._path.parent)
            try:
                self._database = _opened(self._path)
            except sqlite3.DatabaseError as error:
                if _code(error) not in _DAMAGED:
                    raise
                _set_aside(self._path)
                self._database = _opened(self._path)
        except sqlite3.DatabaseError as error:
            reason = "is in use by another process" if _code(error) in _BUSY else f"cannot be opened: {error}"
            raise StartupError(f"{self._path} {reason}") from error
        except OSError as error:
            raise StartupError(f"{self._path} cannot be opened: {(error.strerror or '').lower()}") from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def claim(self, scope: str, key: str, fingerprint: bytes) -> Known | None:
        """Note that a request begins, and return None; or return what is known of it when it began before."""
        self._claims += 1
        if self._claims % _SWEEP_EVERY == 1:
            self._sweep()
        row = self._open.execute(
            "SELECT fingerprint, state, status, headers, body FROM requests WHERE scope = ? AND key = ? AND at > ?",
            (scope, key, self._now() - self._ttl_s),
        ).fetchone()
        if row is not None:
            return Known(row[0], row[1], row[2] or 0, _decoded(row[3]), row[4] or b"")
        self._open.execute(
            "REPLACE INTO requests (scope, key, fingerprint, state, at) VALUES (?, ?, ?, 'running', ?)",
            (scope, key, fingerprint, self._now()),
        )
        return None

    def answer(self, scope: str, key: str, status: int, headers: Headers, body: bytes) -> None:
        """Keep the answer."""
        self._open.execute(
            "UPDATE requests SET state = 'answered', status = ?, headers = ?, body = ? WHERE scope = ? AND key = ?",
            (status, _encoded(headers), body, scope, key),
        )

    def settle(self, scope: str, key: str, state: Literal["not_kept", "unknown"]) -> None:
        """Note that the request was done and its answer is not kept, or that nobody knows if it was done."""
        self._open.execute("UPDATE requests SET state = ? WHERE scope = ? AND key = ?", (state, scope, key))

    def release(self, scope: str, key: str) -> None:
        """Forget a request that was refused or failed, so that it can be tried again under its key."""
        self._open.execute("DELETE FROM requests WHERE scope = ? AND key = ?", (scope, key))

    def _sweep(self) -> None:
        self._open.execute("DELETE FROM requests WHERE at <= ?", (self._now() - self._ttl_s,))
        self._open.execute(_TRIM, (self._max_count, self._max_bytes))

    @property
    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            raise RuntimeError("the idempotency store is not open")
        return self._database

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _opened(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    database = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_S)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        bring_forward(database, path, STEPS)
        database.execute("UPDATE requests SET state = 'unknown' WHERE state = 'running'")
    except (sqlite3.DatabaseError, StartupError):
        database.close()
        raise
    return database


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code; the higher bits say where it arose


def _set_aside(path: Path) -> None:
    aside = path.with_name(f"{path.name}.damaged")
    path.replace(aside)
    for suffix in ("-wal", "-shm"):  # they belong to the damaged file and would be played into the new one
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
    _log.warning("idempotency_file_damaged", file=str(path), set_aside=str(aside))


def _encoded(headers: Headers) -> str:
    return json.dumps([[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers])


def _decoded(headers: str | None) -> Headers:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in json.loads(headers or "[]")]
