"""Where the vendors' schemas lie."""

from __future__ import annotations

import sys
from pathlib import Path


class SchemasMissing(RuntimeError):
    """A vendor's schema has not been fetched into this environment."""


def folder() -> Path:
    """Where `python tools/schemas.py` puts them: beside the packages of the environment that this runs in."""
    return Path(sys.prefix) / "share" / "tillhand" / "schemas"


def read(name: str) -> bytes:
    """Return the content of one of the files."""
    path = folder() / name
    try:
        return path.read_bytes()
    except FileNotFoundError as missing:
        raise SchemasMissing(f"{path} is missing; `python tools/schemas.py` fetches it") from missing
