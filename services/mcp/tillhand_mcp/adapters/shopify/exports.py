"""Exports that have come: JSONL files of mode 0600, the newest few, which agents read as resources."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from tillhand_common.private_files import make_folder
from tillhand_mcp.domain.tools import Content, Resource
from tillhand_mcp.errors import ToolRefused
from tillhand_mcp.ports.toolbox import Caller

SCHEME: Final = "shopify-export"
KEPT: Final = 20
FIRST_ROWS: Final = 20
LARGEST_READ: Final = 4 * 1024 * 1024
MIME: Final = "application/jsonl"
_NAME: Final = re.compile(r"[a-z]+-\d{1,20}")


@dataclass(frozen=True, slots=True)
class Kept:
    """A whole export, and its first rows."""

    uri: str
    size_bytes: int
    sha256: str
    first: list[dict[str, Any]]


class Exports:
    """The folder, as a shelf of resources too."""

    scheme = SCHEME

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, name: str, chunks: AsyncIterator[bytes]) -> Kept:
        """Write what comes, whole or not at all, whoever else fetches the same meanwhile."""
        make_folder(self._folder)
        path, temporary = self._folder / f"{name}.jsonl", self._folder / f".{name}.{secrets.token_hex(8)}.tmp"
        digest, size = hashlib.sha256(), 0
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                async for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    await asyncio.to_thread(file.write, chunk)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        self._forget()
        first = await asyncio.to_thread(_first_rows, path)
        return Kept(f"{SCHEME}://{name}", size, digest.hexdigest(), first)

    async def resources(self, caller: Caller, cursor: str | None) -> tuple[Sequence[Resource], str | None]:  # noqa: ARG002  # the port's
        """All that are kept, newest first."""
        return [
            Resource(f"{SCHEME}://{path.stem}", path.stem, f"Export {path.stem}", "", MIME, path.stat().st_size)
            for path in self._files()
        ], None

    async def read(self, caller: Caller, uri: str) -> Content | None:  # noqa: ARG002  # the port's
        """The text of one. Raises `ToolRefused` where it is too large for a message."""
        path = self.file(uri.removeprefix(f"{SCHEME}://"))
        if path is None:
            return None
        if path.stat().st_size > LARGEST_READ:
            raise ToolRefused(
                f"The export is larger than {LARGEST_READ} bytes; GET /v1/exports/{path.stem} gives it.",
                extensions={"reason": "too-large"},
            )
        return Content(uri, MIME, await asyncio.to_thread(path.read_text, "utf-8"))

    def file(self, name: str) -> Path | None:
        """Where one lies, by its name without the scheme."""
        path = self._folder / f"{name}.jsonl"
        return path if _NAME.fullmatch(name) and path.is_file() else None

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.jsonl"), key=lambda path: (-path.stat().st_mtime_ns, path.name))

    def _forget(self) -> None:
        for path in self._files()[KEPT:]:
            path.unlink(missing_ok=True)


def _first_rows(path: Path) -> list[dict[str, Any]]:
    with path.open("rb") as file:
        return [orjson.loads(line) for _, line in zip(range(FIRST_ROWS), file, strict=False)]
