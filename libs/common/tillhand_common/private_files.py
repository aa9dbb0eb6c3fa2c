"""Small files that hold secrets: readable by their owner alone, replaced whole, changed by one process at a time."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Signature = tuple[int, int, int]


def signature(path: Path) -> Signature | None:
    """Return what changes whenever `write` replaces the file (inode, modification time, size); None without it."""
    try:
        found = os.stat(path)  # noqa: PTH116  # Path.stat costs twice as much, and this runs once per request
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def write(path: Path, content: bytes) -> None:
    """Replace the file by one of mode 0600 with this content, durably, so that a reader sees old or new.

    The modification time always grows, even within one tick of the file system's clock, so that `signature` differs.
    """
    before = signature(path)
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    modified = max(time.time_ns(), before[1] + 1 if before else 0)
    os.utime(temporary, ns=(modified, modified))
    temporary.replace(path)
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Create the folder and its missing parents, each readable by its owner alone; leave existing ones as they are."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other processes out of the same block; the lock ends with the process, however it ends."""
    make_folder(path.parent)
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
