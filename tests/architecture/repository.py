"""What the architecture tests look at: the repository's own files, as a commit would hold them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BINARY = {".pdf", ".docx", ".png", ".onnx", ".gz", ".ico", ".woff2", ".xz"}


@dataclass(frozen=True)
class Repository:
    """The repository's root, its files by path, and its members by folder."""

    root: Path
    files: tuple[str, ...]

    def texts(self, *suffixes: str) -> Iterator[tuple[str, str]]:
        """Path and content of every text file, or of those with one of the suffixes or names."""
        for path in self.files:
            if Path(path).suffix in BINARY or (suffixes and not path.endswith(suffixes)):
                continue
            yield path, (self.root / path).read_text(encoding="utf-8")

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def members(self, kind: str) -> list[str]:
        return sorted(project.parent.name for project in (self.root / kind).glob("*/pyproject.toml"))

    @property
    def packages(self) -> list[str]:
        return sorted(f"tillhand_{name}" for kind in ("libs", "services") for name in self.members(kind))
