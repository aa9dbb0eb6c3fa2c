"""Files to documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tillhand_rag.domain.documents import ParsedDocument


class Parser(Protocol):
    """Turns bytes into documents."""

    def parse(self, data: bytes, *, filename: str, media_type: str | None) -> Sequence[ParsedDocument]:
        """At least one document with text. Raises a `DocumentProblem` that says what is wrong with the file."""
        ...
