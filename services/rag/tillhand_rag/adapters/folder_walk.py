"""The files of a folder, in one order whenever it is walked."""

from __future__ import annotations

import os
from typing import Final

from tillhand_rag.domain.globs import matches
from tillhand_rag.domain.jobs import Failure
from tillhand_rag.ports.folders import FolderEntry

NOT_FOLLOWED: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
READABLE: Final = frozenset("csv docx htm html json jsonl markdown md mdx ndjson pdf text tsv txt xhtml".split(" "))
"""Endings of files that are read when no pattern chooses others."""
LONGEST_NAME: Final = 700
"""A document's source has at most 1,000 characters, of which a prefix takes some."""
DEEPEST: Final = 64


class Walk:
    """Collects what lies below a folder whose place below the allowed root is `place`; `top` is the root's real path.

    Hidden files and folders are left out, and links to folders: what they lead to is found where it lies, or not meant.
    """

    def __init__(self, top: str, place: str, *, pattern: str | None, most_files: int) -> None:
        self._top = top
        self._place = "" if place == "." else place
        self._pattern = pattern
        self._most_files = most_files
        self.entries: list[FolderEntry] = []
        self.failures: list[Failure] = []
        self.complete = True
        self.ignored = 0

    def descend(self, folder: int, path: str) -> None:
        """Collect what lies in this folder, opened before, which `path` leads to."""
        with os.scandir(folder) as scanned:
            found = sorted((each for each in scanned if not each.name.startswith(".")), key=lambda each: each.name)
        for entry in found:
            name = f"{path}/{entry.name}" if path else entry.name
            if len(self.entries) >= self._most_files:
                self._cut(f"Only the first {self._most_files} files of a folder are read.")
                return
            try:
                self._meet(folder, entry, name)
            except OSError:
                self.complete = False
                self._fail(name, "file-unreadable", "It cannot be opened.")

    def _meet(self, folder: int, entry: os.DirEntry[str], name: str) -> None:
        if entry.is_symlink():
            self._meet_link(name)
        elif entry.is_dir(follow_symlinks=False):
            if name.count("/") >= DEEPEST:
                self._cut(f"Folders are read {DEEPEST} levels deep.")
                return
            below = os.open(entry.name, NOT_FOLLOWED, dir_fd=folder)
            try:
                self.descend(below, name)
            finally:
                os.close(below)
        elif entry.is_file(follow_symlinks=False):
            place = os.path.join(self._place, name)  # noqa: PTH118  # plain text, many times
            self._take(name, entry.stat(follow_symlinks=False).st_size, place)

    def _meet_link(self, name: str) -> None:
        if not self._is_wanted(name):
            return
        target = os.path.realpath(os.path.join(self._top, self._place, name))  # noqa: PTH118  # as above
        if not target.startswith(self._top.rstrip("/") + "/"):
            self._fail(name, "link-outside", "It is a link that leads out of the allowed folder.")
        elif os.path.isfile(target):  # noqa: PTH113  # as above
            self._take(name, os.stat(target).st_size, os.path.relpath(target, self._top))  # noqa: PTH116  # as above

    def _take(self, name: str, size: int, place: str) -> None:
        if not self._is_wanted(name):
            self.ignored += self._pattern is None
        elif _is_sound(name):
            self.entries.append(FolderEntry(name, size, place))
        else:
            self._fail(name, "file-name-unusable", "Its path is too long, or no valid text.")

    def _is_wanted(self, name: str) -> bool:
        if self._pattern is not None:
            return matches(name, self._pattern)
        stem, _, ending = name.rpartition("/")[2].rpartition(".")
        return bool(stem) and ending.lower() in READABLE

    def _cut(self, detail: str) -> None:
        if self.complete:
            self._fail("", "too-many-files", detail)
        self.complete = False

    def _fail(self, name: str, reason: str, detail: str) -> None:
        self.failures.append(Failure(os.fsencode(name).decode("utf-8", "replace")[:LONGEST_NAME], reason, detail))


def _is_sound(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return len(name) <= LONGEST_NAME
