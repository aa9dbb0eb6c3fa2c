"""Golden questions out of a file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from tillhand_rag.adapters.goldens import load_goldens


def golden_questions(path: Path) -> list[dict[str, Any]]:
    """The golden questions of a file as the service takes them. Raises `InvalidData`."""
    return [asdict(golden) for golden in load_goldens(path)]
