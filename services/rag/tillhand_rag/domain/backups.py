"""What a backup says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from tillhand_rag.domain.indexes import IndexSpec
from tillhand_rag.errors import ArchiveRefused

APPLICATION: Final = "tillhand-rag"
FORMAT: Final = 1
APPLICATION_ID: Final = 0x54494C4C
"""What SQLite calls an index's truth by."""
SCHEMA_VERSION: Final = 1
"""The version of a truth's tables."""
LEDGER: Final = "ledger.sqlite3"


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file of an archive: SHA-256 (hex) of its bytes, and how many there are."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class PackedIndex:
    """An index of an archive. `space` is the id of its embedding space, `schema` the version of its tables."""

    name: str
    file: str
    spec: IndexSpec
    space: str
    schema: int
    documents: int
    chunks: int


@dataclass(frozen=True, slots=True)
class PackedCollection:
    """A collection of an archive."""

    name: str
    index: str
    documents: int
    chunks: int


@dataclass(frozen=True, slots=True)
class PackedGoldens:
    """How the installation did on its golden questions when it was backed up."""

    questions: int
    passed: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that an archive holds. `version` is that of the program; `created_at` RFC 3339 UTC."""

    id: str
    created_at: str
    version: str
    indexes: Sequence[PackedIndex]
    collections: Sequence[PackedCollection]
    goldens: PackedGoldens
    files: Mapping[str, PackedFile] = field(default_factory=dict)

    @property
    def documents(self) -> int:
        """Documents in all of it."""
        return sum(index.documents for index in self.indexes)

    def as_json(self) -> dict[str, Any]:
        """As it is written into the archive, and shown."""
        return {"application": APPLICATION, "format": FORMAT, **asdict(self)}


def manifest_from(described: object) -> Manifest:
    """A manifest out of its JSON. Raises `ArchiveRefused`: it is of something else, of a later format, or damaged."""
    if not isinstance(described, dict) or described.get("application") != APPLICATION:
        raise ArchiveRefused("This is no backup of a Tillhand knowledge base.")
    if described.get("format") != FORMAT:
        raise ArchiveRefused("The backup is of another format: restore it with the version that made it.")
    try:
        return _manifest(described)
    except (KeyError, TypeError, ValueError) as error:
        raise ArchiveRefused("The backup's manifest is damaged.") from error


def _manifest(described: Mapping[str, Any]) -> Manifest:
    return Manifest(
        id=str(described["id"]),
        created_at=str(described["created_at"]),
        version=str(described["version"]),
        indexes=[PackedIndex(**{**index, "spec": IndexSpec(**index["spec"])}) for index in described["indexes"]],
        collections=[PackedCollection(**collection) for collection in described["collections"]],
        goldens=PackedGoldens(**described["goldens"]),
        files={str(name): PackedFile(**file) for name, file in described["files"].items()},
    )
