"""What the services keep in the data folder: what a backup takes, what it leaves out, and why.

Names are those of an archive: below the data folder, with `keys.json` and `actors/` wherever settings put them. A test
starts the platform, uses it, and finds every file here; one that nobody has thought of fails it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

How = Literal["online", "held", "file"]
"""By SQLite's backup, while others write; as files, where one process alone may open it; or as it lies there."""


@dataclass(frozen=True, slots=True)
class Store:
    """Files that a backup takes. `schema` is the newest version of the tables that this program knows.

    `owner` is the service that writes to them, None for what any process may replace, whole. `scrubbed` are statements
    that take out of the copy what must not be kept.
    """

    pattern: str
    how: How = "file"
    owner: str | None = None
    schema: str = "0"
    scrubbed: tuple[str, ...] = ()

    def matches(self, name: str) -> bool:
        """Whether a file of this name is one of them."""
        return _matches(self.pattern, name)


KEPT: Final = (
    # Signed heads first: one that is signed while the database is copied would speak of records that are not in it.
    Store("approvals/checkpoints.jsonl", owner="approvals"),
    Store("approvals/approvals.sqlite3", "online", owner="approvals", schema="0001"),
    # Its keys after it: whatever it was encrypted with is there by then.
    Store("approvals/vault.keys", owner="approvals"),
    Store("approvals/pseudonyms.key", owner="approvals"),
    Store("approvals/signing/*.key", owner="approvals"),
    Store("approvals/signing/*.pub", owner="approvals"),
    Store("rag/layout.json", owner="rag"),
    Store("rag/indexes/*/truth.sqlite3", "online", owner="rag", schema="1"),
    # A job that ran goes on where it ran: to restore a backup is not to do again what was asked for then.
    Store("rag/ledger.sqlite3", "online", owner="rag", schema="1", scrubbed=("DELETE FROM jobs",)),
    Store("analytics/*.sqlite3", "online", owner="analytics"),
    Store("analytics/*.json", owner="analytics"),
    Store("mcp/mailbox.jsonl", owner="mcp"),
    Store("mcp/catalogue.json", owner="mcp"),
    Store(
        "dashboard.sqlite",
        "online",
        owner="dashboard",
        scrubbed=("DELETE FROM sessions", "DELETE FROM links", "VACUUM"),
    ),
    *(
        Store(f"idempotency-{service}.sqlite", "held", owner=service)
        for service in ("rag", "approvals", "mcp", "analytics", "dashboard")
    ),
    Store("keys/*.key"),
    Store("actors/*.key"),
    Store("actors/*.pub"),
    Store("keys.json"),
)
"""In the order in which they are copied."""

LEFT_OUT: Final[Mapping[str, str]] = {
    "backups/**": "the backups themselves",
    "evidence/**": "what was measured, and can be measured again",
    "logs/**": "logs of processes, which say nothing that the record does not",
    "**.lock": "who has a file or folder open",
    "**-wal": "part of an open database: what it holds is in the copy",
    "**-shm": "the index of an open database",
    "**-journal": "part of an open database: what it undoes is not in the copy",
    "**.tmp": "a file that was being written",
    "embedding-cache*.sqlite3": "a cache: computed again from the documents",
    "rag/indexes/*/vectors/**": "made again from the documents, which hold the vectors",
    "rag/indexes/*/keywords/**": "made again from the documents",
    "rag/uploads/**": "files that a job has still to read, and jobs are not restored",
    "rag/scratch/**": "collections of a measurement, removed after it",
    "evaluation/**": "collections of a measurement, removed after it",
    "mcp/exports/**": "downloads on their way through, fetched again",
    "keys/sign-in-link": "good once, within a day of the first start",
    "samples.unfinished": "that the sample documents are being read",
    "*.damaged": "set aside by a service because it could not be read",
    "**before-tillhand-*/**": "what a restore has put aside",
    "**.restoring/**": "what a restore that was cut short had laid ready",
    "restore.json": "the moves of a restore that was cut short",
}
"""Patterns of what no backup holds, with the reason."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where an installation keeps things: its data folder, and what settings may put elsewhere; and its archives."""

    data: Path
    keys_file: Path
    actors: Path
    backups: Path

    def path(self, name: str) -> Path:
        """The file that goes by this name in an archive."""
        if name == "keys.json":
            return self.keys_file
        folder, _, rest = name.partition("/")
        return self.actors / rest if folder == "actors" else self.data / name

    def names(self) -> Iterator[str]:
        """Every file there is, by its name in an archive, in order."""
        elsewhere = {self.keys_file, *_files(self.actors), *_files(self.backups)}
        yield from sorted(
            [
                *(path.relative_to(self.data).as_posix() for path in _files(self.data) if path not in elsewhere),
                *(f"actors/{path.relative_to(self.actors).as_posix()}" for path in _files(self.actors)),
                *(["keys.json"] if self.keys_file.is_file() else []),
            ]
        )


def store_of(name: str) -> Store | None:
    """The store to which a file belongs, None for one that no backup takes."""
    return next((store for store in KEPT if store.matches(name)), None)


def reason_without(name: str) -> str | None:
    """Why a file is left out, None where nobody has said so."""
    return next((reason for pattern, reason in LEFT_OUT.items() if _matches(pattern, name)), None)


def to_copy(places: Places) -> list[tuple[str, Store]]:
    """What a backup of this installation takes, in the order in which it is copied."""
    names = list(places.names())
    return [(name, store) for store in KEPT for name in names if store.matches(name)]


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()] if folder.is_dir() else []


def _matches(pattern: str, name: str) -> bool:
    """`*` is any part of one name, `**` whatever lies below."""
    parts = [
        ".*" if part == "**" else "[^/]*" if part == "*" else re.escape(part) for part in re.split(r"(\*+)", pattern)
    ]
    return re.fullmatch("".join(parts), name) is not None
