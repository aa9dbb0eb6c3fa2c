"""Which files of a folder are worth sending to the knowledge base, and under which name each is kept."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tillhand_cli.errors import CommandError, ExitCode

READABLE: Final = frozenset(
    [".md", ".markdown", ".mdx", ".html", ".htm", ".txt", ".pdf", ".docx", ".csv", ".json", ".jsonl", ".ndjson"]
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file to send. `source` is its path below the folder that was named, with forward slashes."""

    path: Path
    source: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or folder that is not read, and why; what its name holds beside UTF-8 is replaced."""

    source: str
    reason: str


def find(paths: Sequence[Path]) -> tuple[list[Found], list[Skipped]]:
    """Every readable file under these paths, in order and once; hidden files and folders are left out.

    A file named outright is always sent: the service then says what is wrong with it. Where several would have the
    same source, each takes its path as it was named, so that none replaces another. Raises CommandError for a path
    that does not exist.
    """
    found: list[Found] = []
    skipped: list[Skipped] = []
    for path in paths:
        if not _exists(path):
            raise CommandError(f"There is no file or folder {_shown(path)}.", code=ExitCode.USAGE)
        items = list(_below(path)) if path.is_dir() else [Found(path, path.name)]
        found += [item for item in items if isinstance(item, Found)]
        skipped += [item for item in items if isinstance(item, Skipped)]
    return _sendable(_told_apart(found), skipped)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True  # it is there, and reading it will say what is wrong


def _below(folder: Path) -> Iterator[Found | Skipped]:
    waiting = [folder]
    while waiting:
        entry = waiting.pop()
        source = entry.relative_to(folder).as_posix()
        try:
            if entry == folder or (entry.is_dir() and not entry.is_symlink()):
                waiting += sorted((each for each in entry.iterdir() if not each.name.startswith(".")), reverse=True)
            elif entry.is_file():
                yield _file(entry, source)
        except OSError as error:
            yield Skipped(_shown(source), f"cannot be opened: {error.strerror}")


def _file(path: Path, source: str) -> Found | Skipped:
    ending = path.suffix.lower()
    if ending in READABLE:
        return Found(path, source)
    return Skipped(_shown(source), f"format {_shown(ending) or 'without an ending'} is not read")


def _told_apart(found: Sequence[Found]) -> list[Found]:
    """Each file once, and no source twice; a path as named can itself be another's source, hence the loop."""
    once: dict[Path, Found] = {}
    for file in found:
        once.setdefault(file.path.absolute(), file)
    files = list(once.values())
    while True:
        counted = Counter(file.source for file in files)
        apart = [replace(file, source=file.path.as_posix()) if counted[file.source] > 1 else file for file in files]
        if apart == files:
            return files
        files = apart


def _sendable(found: Sequence[Found], skipped: list[Skipped]) -> tuple[list[Found], list[Skipped]]:
    """What has a name that can be sent, and everything else."""
    fit = [file for file in found if _has_utf8_name(file)]
    unfit = [Skipped(_shown(file.source), "its name is not UTF-8") for file in found if not _has_utf8_name(file)]
    return fit, skipped + unfit


def _has_utf8_name(file: Found) -> bool:
    try:
        (file.path.name + file.source).encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(name: str | Path) -> str:
    """The name with what is not UTF-8 in it replaced, so that it can be printed."""
    return os.fsencode(name).decode("utf-8", "replace")
