"""How large a document may be, in every dimension in which a file can grow."""

from __future__ import annotations

from dataclasses import dataclass

from tillhand_rag.errors import OversizedDocument


@dataclass(frozen=True, slots=True)
class ParserLimits:
    """Upper bounds, each of them checked before the work that it bounds."""

    max_bytes: int = 32 * 1024 * 1024
    max_unpacked_bytes: int = 32 * 1024 * 1024
    max_markup_bytes: int = 16 * 1024 * 1024
    max_pages: int = 2_000
    max_characters: int = 5_000_000
    max_records: int = 100_000

    def check_bytes(self, size: int) -> None:
        """Raise `OversizedDocument` when the file itself is too large."""
        self._check("The file holds", size, self.max_bytes, "bytes")

    def check_unpacked(self, size: int) -> None:
        """Raise `OversizedDocument` when the archive would unpack to too much."""
        self._check("The archive unpacks to", size, self.max_unpacked_bytes, "bytes")

    def check_markup(self, size: int) -> None:
        """Raise `OversizedDocument` when there is more XML than can be held as a tree."""
        self._check("The document's XML holds", size, self.max_markup_bytes, "bytes")

    def check_pages(self, pages: int) -> None:
        """Raise `OversizedDocument` when there are too many pages."""
        self._check("The document holds", pages, self.max_pages, "pages")

    def check_characters(self, characters: int) -> None:
        """Raise `OversizedDocument` when there is too much text."""
        self._check("The text holds", characters, self.max_characters, "characters")

    def check_records(self, records: int) -> None:
        """Raise `OversizedDocument` when there are too many rows or records."""
        self._check("The file holds", records, self.max_records, "records")

    def _check(self, subject: str, actual: int, limit: int, unit: str) -> None:
        if actual > limit:
            raise OversizedDocument(f"{subject} {actual:,} {unit}; {limit:,} are allowed.")


LIMITS = ParserLimits()
"""What holds unless it is set otherwise."""
