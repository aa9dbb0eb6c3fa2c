"""Which folder serves which index: one small file, replaced as a whole, so that a swap happens or does not.

    rag/layout.json           the placements
    rag/indexes/main-000001/  a generation: what `open_store` opens

Whatever lies in `indexes` and is named by no placement was left by a process that died; `sweep` removes it.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from tillhand_common import private_files
from tillhand_rag.domain.indexes import MAIN, Generation, IndexSpec, Placement
from tillhand_rag.errors import StoreDamaged
from tillhand_rag.store.library import TRUTH_FILE

LAYOUT_FILE: Final = "layout.json"
FOLDER: Final = "indexes"

VERSION: Final = 1
_OLD_PARTS: Final = (f"{TRUTH_FILE}-wal", f"{TRUTH_FILE}-shm", "keywords", "vectors", TRUTH_FILE)
"""What lay in the root before there were generations; the truth itself is moved last."""
_NUMBERED: Final = re.compile(r"-(\d+)$")


class Layout:
    """The placements of one data directory; the process that owns the directory is the only one to change them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._placements: dict[str, Placement] = {}
        if (root / LAYOUT_FILE).exists():
            self._placements = _read(root / LAYOUT_FILE)

    @property
    def placements(self) -> Mapping[str, Placement]:
        """Every index by its name."""
        return self._placements

    def folder(self, generation: Generation) -> Path:
        """Where a generation lies."""
        return self._root / FOLDER / generation.name

    def next_generation(self, index: str, spec: IndexSpec, made_at: str) -> Generation:
        """A generation that does not exist yet; its number is higher than any that was placed or left behind."""
        names = [path.name for path in (self._root / FOLDER).glob("*")] if (self._root / FOLDER).is_dir() else []
        names += [each.name for placed in self._placements.values() for each in placed.generations]
        numbers = [int(found[1]) for name in names if (found := _NUMBERED.search(name))]
        return Generation(f"{index}-{max(numbers, default=0) + 1:06d}", spec, made_at)

    def place(self, index: str, placement: Placement | None) -> None:
        """Let this placement be the index's from now on, durably; None forgets the index."""
        changed = {name: placed for name, placed in self._placements.items() if name != index}
        self._write(changed if placement is None else {**changed, index: placement})

    def place_all(self, placements: Mapping[str, Placement]) -> None:
        """Place several indexes at once: all of them, or none."""
        self._write({**self._placements, **placements})

    def _write(self, changed: dict[str, Placement]) -> None:
        described = {"version": VERSION, "indexes": {name: asdict(placed) for name, placed in changed.items()}}
        private_files.write(self._root / LAYOUT_FILE, json.dumps(described, indent=2).encode())
        self._placements = changed

    def adopt_unplaced(self, spec: IndexSpec, made_at: str) -> None:
        """Make what lies in the root itself, as it did before there were generations, the main index's first one.

        May be interrupted anywhere: the placement is written last, and what has been moved already stays moved.
        """
        if MAIN in self._placements:
            return
        first = Generation(f"{MAIN}-000001", spec, made_at)
        target = self.folder(first)
        if not (self._root / TRUTH_FILE).exists() and not (target / TRUTH_FILE).exists():
            return
        private_files.make_folder(target)
        for part in _OLD_PARTS:
            if (self._root / part).exists():
                (self._root / part).rename(target / part)
        model = _recorded_model(target / TRUTH_FILE) or spec.model
        self.place(MAIN, Placement(replace(first, spec=replace(spec, model=model))))

    def sweep(self) -> list[str]:
        """Remove the folders that no placement names; their names."""
        kept = {each.name for placed in self._placements.values() for each in placed.generations}
        found = (self._root / FOLDER).iterdir() if (self._root / FOLDER).is_dir() else ()
        orphans = [path for path in found if path.name not in kept]
        for path in orphans:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return sorted(path.name for path in orphans)


def _recorded_model(truth: Path) -> str | None:
    """The model whose vectors a truth holds, if it says."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(truth))}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT value FROM meta WHERE name = 'space'").fetchone()
    except sqlite3.DatabaseError:
        return None
    return str(json.loads(row[0])["model"]) if row else None


def _read(path: Path) -> dict[str, Placement]:
    try:
        described = json.loads(path.read_bytes())
        if described["version"] != VERSION:
            raise StoreDamaged(f"{path} is of a later version. Start the version that wrote it.")
        return {name: _placement(placed) for name, placed in described["indexes"].items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreDamaged(f"{path} cannot be read. Restore it from a backup.") from error


def _placement(described: Mapping[str, Any]) -> Placement:
    return Placement(
        _generation(described["live"]),
        described["previous"] and _generation(described["previous"]),
        described["building"] and _generation(described["building"]),
    )


def _generation(described: Mapping[str, Any]) -> Generation:
    return Generation(described["name"], IndexSpec(**described["spec"]), described["made_at"])


def holds_documents(folder: Path) -> bool:
    """Whether a generation holds any document: False for one that was never opened, True for one beyond reading."""
    if not (folder / TRUTH_FILE).exists():
        return False
    try:
        with closing(sqlite3.connect(f"file:{quote(str(folder / TRUTH_FILE))}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT 1 FROM documents LIMIT 1").fetchone() is not None
    except sqlite3.DatabaseError:
        return True
