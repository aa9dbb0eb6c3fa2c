"""Which files of a folder are worth sending to the knowledge base."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
    """A file that is not sent, and why."""

    source: str
    reason: str


def find(paths: Sequence[Path]) -> tuple[list[Found], list[Skipped]]:
    """Every readable file under these paths, in order; hidden files and folders are left out.

    A file named outright is always sent: the service then says what is wrong with it. Raises CommandError
    for a path that does not exist.
    """
    found: list[Found] = []
    skipped: list[Skipped] = []
    for path in paths:
        if not path.exists():
            raise CommandError(f"There is no file or folder {path}.", code=ExitCode.USAGE)
        if path.is_file():
            found.append(Found(path, path.name))
            continue
        for file in _files_below(path):
            source = file.relative_to(path).as_posix()
            if file.suffix.lower() in READABLE:
                found.append(Found(file, source))
            else:
                skipped.append(Skipped(source, f"format {file.suffix.lower() or 'without an ending'} is not read"))
    return found, skipped


def _files_below(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield from _files_below(entry)
        elif entry.is_file():
            yield entry
