"""Files that jobs read: folders of the server, and uploads that are kept until their job has ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from tillhand_rag.domain.ingestions import FolderSource, UploadedFile
from tillhand_rag.domain.jobs import Failure


@dataclass(frozen=True, slots=True)
class FolderEntry:
    """A file of a folder. `name` is its path below the folder, `place` the one below the allowed root to open."""

    name: str
    size: int
    place: str


@dataclass(frozen=True, slots=True)
class FolderListing:
    """The files of a folder in order, and what could not be listed.

    `complete` says that nothing was missed, `ignored` counts files of formats that are not read, and `identity` tells
    this folder from another one that is put, or mounted, in its place.
    """

    entries: Sequence[FolderEntry]
    failures: Sequence[Failure]
    complete: bool
    ignored: int
    identity: tuple[int, int]


@dataclass(frozen=True, slots=True)
class FileContent:
    """The bytes of a file and their SHA-256 (hex)."""

    data: bytes
    digest: str


class Folders(Protocol):
    """The folders that the server allows to be read."""

    def admitted(
        self, path: str, *, collection: str, every_collection: bool, pattern: str | None, prefix: str
    ) -> FolderSource:
        """The folder as a source. Raises `FolderNotAllowed`.

        `every_collection` says that whoever asks may see all collections: others may only read folders that are
        bound to the collection.
        """
        ...

    async def listing(self, source: FolderSource, collection: str) -> FolderListing:
        """What lies in the folder. Raises `FolderNotAllowed`, `SourceUnavailable`."""
        ...

    async def read(self, source: FolderSource, entries: Sequence[FolderEntry]) -> Sequence[FileContent | Failure]:
        """Each of these files, or why it cannot be read. Never follows a link that was not there when it was listed."""
        ...

    async def unchanged(self, source: FolderSource, listing: FolderListing) -> bool:
        """Whether the folder is still the one that was listed."""
        ...


class Uploads(Protocol):
    """Files that came with a request, kept for its job."""

    async def keep(self, job_id: str, files: Sequence[BinaryIO]) -> None:
        """Keep these files, durably and all together, under their numbers."""
        ...

    async def sizes(self, job_id: str, files: Sequence[UploadedFile]) -> Sequence[int]:
        """How large each of the files is; 0 for one that is not there."""
        ...

    async def read(self, job_id: str, numbers: Sequence[int]) -> Sequence[FileContent | None]:
        """Some of the files; None for one that is not there."""
        ...

    async def drop(self, job_id: str) -> None:
        """Remove what was kept for a job; harmless when nothing was."""
        ...

    async def sweep(self, job_ids: Collection[str]) -> Sequence[str]:
        """Remove everything that belongs to none of these jobs; the names of what was removed."""
        ...
