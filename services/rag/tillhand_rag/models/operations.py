"""Rebuilds, ways back, backups and restores as they go over the wire."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tillhand_rag.domain.jobs import State
from tillhand_rag.models.base import In, Out


class IndexToRebuild(In):
    """An index to make anew as the settings ask; a collection with a model of its own moves into that one's."""

    index: str = Field(default="main", min_length=1, max_length=80)
    force: bool = Field(default=False, description="put it in place even if it does worse on the golden questions")


class IndexToRollBack(In):
    """An index whose earlier generation is to serve again."""

    index: str = Field(default="main", min_length=1, max_length=80)


class BackupToRestore(In):
    """A backup in the service's own folder."""

    backup: str = Field(min_length=1, max_length=128)


class GenerationOut(Out):
    """A generation of an index."""

    name: str
    model: str
    chunk_tokens: int = Field(description="0 means what the model reads at once")
    made_at: str


class IndexOut(Out):
    """An index: what serves, what came before, and whether the settings ask for something else."""

    name: str
    live: GenerationOut
    previous: GenerationOut | None
    rebuild_wanted: bool
    documents: int
    chunks: int
    collections: list[str]


class IndexList(Out):
    """Every index, the main one first, and the collections that a rebuild would move."""

    items: list[IndexOut]
    collections_to_move: list[str]


class OperationProgress(Out):
    """How far an operation is; `total` is 0 while nobody knows."""

    phase: str = "waiting"
    done: int = 0
    total: int = 0


class GoldenTally(Out):
    """How many golden questions were asked, and how many were answered as they should be."""

    questions: int
    passed: int


class RebuildReport(Out):
    """What a rebuild or a way back did."""

    type: Literal["rebuild"] = "rebuild"
    index: str
    generation: str
    before: str
    documents: int
    moved: list[str] = Field(description="collections that came from another index")
    goldens: GoldenTally
    goldens_before: GoldenTally
    seconds: float


class BackupFile(Out):
    """A file of a backup."""

    sha256: str
    bytes: int


class BackupSpec(Out):
    """How an index of a backup was made."""

    model: str
    chunk_tokens: int
    rules: int


class BackupIndex(Out):
    """An index of a backup."""

    name: str
    file: str
    spec: BackupSpec
    space: str = Field(description="id of the embedding space")
    schema_version: int
    documents: int
    chunks: int


class BackupCollection(Out):
    """A collection of a backup."""

    name: str
    index: str
    documents: int
    chunks: int


class Backup(Out):
    """A backup: its manifest."""

    type: Literal["backup"] = "backup"
    id: str
    created_at: str
    version: str = Field(description="of the program that made it")
    indexes: list[BackupIndex]
    collections: list[BackupCollection]
    goldens: GoldenTally
    files: dict[str, BackupFile]


class BackupList(Out):
    """Every backup that can be read, the newest first."""

    items: list[Backup]


class RestoreReport(Out):
    """What a restore did."""

    type: Literal["restore"] = "restore"
    backup: str
    documents: int
    goldens: GoldenTally
    goldens_then: GoldenTally = Field(description="when the backup was made")
    verified: bool = Field(description="the golden questions are answered as well as then")
    kept_as: str | None = Field(description="the backup of what was there before; null where there was nothing")
    seconds: float


class OperationFailure(Out):
    """Why an operation failed."""

    reason: str = Field(description="the slug of a problem")
    detail: str


class Operation(Out):
    """A rebuild, a way back, a backup or a restore as it stands. Times are RFC 3339 UTC."""

    id: str
    kind: Literal["rebuild", "rollback", "backup", "restore"]
    state: State
    index: str | None = None
    backup: str | None = Field(default=None, description="the backup that is made or restored")
    created_by: str = Field(description="in whose name, or the id of a key")
    created_at: str
    started_at: str | None
    finished_at: str | None
    attempts: int
    progress: OperationProgress
    report: RebuildReport | Backup | RestoreReport | None
    error: OperationFailure | None


class OperationPage(Out):
    """A page of operations of a kind, the newest first."""

    items: list[Operation]
    next_cursor: str | None
