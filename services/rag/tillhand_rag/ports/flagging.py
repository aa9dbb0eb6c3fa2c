"""Text that reads like an instruction to a language model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Flagged(Protocol):
    """A span of a text that reads so; half-open, in code points."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


class Flag(Protocol):
    """Finds such spans."""

    def __call__(self, text: str, context: str = "", /) -> Sequence[Flagged]:
        """Those of a passage, in order of their starts; `context` is more of its document: title, headings."""
        ...


def unflagged(_text: str, _context: str = "", /) -> Sequence[Flagged]:
    """Finds none."""
    return ()
