"""Putting a restored installation in the place of the one that is there: all of it, or none.

Everything is renamed, and nothing copied: what was there goes into `before-<backup>` of the same folder, then what was
restored takes its place. The moves are written down first, in `restore.json` of the data folder. Whoever dies between
leaves that file; no service starts while it is there, and the next restore, or `undo`, first takes the moves back.

A folder may be a mount of its own (a container's volume), where nothing can be renamed across: each is a root, with a
place for what comes and for what goes inside it.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tillhand_cli.backups.catalogue import Places
from tillhand_cli.backups.errors import PlaceRefused
from tillhand_common import private_files
from tillhand_common.ownership import RESTORE_JOURNAL

COMING: Final = ".restoring"
BEFORE: Final = "before-"
_STAYING: Final = frozenset({"logs", "lost+found", RESTORE_JOURNAL, COMING})
"""What belongs to this machine rather than to what it keeps."""

Move = tuple[Path, Path]


@dataclass(frozen=True, slots=True)
class Root:
    """A folder in which things can be renamed; `named` are the ones that are ours, None for all."""

    folder: Path
    named: frozenset[str] | None = None

    @property
    def coming(self) -> Path:
        """Where a restore lays what it is about to put in place."""
        return self.folder / COMING

    def holds(self, path: Path) -> bool:
        """Whether this is where the path belongs, as far as this root knows."""
        inside = path.is_relative_to(self.folder)
        return inside and (self.named is None or path.relative_to(self.folder).parts[0] in self.named)

    def replaced(self, others: Sequence[Root], backups: Path) -> list[Path]:
        """What makes room."""
        if not self.folder.is_dir():
            return []
        nested = {*(other.folder for other in others), backups, *backups.parents}
        return sorted(
            path
            for path in self.folder.iterdir()
            if path not in nested
            and not (path.name in _STAYING or path.name.startswith(BEFORE) or path.name.endswith(".lock"))
            and (self.named is None or path.name in self.named)
        )


def roots_of(places: Places) -> list[Root]:
    """The roots of an installation, the innermost first."""
    data, mounts = Root(places.data), _mounts()
    mounted = [Root(path) for path in _entries(places.data) if path.resolve() in mounts]
    outside = [path for path in (places.keys_file, places.actors) if not data.holds(path)]
    folders = {path.parent for path in outside}
    named = [Root(each, frozenset(path.name for path in outside if path.parent == each)) for each in sorted(folders)]
    return [*mounted, data, *named]


def root_of(roots: Iterable[Root], path: Path) -> Root:
    """The root to which a file belongs."""
    return next(root for root in roots if root.holds(path))


def coming_path(roots: Iterable[Root], path: Path) -> Path:
    """Where a file is laid before it is put in place."""
    root = root_of(roots, path)
    return root.coming / path.relative_to(root.folder)


def swap(places: Places, roots: Sequence[Root], name: str, *, moved: Callable[[], None] = lambda: None) -> list[Path]:
    """Put what lies ready in the place of what is there; where that is kept now. `moved` hears of each move."""
    going = [(path, _before(root, name) / path.name) for root in roots for path in root.replaced(roots, places.backups)]
    coming = [(path, root.folder / path.name) for root in roots for path in _entries(root.coming)]
    for _, target in going:
        private_files.make_folder(target.parent)
    moves = [*going, *coming]
    written = json.dumps([[str(source.absolute()), str(target.absolute())] for source, target in moves])
    private_files.write(_journal(places), written.encode())
    try:
        for source, target in moves:
            source.rename(target)
            moved()
        _synced(roots)
    except OSError as error:
        undo(places)
        raise PlaceRefused(str(error)) from error
    _journal(places).unlink()  # from here on it is done
    private_files.sync_folder(places.data)
    for root in roots:
        shutil.rmtree(root.coming, ignore_errors=True)
    return sorted({target.parent for _, target in going})


def undo(places: Places) -> bool:
    """Take back the moves of a restore that was cut short; False where there is none."""
    journal = _journal(places)
    if not journal.exists():
        return False
    for source, target in reversed(json.loads(journal.read_bytes())):
        if Path(target).exists() and not Path(source).exists():
            Path(target).rename(source)
        if Path(target).parent.name.startswith(BEFORE):
            with contextlib.suppress(OSError):  # others are still in it
                Path(target).parent.rmdir()
    _synced(roots_of(places))
    journal.unlink()
    private_files.sync_folder(places.data)
    return True


def clear(roots: Iterable[Root]) -> None:
    """Remove what was laid ready and never put in place."""
    for root in roots:
        if root.coming.exists():
            shutil.rmtree(root.coming)


def _before(root: Root, name: str) -> Path:
    """A folder that is not there yet: the same backup may be restored twice."""
    at, target = 1, root.folder / f"{BEFORE}{name}"
    while target.exists():
        at += 1
        target = root.folder / f"{BEFORE}{name}-{at}"
    return target


def _journal(places: Places) -> Path:
    return places.data / RESTORE_JOURNAL


def _mounts() -> frozenset[Path]:
    """What is mounted here; a volume may be of the same device as the folder that it is mounted in."""
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:  # no Linux, and so no container
        return frozenset()
    return frozenset(
        Path(re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), line.split(" ")[4])) for line in lines
    )


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _synced(roots: Iterable[Root]) -> None:
    for root in roots:
        if root.folder.is_dir():
            private_files.sync_folder(root.folder)
