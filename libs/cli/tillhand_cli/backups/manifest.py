"""What an archive says of itself."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from tillhand_cli.backups.catalogue import Store, store_of
from tillhand_cli.backups.errors import BackupRefused

APPLICATION: Final = "tillhand"
FORMAT: Final = 1
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,127}){0,7}")
POSTGRES_COPY: Final = "approvals/postgresql.sqlite3"
"""The approvals' tables where they are in PostgreSQL, as a SQLite file."""


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file of an archive. `schema` is that of a database, empty for other files."""

    sha256: str
    bytes: int
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that an archive holds. `made_by` is the program's version, `created_at` RFC 3339 UTC.

    `running` are the services that worked on the data meanwhile, `left_out` what is not in it, and why.
    """

    id: str
    created_at: str
    made_by: str
    data_folder: str
    approvals_in: Literal["sqlite", "postgresql"]
    running: tuple[str, ...]
    left_out: Mapping[str, str]
    files: Mapping[str, PackedFile]

    @property
    def bytes(self) -> int:
        """How large it is without the archive around it."""
        return sum(file.bytes for file in self.files.values())

    def as_json(self) -> dict[str, Any]:
        """As it is written into the archive, and shown."""
        return {"application": APPLICATION, "format": FORMAT, **asdict(self)}


def manifest_from(content: bytes) -> Manifest:
    """A manifest out of its JSON. Raises `BackupRefused`: of something else, of a later version, or damaged."""
    try:
        described = json.loads(content)
        if not isinstance(described, dict) or described.pop("application", None) != APPLICATION:
            raise BackupRefused("This is no backup of Tillhand.")
        if described.pop("format", None) != FORMAT:
            raise BackupRefused("The backup is of a later format: restore it with the version that made it.")
        files = {str(name): PackedFile(**file) for name, file in described.pop("files").items()}
        manifest = Manifest(**{**described, "running": tuple(described["running"])}, files=files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupRefused("The backup's manifest is damaged.") from error
    for name, file in manifest.files.items():
        _check(name, file)
    return manifest


def known_store(name: str) -> Store | None:
    """The store of a file of an archive."""
    return store_of("approvals/approvals.sqlite3" if name == POSTGRES_COPY else name)


def _check(name: str, file: PackedFile) -> None:
    store = known_store(name)
    if not _NAME.fullmatch(name) or store is None:
        raise BackupRefused(f"The backup names a file that no backup of this version holds: {name[:200]!a}.")
    if file.schema and _later(file.schema, store.schema):
        raise BackupRefused(
            f"{name} is of a later version of the tables ({file.schema[:20]!a}; this program knows {store.schema}): "
            "restore it with the version that made it."
        )


def _later(schema: str, known: str) -> bool:
    return not (schema.isascii() and schema.isdigit() and len(schema) <= len(known) + 4 and int(schema) <= int(known))
