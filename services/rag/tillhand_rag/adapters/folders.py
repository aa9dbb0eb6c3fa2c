"""Folders of the server that may be read, and nothing outside them, whatever links and whoever moves things meanwhile.

A file is opened from the allowed root downwards, one name after the other, and no name may be a link: what a link leads
to was worked out before, and has to lie below the root. So a link that is put in place between looking and opening
leads nowhere (compare `openat2(2)`, RESOLVE_NO_SYMLINKS).
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, Self

from tillhand_rag.adapters.folder_walk import NOT_FOLLOWED, Walk
from tillhand_rag.domain.ingestions import FolderSource
from tillhand_rag.domain.jobs import Failure
from tillhand_rag.errors import FolderNotAllowed, OversizedDocument, SourceUnavailable
from tillhand_rag.ports.folders import FileContent, FolderEntry, FolderListing

MOST_FILES: Final = 100_000

_BOUND: Final = re.compile(r"([a-z0-9][a-z0-9_-]{0,62})=(/.*)")
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_NOT_ALLOWED: Final = "The folder lies below none that the server allows to be read into this collection."


@dataclass(frozen=True, slots=True)
class AllowedFolder:
    """A folder below which may be read: into one collection, or into any by who may see all of them."""

    path: str
    collection: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `/folder`, or `collection=/folder`. ValueError for a path that is not absolute."""
        bound = _BOUND.fullmatch(text)
        path = bound[2] if bound else text
        if not os.path.isabs(path):  # noqa: PTH117  # names only, no file is looked at
            raise ValueError("a folder has to begin with /")
        return cls(os.path.normpath(path), bound[1] if bound else None)


class AllowedFolders:
    """The folders that the server allows, and their files up to `max_bytes` each."""

    def __init__(self, allowed: Sequence[AllowedFolder], *, max_bytes: int, most_files: int = MOST_FILES) -> None:
        self._allowed = allowed
        self._max_bytes = max_bytes
        self._most_files = most_files

    def admitted(
        self, path: str, *, collection: str, every_collection: bool, pattern: str | None, prefix: str
    ) -> FolderSource:
        """The folder as a source. Raises `FolderNotAllowed`, which tells nothing of what lies elsewhere."""
        for allowed in self._allowed:
            if allowed.collection == collection or (allowed.collection is None and every_collection):
                with suppress(ValueError):  # a path that no file can have
                    if _below(os.path.normpath(path), allowed.path) and self._folder(path, allowed.path) is not None:
                        return FolderSource(os.path.normpath(path), allowed.path, pattern, prefix)
        raise FolderNotAllowed(_NOT_ALLOWED, field="body.source.path")

    async def listing(self, source: FolderSource, collection: str) -> FolderListing:
        """What lies in the folder. Raises `FolderNotAllowed`, `SourceUnavailable`."""
        if not any(each.path == source.root and each.collection in {None, collection} for each in self._allowed):
            raise FolderNotAllowed(_NOT_ALLOWED)
        return await asyncio.to_thread(self._listed, source)

    async def read(self, source: FolderSource, entries: Sequence[FolderEntry]) -> Sequence[FileContent | Failure]:
        """Each of these files, or why it cannot be read."""
        return await asyncio.to_thread(self._read, source, entries)

    async def unchanged(self, source: FolderSource, listing: FolderListing) -> bool:
        """Whether the folder is still the one that was listed."""
        return await asyncio.to_thread(self._is_same, source, listing)

    def _folder(self, path: str, root: str) -> str | None:
        """Where a folder really lies below the root, as a relative path; None when it does not."""
        resolved, top = os.path.realpath(path), os.path.realpath(root)
        return os.path.relpath(resolved, top) if _below(resolved, top) and os.path.isdir(resolved) else None  # noqa: PTH112  # resolved already

    @contextmanager
    def _opened(self, source: FolderSource) -> Iterator[tuple[int, int, str]]:
        """Descriptors of the root and of the folder, and the folder's place below the root."""
        place = self._folder(source.path, source.root)
        if place is None:
            raise SourceUnavailable("The folder is not there any more.")
        try:
            root = os.open(os.path.realpath(source.root), NOT_FOLLOWED)
        except OSError as error:
            raise SourceUnavailable("The folder cannot be opened.") from error
        try:
            with _at(root, place) as folder:
                yield root, folder, place
        except OSError as error:
            raise SourceUnavailable("The folder cannot be opened.") from error
        finally:
            os.close(root)

    def _listed(self, source: FolderSource) -> FolderListing:
        with self._opened(source) as (_, folder, place):
            top = os.path.realpath(source.root)
            walk = Walk(top, place, pattern=source.pattern, most_files=self._most_files)
            walk.descend(folder, "")
            found = os.fstat(folder)
        return FolderListing(
            entries=walk.entries,
            failures=walk.failures,
            complete=walk.complete,
            ignored=walk.ignored,
            identity=(found.st_dev, found.st_ino),
        )

    def _is_same(self, source: FolderSource, listing: FolderListing) -> bool:
        try:
            with self._opened(source) as (_, folder, _):
                found = os.fstat(folder)
        except SourceUnavailable:
            return False
        return (found.st_dev, found.st_ino) == listing.identity

    def _read(self, source: FolderSource, entries: Sequence[FolderEntry]) -> list[FileContent | Failure]:
        with self._opened(source) as (root, _, _):
            return [self._content(root, entry) for entry in entries]

    def _content(self, root: int, entry: FolderEntry) -> FileContent | Failure:
        folder, name = os.path.split(entry.place)
        try:
            with _at(root, folder) as parent:
                descriptor = os.open(name, _FILE, dir_fd=parent)
            with open(descriptor, "rb") as file:  # noqa: PTH123  # a descriptor, not a path
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    return Failure(entry.name, "file-unreadable", "It is no regular file any more.")
                data = file.read(self._max_bytes + 1)
        except OSError:
            return Failure(entry.name, "file-unreadable", "It cannot be opened, or has gone since it was listed.")
        if len(data) > self._max_bytes:
            return Failure(entry.name, OversizedDocument.slug, f"It is larger than {self._max_bytes} bytes.")
        return FileContent(data, hashlib.sha256(data).hexdigest())


@contextmanager
def _at(root: int, place: str) -> Iterator[int]:
    """A descriptor of the folder at this place below another one; OSError when a name on the way is a link."""
    current = os.dup(root)
    try:
        for name in PurePosixPath(place).parts:
            descriptor = os.open(name, NOT_FOLLOWED, dir_fd=current)
            os.close(current)
            current = descriptor
        yield current
    finally:
        os.close(current)


def _below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")
